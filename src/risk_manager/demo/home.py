"""The demo's home folder: the accounts of the played venue, and rules that a script can break in seconds."""

from pathlib import Path

from risk_manager.demo.processes import PlayedVenue

_ACCOUNTS = """\
gateway:
  api: {api}
  user_hub: {user_hub}
  market_hub: {market_hub}
accounts:
"""
_ACCOUNT = """\
  - {{account_id: {account_id}, username: {username}, api_key: "{api_key}", nickname: {nickname}}}
"""


def furnish(folder: Path, venue: PlayedVenue, *, rules: str, nicknames: dict[int, str], port: int) -> None:
    """Write the configuration of a home that watches accounts of a played venue; `rules` is YAML."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    accounts = _ACCOUNTS.format(api=venue.api, user_hub=venue.user_hub, market_hub=venue.market_hub)
    for account_id, nickname in nicknames.items():
        accounts += _ACCOUNT.format(
            account_id=account_id, username=venue.username, api_key=venue.api_key, nickname=nickname
        )
    (config / "accounts.yaml").write_text(accounts, encoding="utf-8")
    (config / "risk_config.yaml").write_text(f"local_api: {{port: {port}}}\n{rules}", encoding="utf-8")
