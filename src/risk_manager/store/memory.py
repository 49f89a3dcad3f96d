"""What the core knows of an account, as rows and back again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypedDict, TypeVar

from risk_manager.core.actions import Action, Lock, LockMode, MoveStop, PlaceStop
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import Order
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.clocks import ConditionClocks
from risk_manager.core.state.enforcements import Aims, Enforcement, Enforcements
from risk_manager.core.state.lockouts import Lockout, Lockouts, key_of
from risk_manager.core.state.memory import Memory
from risk_manager.core.state.orders import Orders
from risk_manager.core.state.positions import Fill, Holding, Positions
from risk_manager.core.state.stop_requests import StopRequests
from risk_manager.core.state.trades import DaySum, Trades
from risk_manager.store.snapshots import SEEN, Parts, Snapshots

_DAYS_IN_MEMORY = timedelta(days=4)  # the table keeps every day, the core needs the last few

Kind = TypeVar("Kind")
_Severity = tuple[str, str]  # kind and digits: JSON alone would make one of 5 and 5.0
_Lock = tuple[str, str | None, LockMode, str]


@dataclass(slots=True)
class _StoredEnforcement:
    """An enforcement without keys of several parts, which JSON does not have."""

    key: tuple[str, str, str]
    positions: list[tuple[str, int, int]]
    orders: list[tuple[int, int]]
    locks: list[_Lock]
    severity: _Severity | None
    lasting: bool


@dataclass(slots=True)
class _Loose:
    """What an account has only one of."""

    blind_since: datetime | None = None
    vanished: bool = False
    peak_open_total: Decimal | None = None
    increases: int = 0
    unshown: dict[str, list[Fill]] = field(default_factory=dict)
    unexplained: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Seen:
    """When the venue last told: all that a picture without news changes."""

    now: datetime
    shown_at: dict[str, datetime] = field(default_factory=dict)
    orders_seen_at: dict[int, datetime] = field(default_factory=dict)


class _Timer(TypedDict):
    rule: str
    subject: str
    since: datetime


def parts_of(memory: Memory) -> Parts:
    """List all of a memory as rows, for `Snapshots.save`; trades and orders are passed on as they are."""
    positions, orders = memory.positions, memory.orders
    return {
        "positions": positions.held,
        "orders": orders.by_id,
        "trades": memory.trades.by_id,
        "daily_pnl": memory.trades.sums,
        "lockouts": {_lock_key(lock): lock for lock in memory.lockouts.by_key.values()},
        "timers": {
            f"{rule}|{subject}": _Timer(rule=rule, subject=subject, since=since)
            for rule, subjects in memory.clocks.since.items()
            for subject, since in subjects.items()
        },
        "account_state": {
            "account": memory.account,
            "loose": _Loose(
                blind_since=memory.blind_since,
                vanished=memory.vanished,
                peak_open_total=memory.peak_open_total,
                increases=positions.counter,
                unshown=positions.unshown,
                unexplained=positions.unexplained,
            ),
            SEEN: _Seen(
                now=memory.now,
                shown_at=positions.shown_at,
                orders_seen_at={order_id: orders.seen_at[order_id] for order_id in orders.working},
            ),
            "stop_requests": memory.stop_requests,
            "own_orders": sorted(orders.own),
            "own_trades": sorted(memory.trades.own),
            "enforcements": [_stored(key, one) for key, one in memory.enforcements.by_key.items()],
            "cleared": [(key, _stored_severity(one)) for key, one in memory.enforcements.cleared.items()],
        },
    }


def set_by(actions: Iterable[Action], memory: Memory) -> Parts:
    """List the rows that must be safe before the requests of a plan leave: its locks, and the stops it asks for.

    Nobody else knows of a lock; and a stop that was asked for, forgotten, would be asked for twice. The rest of an
    account's memory is written soon, or told by the venue again.
    """
    locks: dict[str, Lockout] = {}
    asks_for_stops = False
    for action in actions:
        if isinstance(action, Lock):
            lock = memory.lockouts.by_key.get(key_of(action))
            if lock is not None:  # in shadow mode there is none
                locks[_lock_key(lock)] = lock
        elif isinstance(action, PlaceStop | MoveStop):
            asks_for_stops = True
    parts: dict[str, Mapping[str, object]] = {"lockouts": locks}
    if asks_for_stops:
        parts["account_state"] = {"stop_requests": memory.stop_requests}
    return parts


def load_memory(snapshots: Snapshots, account_id: int) -> Memory | None:
    """Restore what was last saved of an account; None when nothing was. Raises `StoreUnavailableError`.

    A lock is written before anything else that was new with it: one that lies there alone is restored alone.
    """
    locks = snapshots.load_as(account_id, "lockouts", Lockout).values()
    lockouts = Lockouts({lock.key: lock for lock in locks})
    loose_rows = snapshots.load(account_id, "account_state")

    def loose_row(key: str, kind: type[Kind]) -> Kind | None:
        return snapshots.understood(loose_rows.get(key), kind, of=f"account_state {account_id} {key}")

    account = loose_row("account", Account)
    loose = loose_row("loose", _Loose)
    seen = loose_row(SEEN, _Seen) or loose_row("loose", _Seen)  # it was part of that row once
    if account is None or loose is None or seen is None:
        if not locks:
            return None
        return Memory(Account(account_id=account_id), max(lock.since for lock in locks), lockouts=lockouts)
    memory = Memory(account=account, now=seen.now)
    memory.blind_since, memory.vanished = loose.blind_since, loose.vanished
    memory.peak_open_total = loose.peak_open_total
    memory.positions = Positions(
        held=snapshots.load_as(account_id, "positions", Holding),
        shown_at=seen.shown_at,
        unshown=loose.unshown,
        unexplained=loose.unexplained,
        counter=loose.increases,
    )
    own_orders = loose_row("own_orders", set[int]) or set()
    own_trades = loose_row("own_trades", set[int]) or set()
    memory.orders = _orders(snapshots.load_as(account_id, "orders", Order), seen, own_orders)
    memory.trades = _trades(snapshots, account_id, seen.now, own_trades)
    memory.lockouts = lockouts
    memory.clocks = _clocks(snapshots.load_as(account_id, "timers", _Timer))
    memory.stop_requests = loose_row("stop_requests", StopRequests) or StopRequests()
    stored = loose_row("enforcements", list[_StoredEnforcement]) or []
    cleared = loose_row("cleared", list[tuple[tuple[str, str, str], _Severity | None]]) or []
    memory.enforcements = Enforcements(
        {one.key: _enforcement(one) for one in stored}, {key: _severity(one) for key, one in cleared}
    )
    return memory


def _orders(by_id: Mapping[str, Order], seen: _Seen, own: set[int]) -> Orders:
    orders = Orders(own=own)
    orders.restore(by_id.values())
    orders.seen_at = {
        order_id: seen.orders_seen_at.get(order_id) or order.updated_at or seen.now
        for order_id, order in orders.by_id.items()
    }
    return orders


def _trades(snapshots: Snapshots, account_id: int, now: datetime, own: set[int]) -> Trades:
    rows = snapshots.load_as(account_id, "trades", Trade).values()
    trades = Trades(by_id={trade.trade_id: trade for trade in rows}, own=own)
    for trade in sorted(rows, key=lambda one: one.trade_id):
        trades.by_order.setdefault(trade.order_id, []).append(trade.trade_id)
    first_day = (now - _DAYS_IN_MEMORY).date()
    days = {date.fromisoformat(day): total for day, total in snapshots.load_as(account_id, "daily_pnl", DaySum).items()}
    trades.sums = {day: total for day, total in days.items() if day >= first_day}
    return trades


def _clocks(timers: Mapping[str, _Timer]) -> ConditionClocks:
    clocks = ConditionClocks()
    for timer in timers.values():
        clocks.since.setdefault(timer["rule"], {})[timer["subject"]] = timer["since"]
    return clocks


def _lock_key(lock: Lockout) -> str:
    return "|".join((lock.rule, lock.root or "", lock.mode.value, lock.code))


def _stored(key: tuple[str, str, str], enforcement: Enforcement) -> _StoredEnforcement:
    return _StoredEnforcement(
        key=key,
        positions=[
            (contract, incarnation, size) for (contract, incarnation), size in enforcement.aims.positions.items()
        ],
        orders=list(enforcement.aims.orders.items()),
        locks=sorted(enforcement.locks, key=str),
        severity=_stored_severity(enforcement.severity),
        lasting=enforcement.lasting,
    )


def _enforcement(stored: _StoredEnforcement) -> Enforcement:
    positions = {(contract, incarnation): size for contract, incarnation, size in stored.positions}
    return Enforcement(
        aims=Aims(positions, dict(stored.orders)),
        locks=set(stored.locks),
        severity=_severity(stored.severity),
        lasting=stored.lasting,
    )


def _stored_severity(severity: Decimal | int | None) -> _Severity | None:
    return None if severity is None else ("int" if isinstance(severity, int) else "decimal", str(severity))


def _severity(stored: _Severity | None) -> Decimal | int | None:
    if stored is None:
        return None
    kind, digits = stored
    return int(digits) if kind == "int" else Decimal(digits)
