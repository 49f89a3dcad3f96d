"""What the engine remembers of an account, as rows for the store, and back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from risk_manager.core.model.account import Account
from risk_manager.core.model.order import Order
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.clocks import ConditionClocks
from risk_manager.core.state.enforcements import BreachKey, Enforcements
from risk_manager.core.state.lockouts import Lockout, Lockouts
from risk_manager.core.state.memory import Memory
from risk_manager.core.state.orders import Orders
from risk_manager.core.state.positions import Fill, Holding, Positions
from risk_manager.core.state.trades import DaySum, Trades

Parts = Mapping[str, Mapping[Any, object]]
Row = TypeVar("Row")
REST = "rest"
"""The key of the one row that holds what has no table of its own."""


class TimedCondition(msgspec.Struct, frozen=True):
    """Since when a rule's condition has been true."""

    rule: str
    subject: str
    since: datetime


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """What of an account has no table of its own; enforcements under way end with the process."""

    account: Account
    now: datetime
    order_seen_at: dict[int, datetime]
    own_orders: list[int]
    own_trades: list[int]
    shown_at: dict[str, datetime]
    unshown: dict[str, list[Fill]]
    unexplained: dict[str, int]
    increases: int
    cleared: list[tuple[BreachKey, str | None]]
    vanished: bool
    peak_open_total: Decimal | None


def urgent_parts(memory: Memory) -> Parts:
    """List what must be safe before a request leaves: locks, running clocks, and what has no table of its own."""
    return {
        "lockouts": {"|".join(map(str, key)): lock for key, lock in memory.lockouts.by_key.items()},
        "timers": {
            f"{rule}|{subject}": TimedCondition(rule, subject, since)
            for rule, subjects in memory.clocks.since.items()
            for subject, since in subjects.items()
        },
        "account_state": {REST: _rest_of(memory)},
    }


def parts_of(memory: Memory) -> Parts:
    """List everything, by table and key."""
    return {
        **urgent_parts(memory),
        "trades": memory.trades.by_id,
        "orders": memory.orders.by_id,
        "positions": memory.positions.held,
        "daily_pnl": {day.isoformat(): total for day, total in memory.trades.sums.items()},
    }


def memory_of(rows: Mapping[str, Mapping[str, str]]) -> Memory | None:
    """Build a memory from stored rows (JSON by table and key); None where nothing usable is stored.

    A row that no longer fits is left out: the next picture of the venue brings what it held.
    """
    rest = _read(rows.get("account_state", {}), Rest).get(REST)
    if rest is None:
        return None
    trades = {int(key): trade for key, trade in _read(rows.get("trades", {}), Trade).items()}
    orders = {int(key): order for key, order in _read(rows.get("orders", {}), Order).items()}
    locks = _read(rows.get("lockouts", {}), Lockout).values()
    memory = Memory(
        rest.account,
        rest.now,
        positions=Positions(
            held=_read(rows.get("positions", {}), Holding),
            shown_at=rest.shown_at,
            unshown=rest.unshown,
            unexplained=rest.unexplained,
            counter=rest.increases,
        ),
        orders=_orders_of(orders, rest),
        trades=_trades_of(trades, rest, _read(rows.get("daily_pnl", {}), DaySum)),
        lockouts=Lockouts({lock.key: lock for lock in locks}),
        enforcements=Enforcements(cleared={breach: _number(text) for breach, text in rest.cleared}),
        vanished=rest.vanished,
        peak_open_total=rest.peak_open_total,
    )
    memory.clocks = _clocks_of(_read(rows.get("timers", {}), TimedCondition).values())
    return memory


def _rest_of(memory: Memory) -> Rest:
    return Rest(
        account=memory.account,
        now=memory.now,
        order_seen_at=memory.orders.seen_at,
        own_orders=sorted(memory.orders.own),
        own_trades=sorted(memory.trades.own),
        shown_at=memory.positions.shown_at,
        unshown=memory.positions.unshown,
        unexplained=memory.positions.unexplained,
        increases=memory.positions.counter,
        cleared=[
            (breach, None if severity is None else str(severity))
            for breach, severity in memory.enforcements.cleared.items()
        ],
        vanished=memory.vanished,
        peak_open_total=memory.peak_open_total,
    )


def _orders_of(orders: dict[int, Order], rest: Rest) -> Orders:
    seen_at = {order_id: rest.order_seen_at.get(order_id, rest.now) for order_id in orders}
    working = {order_id: order for order_id, order in orders.items() if order.is_working}
    return Orders(by_id=orders, working=working, seen_at=seen_at, own=set(rest.own_orders))


def _trades_of(trades: dict[int, Trade], rest: Rest, sums: Mapping[str, DaySum]) -> Trades:
    by_order: dict[int, list[int]] = {}
    for trade in trades.values():
        by_order.setdefault(trade.order_id, []).append(trade.trade_id)
    days = {date.fromisoformat(day): total for day, total in sums.items()}
    return Trades(by_id=trades, by_order=by_order, own=set(rest.own_trades), sums=days)


def _clocks_of(conditions: Iterable[TimedCondition]) -> ConditionClocks:
    clocks = ConditionClocks()
    for condition in conditions:
        clocks.since.setdefault(condition.rule, {})[condition.subject] = condition.since
    return clocks


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _read(rows: Mapping[str, str], row_type: type[Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for key, body in rows.items():
        try:
            found[key] = msgspec.json.decode(body, type=row_type)
        except msgspec.ValidationError:
            continue
    return found
