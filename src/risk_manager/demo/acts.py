"""The story: a trader who breaks each rule in turn, and also does what must not be stopped."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from risk_manager.demo.trader import Trader, Truth, is_flat, size_of, working

MAIN, DAY, OPEN, TARGET, BUSY, PAUSED, BARE, GUARDED = 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008
NICKNAMES = {
    MAIN: "Main",
    DAY: "Day",
    OPEN: "Open",
    TARGET: "Target",
    BUSY: "Busy",
    PAUSED: "Paused",
    BARE: "Bare",
    GUARDED: "Guarded",
}
_POSITION, _TRADE, _ORDER, _ACCOUNT = (
    "GatewayUserPosition",
    "GatewayUserTrade",
    "GatewayUserOrder",
    "GatewayUserAccount",
)
_QUOTE = "GatewayQuote"


def rules_yaml(now: datetime) -> str:
    """Write the demo's rules; `now` (with the zone's offset) puts the session of GC where it is closed."""
    opens, closes = now + timedelta(hours=6), now + timedelta(hours=7)
    return f"""\
feed: {{poll_every: 5s, slow_poll_every: 30s}}
rules:
  max_contracts: {{limit: 5, count_type: gross}}
  max_contracts_per_instrument: {{limits: {{MNQ: 2}}, unknown_symbol_action: allow_unlimited}}
  symbol_blocks: {{blocked_symbols: [CL]}}
  session_block_outside:
    per_instrument_sessions:
      GC: {{start: "{opens:%H:%M}", end: "{closes:%H:%M}", timezone: UTC}}
    days: [mon, tue, wed, thu, fri, sat, sun]
  auth_loss_guard: {{}}
overrides:
  {DAY}: {{rules: {{daily_realized_loss: {{loss_limit: 200}}}}}}
  {OPEN}: {{rules: {{daily_unrealized_loss: {{loss_limit: 150}}}}}}
  {TARGET}: {{rules: {{max_unrealized_profit: {{profit_target: 100}}, daily_realized_profit: {{profit_target: 180}}}}}}
  {BUSY}: {{rules: {{trade_frequency_limit: {{limits: {{per_minute: 3}}}}}}}}
  {PAUSED}: {{rules: {{cooldown_after_loss: {{loss_thresholds: [{{loss_amount: 50, cooldown: 10m}}]}}}}}}
  {BARE}: {{rules: {{no_stop_loss_grace: {{grace_period: 2s}}}}}}
  {GUARDED}: {{rules: {{trade_management: {{auto_stop: {{ticks: 40}}}}}}}}
"""


@dataclass(frozen=True, slots=True)
class Act:
    """One scene: what the trader does, and how the venue must look afterwards.

    `trigger` is the venue's event that makes the breach known; empty where time alone does, and where nothing
    must happen (`is_breach` False).
    """

    name: str
    account: int
    do: Callable[[Trader], Awaitable[object]]
    then: Callable[[Truth], bool]
    trigger: str = _POSITION
    is_breach: bool = True


def acts() -> Sequence[Act]:
    """List the scenes in order."""
    return (
        Act("at the limit: five MES are fine", MAIN, _buys(MAIN, 5, "MES"), _holds("MES", 5), is_breach=False),
        Act("max_contracts: a sixth contract", MAIN, _buys(MAIN, 1, "MES"), is_flat),
        Act("two MNQ with a stop are fine", MAIN, _buys_with_stop, _holds("MNQ", 2), is_breach=False),
        Act("max_contracts_per_instrument: a third MNQ", MAIN, _buys(MAIN, 1, "MNQ"), _holds("MNQ", 2)),
        Act("he takes his stop away and gets out", MAIN, _gets_out, is_flat, is_breach=False),
        Act("symbol_blocks: an order in CL", MAIN, _rests(MAIN, "CL"), is_flat, _ORDER),
        Act("session_block_outside: GC outside its hours", MAIN, _buys(MAIN, 1, "GC"), is_flat, _ORDER),
        Act("a small loss is no reason", DAY, _loses(DAY, 20), is_flat, is_breach=False),
        Act("daily_realized_loss: the day's loss reaches 200", DAY, _loses(DAY, 50), _is_flat_and_done, _TRADE),
        Act("a position opened in spite of the lock", DAY, _buys(DAY, 1, "MES"), is_flat, _ORDER),
        Act("an order placed in spite of the lock", DAY, _rests(DAY, "MES"), is_flat, _ORDER),
        Act("daily_unrealized_loss: 150 down", OPEN, _falls, is_flat, _QUOTE),
        Act("max_unrealized_profit: 100 up", TARGET, _rises, is_flat, _QUOTE),
        Act("daily_realized_profit: enough for today", TARGET, _rises, is_flat, _QUOTE),
        Act("trade_frequency_limit: a fourth trade in a minute, and one more", BUSY, _churns, is_flat, _ORDER),
        Act("cooldown_after_loss: a loss, and at once again", PAUSED, _revenges, is_flat, _ORDER),
        Act("no_stop_loss_grace: two seconds without a stop", BARE, _buys(BARE, 1, "MES"), is_flat, ""),
        Act("trade_management: a bare position gets a stop", GUARDED, _buys(GUARDED, 1, "MES"), _has_a_stop),
        Act("auth_loss_guard: the platform takes the permission away", GUARDED, _is_banned, is_flat, _ACCOUNT),
    )


def _buys(account: int, size: int, contract: str) -> Callable[[Trader], Awaitable[object]]:
    return lambda trader: trader.order(account, "buy", size, contract)


def _rests(account: int, contract: str) -> Callable[[Trader], Awaitable[object]]:
    async def rest(trader: Trader) -> None:
        price = await trader.price(contract)
        tick = Decimal("0.25") if contract == "MES" else Decimal("0.01")
        await trader.order(account, "buy", 1, contract, type="limit", limit=str(price - 20 * tick))

    return rest


async def _buys_with_stop(trader: Trader) -> None:
    await trader.order(MAIN, "buy", 2, "MNQ")
    await trader.order(MAIN, "sell", 2, "MNQ", type="stop", stop=str(await trader.price("MNQ") - 40))


async def _gets_out(trader: Trader) -> None:
    for order in working(await trader.venue.account(MAIN)):
        await trader.venue.do("cancel", account=MAIN, order=order)
    await trader.venue.do("close", account=MAIN, contract="MNQ")


def _loses(account: int, points: int) -> Callable[[Trader], Awaitable[object]]:
    """Two MNQ, so many points down and out: four dollars a point."""

    async def lose(trader: Trader) -> None:
        await trader.order(account, "buy", 2, "MNQ")
        await trader.sees(account, _holds("MNQ", 2), within=5)
        await trader.move_price("MNQ", Decimal(-points))
        await trader.venue.do("close", account=account, contract="MNQ")

    return lose


async def _falls(trader: Trader) -> None:
    await trader.order(OPEN, "buy", 2, "MNQ")
    await trader.sees(OPEN, _holds("MNQ", 2), within=5)
    await trader.move_price("MNQ", Decimal(-20))
    await trader.move_price("MNQ", Decimal(-20))


async def _rises(trader: Trader) -> None:
    await trader.order(TARGET, "buy", 2, "MNQ")
    await trader.sees(TARGET, _holds("MNQ", 2), within=5)
    await trader.move_price("MNQ", Decimal(27))


async def _churns(trader: Trader) -> None:
    for side in ("buy", "sell", "buy", "sell"):
        await trader.order(BUSY, side, 1, "MES")
        await trader.sees(BUSY, _holds("MES", 1 if side == "buy" else 0), within=5)
    await trader.order(BUSY, "buy", 1, "MES")
    await trader.sees(BUSY, _holds("MES", 1), within=1)


async def _revenges(trader: Trader) -> None:
    await _loses(PAUSED, 15)(trader)
    await trader.sees(PAUSED, is_flat, within=5)
    await trader.order(PAUSED, "buy", 3, "MES")
    await trader.sees(PAUSED, _holds("MES", 3), within=1)


async def _is_banned(trader: Trader) -> None:
    await trader.venue.do("account", account=GUARDED, can_trade=False)


def _holds(root: str, size: int) -> Callable[[Truth], bool]:
    return lambda truth: size_of(truth, root) == size


def _is_flat_and_done(truth: Truth) -> bool:
    return is_flat(truth) and any(trade["profitAndLoss"] is not None for trade in truth["trades"])


def _has_a_stop(truth: Truth) -> bool:
    stops = [one for one in truth["orders"] if one["status"] == 1 and one["type"] in (4, 5)]
    return size_of(truth, "MES") == 1 and len(stops) == 1
