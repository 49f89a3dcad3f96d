"""The rules of the soak as plain numbers, and as the YAML that the daemon reads."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

OPENING = datetime.fromisoformat("2026-11-24T15:00:00+00:00")
"""The venue's instant at which every soak begins: a Tuesday morning in Chicago."""
GUARDED, DAY_LOSER, DAY_WINNER = 2001, 2002, 2003
ACCOUNTS = (GUARDED, DAY_LOSER, DAY_WINNER, 2004)
NEVER = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one account may do. Money in dollars, times in seconds."""

    contracts: int = 6
    per_root: dict[str, int] = field(default_factory=lambda: {"MNQ": 3, "MES": 4})
    day_loss: Decimal = NEVER
    day_profit: Decimal = NEVER
    open_loss: Decimal = Decimal(120)
    open_profit: Decimal = Decimal(150)
    orders_a_minute: int = 16
    frequency_pause: float = 15.0
    big_loss: Decimal = Decimal(90)
    loss_pause: float = 12.0
    grace: float = 5.0
    blocked: frozenset[str] = frozenset({"MGC"})
    session_root: str = "MYM"
    session_end: datetime = OPENING
    stop_ticks: int | None = None
    """The stop that the daemon itself attaches; None: none."""


def limits(minutes: float) -> dict[int, Limits]:
    """The limits of every account, for a soak of that length; the session of one root ends in the middle of it."""
    end = OPENING + timedelta(minutes=max(1, int(minutes / 2)))
    return {
        GUARDED: Limits(stop_ticks=60, session_end=end),
        DAY_LOSER: Limits(day_loss=Decimal(350), session_end=end),
        DAY_WINNER: Limits(day_profit=Decimal(250), session_end=end),
        2004: Limits(session_end=end, contracts=5),
    }


def rules_yaml(all_limits: dict[int, Limits]) -> str:
    """Write them as the daemon's configuration: every rule is on, trade management for one account."""
    plain = all_limits[2004]
    sections = "".join(_override(account_id, one) for account_id, one in all_limits.items())
    roots = ", ".join(f"{root}: {most}" for root, most in plain.per_root.items())
    return f"""\
feed: {{poll_every: 1s, slow_poll_every: 4s}}
quotes: {{stale_after_seconds: 3}}
rules:
  max_contracts_per_instrument:
    limits: {{{roots}}}
    unknown_symbol_action: allow_unlimited
  daily_unrealized_loss: {{loss_limit: {plain.open_loss}}}
  max_unrealized_profit: {{profit_target: {plain.open_profit}}}
  trade_frequency_limit:
    limits: {{per_minute: {plain.orders_a_minute}}}
    cooldowns: {{per_minute: {plain.frequency_pause:.0f}s}}
  cooldown_after_loss:
    loss_thresholds: [{{loss_amount: {plain.big_loss}, cooldown: {plain.loss_pause:.0f}s}}]
  no_stop_loss_grace: {{grace_period: {plain.grace:.0f}s}}
  session_block_outside:
    per_instrument_sessions:
      {plain.session_root}: {{start: "09:00", end: "{plain.session_end:%H:%M}", timezone: UTC}}
  auth_loss_guard: {{verify_every: 5s}}
  symbol_blocks: {{blocked_symbols: [{", ".join(sorted(plain.blocked))}]}}
overrides:
{sections}"""


def _override(account_id: int, one: Limits) -> str:
    managed = f", trade_management: {{auto_stop: {{ticks: {one.stop_ticks}}}}}" if one.stop_ticks else ""
    return (
        f"  {account_id}: {{rules: {{max_contracts: {{limit: {one.contracts}, count_type: gross}}, "
        f"daily_realized_loss: {{loss_limit: {one.day_loss}}}, "
        f"daily_realized_profit: {{profit_target: {one.day_profit}}}{managed}}}}}\n"
    )
