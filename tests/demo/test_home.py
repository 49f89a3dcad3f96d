"""The demo's home folder."""

import asyncio
from pathlib import Path
from typing import cast

import aiohttp

from risk_manager.config.configuration import load
from risk_manager.config.files import home_at
from risk_manager.demo.home import furnish
from risk_manager.demo.processes import PlayedVenue


def venue() -> PlayedVenue:
    base = "http://127.0.0.1:9"
    return PlayedVenue(
        api=base,
        user_hub=f"{base}/hubs/user",
        market_hub=f"{base}/hubs/market",
        username="trader",
        api_key="simulated-key",
        control=f"{base}/control",
        accounts=(1, 2),
        process=cast("asyncio.subprocess.Process", None),  # furnishing a home starts nothing
        session=cast("aiohttp.ClientSession", None),  # and speaks to nobody
    )


def test_a_furnished_home_is_a_configuration_that_a_daemon_takes(tmp_path: Path) -> None:
    furnish(tmp_path, venue(), rules="rules: {max_contracts: {limit: 2}}\n", nicknames={1: "One", 2: "Two"}, port=4711)
    configuration = load(home_at(str(tmp_path)))
    assert [(one.account_id, one.nickname) for one in configuration.enabled_accounts] == [(1, "One"), (2, "Two")]
    assert configuration.settings.local_api.port == 4711
    assert configuration.gateway.api == "http://127.0.0.1:9"
