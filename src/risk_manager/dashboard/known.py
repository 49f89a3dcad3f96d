"""What is known of the daemon: its snapshot with everything folded in that happened since."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from risk_manager.core.model.order import TERMINAL
from risk_manager.local_api.frames import Message, recalled
from risk_manager.local_api.messages import (
    AccountFigures,
    AccountRules,
    AccountStatus,
    DaemonStatus,
    DayReset,
    EnforcementAction,
    FeedStatus,
    HeldPosition,
    LockEnded,
    LockStatus,
    Snapshot,
    Warned,
    WorkingOrder,
)
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarketQuote
from risk_manager.local_api.trading_day import PnlPoint

MOST_HAPPENINGS = 200
SILENT_AFTER = timedelta(seconds=5)
"""The daemon says something every second: after so long without a word, what is shown may not be so any more."""
CURVE_EVERY = timedelta(seconds=5)
MOST_POINTS = 1000
_DONE = frozenset(status.value for status in TERMINAL)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """The last word on everything; `heard_at` is when it came, `away` why nothing comes now (None: it does).

    `happenings` are what is worth reading, oldest first; the stages of one enforcement are one.
    """

    snapshot: Snapshot | None = None
    heard_at: datetime | None = None
    away: str | None = "connecting"
    happenings: tuple[Message, ...] = ()

    def silence(self, now: datetime) -> timedelta | None:
        """Tell for how long a daemon that is there has said nothing; None while that is not long."""
        if self.away is not None or self.heard_at is None or now - self.heard_at <= SILENT_AFTER:
            return None
        return now - self.heard_at


def told_snapshot(known: Known, snapshot: Snapshot, *, at: datetime) -> Known:
    """Begin anew with what the daemon says; its own list of what happened replaces ours."""
    del known
    return Known(snapshot=snapshot, heard_at=at, away=None, happenings=_recent(snapshot))


def remembered_snapshot(known: Known, snapshot: Snapshot) -> Known:
    """Show what was stored, while the daemon itself has said nothing yet."""
    if known.snapshot is not None:
        return known
    return replace(known, snapshot=snapshot, heard_at=snapshot.at, happenings=_recent(snapshot))


def told_away(known: Known, why: str) -> Known:
    """Keep what was known; nothing new comes."""
    return replace(known, away=why)


def told(known: Known, message: Message, *, at: datetime) -> Known:
    """Fold in what happened."""
    if known.snapshot is None:
        return known
    snapshot = _fold(known.snapshot, message, at)
    happenings = known.happenings
    if isinstance(message.data, (EnforcementAction, LockStatus, LockEnded, Warned, DayReset)):
        happenings = _with_happening(happenings, message)
    return replace(known, snapshot=snapshot, heard_at=at, happenings=happenings)


def happened_at(message: Message) -> datetime | None:
    """When it happened, where it says so."""
    match message.data:
        case LockStatus(since=since):
            return since
        case EnforcementAction(at=at) | LockEnded(at=at) | Warned(at=at) | DayReset(at=at):
            return at
        case _:
            return None


def code_of(reason: str) -> str:
    """Read the code off a reason with evidence."""
    return reason.partition(" ")[0]


def _recent(snapshot: Snapshot) -> tuple[Message, ...]:
    happenings: tuple[Message, ...] = ()
    for envelope in snapshot.recent:
        try:
            message = recalled(envelope)
        except msgspec.DecodeError:
            continue  # an older daemon's stored words; the rest still stands
        if message is not None:
            happenings = _with_happening(happenings, message)
    return happenings


def _with_happening(happenings: tuple[Message, ...], message: Message) -> tuple[Message, ...]:
    """Append; a later stage of an enforcement takes the place of the earlier one and keeps what only that told."""
    match message.data:
        case EnforcementAction(id=plan):
            for index, earlier in enumerate(happenings):
                if (
                    isinstance(earlier.data, EnforcementAction)
                    and earlier.data.id == plan
                    and earlier.account_id == message.account_id
                ):
                    merged = Message(message.account_id, _later_stage(earlier.data, message.data))
                    return (*happenings[:index], merged, *happenings[index + 1 :])
    return (*happenings, message)[-MOST_HAPPENINGS:]


def _later_stage(earlier: EnforcementAction, later: EnforcementAction) -> EnforcementAction:
    first_ms = earlier.first_request_ms if later.first_request_ms is None else later.first_request_ms
    return msgspec.structs.replace(
        later,
        at=earlier.at,
        decisions=later.decisions or earlier.decisions,
        actions=later.actions or earlier.actions,
        first_request_ms=first_ms,
        past_limit=earlier.past_limit if later.past_limit is None else later.past_limit,
    )


def _fold(snapshot: Snapshot, message: Message, at: datetime) -> Snapshot:
    match message.data:
        case PartsTold(parts=parts):
            return msgspec.structs.replace(snapshot, parts=parts)
        case DaemonStatus() as daemon:
            return msgspec.structs.replace(snapshot, daemon=daemon)
        case FeedStatus() as feed:
            feeds = _upsert(snapshot.feeds, feed, lambda known: (known.name, known.login))
            return msgspec.structs.replace(snapshot, feeds=feeds)
        case MarketQuote() as quote:
            accounts = tuple(_marked(account, quote, at) for account in snapshot.accounts)
        case _:
            accounts = tuple(
                _on_course(_fold_account(account, message), at) if message.account_id in (None, account.id) else account
                for account in snapshot.accounts
            )
    return msgspec.structs.replace(snapshot, accounts=accounts)


def _fold_account(account: AccountStatus, message: Message) -> AccountStatus:
    match message.data:
        case HeldPosition() as position:
            held = _upsert(account.positions, position, lambda known: known.contract_id)
            changes: dict[str, object] = {"positions": tuple(each for each in held if each.size)}
        case WorkingOrder() as order:
            orders = _upsert(account.orders, order, lambda known: known.id)
            changes = {"orders": tuple(each for each in orders if each.status not in _DONE)}
        case AccountFigures() as figures:
            changes = {name: value for name, value in msgspec.structs.asdict(figures).items() if value is not None}
        case AccountRules(rules=rules, graces=graces):
            changes = {"rules": rules, "positions": _under_grace(account.positions, graces)}
        case LockStatus() as lock:
            changes = {"locks": _upsert(account.locks, lock, _lock_key)}
        case LockEnded() as ended:
            changes = {"locks": tuple(lock for lock in account.locks if not _is_ended(lock, ended))}
        case DayReset(next_reset=next_reset) if next_reset is not None:
            changes = {"next_reset": next_reset, "pnl_curve": ()}
        case _:
            changes = {}
    return msgspec.structs.replace(account, **changes) if changes else account


def _on_course(account: AccountStatus, at: datetime) -> AccountStatus:
    """Lengthen the day's course to where the account stands, every few seconds or when something was realized."""
    if account.realized_pnl is None:
        return account
    curve, point = account.pnl_curve, PnlPoint(at, account.realized_pnl, account.unrealized_pnl)
    if (
        curve
        and curve[-1].realized == point.realized
        and (curve[-1].open == point.open or at - curve[-1].at < CURVE_EVERY)
    ):
        return account
    return msgspec.structs.replace(account, pnl_curve=(*curve, point)[-MOST_POINTS:])


def _under_grace(positions: tuple[HeldPosition, ...], graces: dict[str, datetime] | None) -> tuple[HeldPosition, ...]:
    """Note which positions run out of time without a stop; None leaves what was known."""
    if graces is None:
        return positions
    return tuple(
        held
        if held.grace_until == graces.get(held.contract_id)
        else msgspec.structs.replace(held, grace_until=graces.get(held.contract_id))
        for held in positions
    )


def _marked(account: AccountStatus, quote: MarketQuote, at: datetime) -> AccountStatus:
    ours = next((marked for marked in quote.positions if marked.account_id == account.id), None)
    if ours is None:
        return account
    marked = msgspec.structs.replace(
        account,
        unrealized_pnl=ours.account_unrealized_pnl,
        unmarked=tuple(each for each in account.unmarked if each != quote.contract_id or ours.mark is None),
        positions=tuple(
            msgspec.structs.replace(
                held, mark=ours.mark, unrealized_pnl=ours.unrealized_pnl, quote_at=quote.at
            )
            if held.contract_id == quote.contract_id
            else held
            for held in account.positions
        ),
    )  # fmt: skip
    return _on_course(marked, at)


def _lock_key(lock: LockStatus) -> Hashable:
    return (lock.rule, lock.root, lock.mode, code_of(lock.reason))


def _is_ended(lock: LockStatus, ended: LockEnded) -> bool:
    return (
        lock.rule == ended.rule
        and lock.root == ended.root
        and ended.mode in ("", lock.mode)
        and code_of(ended.reason) in ("", code_of(lock.reason))
    )


def _upsert(rows: Iterable[T], row: T, key: Callable[[T], Hashable]) -> tuple[T, ...]:
    """Put a row in the place of the one with the same key, or at the end."""
    kept = list(rows)
    for index, known in enumerate(kept):
        if key(known) == key(row):
            kept[index] = row
            return tuple(kept)
    return (*kept, row)
