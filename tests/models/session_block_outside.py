"""RULE-009, naively: list the sessions around an instant, and look whether one is running."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from risk_manager.core.actions import Action, Cancel, Close, Lock, LockMode, Reduce, Resize
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated
from risk_manager.core.rules.session_block_outside import SessionBlockOutside, SessionSettings
from tests.models.court import Standing, Wanted
from tests.models.history import History, root, shown_at

NAME, CODE = "session_block_outside", "OUTSIDE_SESSION"
_DAY = timedelta(days=1)
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Session:
    """From its start to the moment from which on it counts as outside."""

    start: datetime
    end: datetime


class SessionBlockOutsideModel:
    """Inside, or outside."""

    def __init__(self, settings: SessionBlockOutside) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, PositionUpdated | OrderUpdated | ClockTicked)

    def scopes(self) -> list[str | None]:
        own: list[str | None] = list(self.settings.per_instrument_sessions)
        return [None, *own] if self.settings.global_session else own

    def instants(self, history: History) -> Iterator[datetime]:
        for scope in self.scopes():
            for one in sessions(self.settings, history, scope, history.now, days=12):
                yield from (one.start, one.end)

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        for scope in self.scopes():
            around = sessions(self.settings, history, scope, history.now, days=12)
            if any(one.start <= history.now < one.end for one in around):
                continue
            wanted = self.outside(history, scope, around)
            if wanted:
                yield wanted

    def outside(self, history: History, scope: str | None, around: list[Session]) -> Wanted | None:
        positions = {key: one for key, one in history.positions.items() if self.concerns(scope, key)}
        orders = {key: one for key, one in history.working.items() if self.concerns(scope, one.contract_id)}
        actions: list[Action] = []
        if self.settings.close_positions_at_session_end:
            actions += [Close(key) for key in positions]
            actions += [Cancel(key) for key in orders]
        else:
            ended = max((one.end for one in around if one.end <= history.now), default=None)
            held = {key for key, one in positions.items() if ended is not None and history.events[one.since].at < ended}
            actions += [Close(key) for key in positions if key not in held]
            for key, order in orders.items():
                position = positions.get(order.contract_id)
                if position is None or order.contract_id not in held or order.side.sign == position.sign:
                    actions.append(Cancel(key))
                elif not self.settings.lockout_outside_session and not history.half_seen(order.contract_id):
                    stays = history.smallest_since(order.contract_id, ended)
                    if order.remaining > stays:
                        actions.append(Resize(key, order.filled_size + stays))
            if not self.settings.lockout_outside_session:
                for contract in sorted(held):
                    stays = history.smallest_since(contract, ended)
                    if (
                        min(positions[contract].size, abs(positions[contract].net + history.unseen_fills(contract)))
                        > stays
                    ):
                        actions.append(Reduce(contract, stays))
        breach = bool(actions)
        just_ended = isinstance(history.last, ClockTicked) and any(one.end == history.now for one in around)
        if self.settings.lockout_outside_session and (positions or orders or just_ended):
            mode = LockMode.FLAT if self.settings.close_positions_at_session_end else LockMode.NO_NEW_RISK
            until = next_start(self.settings, history, scope)
            others = frozenset() if scope else frozenset(self.settings.per_instrument_sessions)
            actions.append(Lock(rule=NAME, code=CODE, mode=mode, until=until, root=scope, except_roots=others))
        severity = len(positions) + len(orders)
        wanted = Wanted(NAME, CODE, tuple(actions), scope or "", severity=severity, breach=breach, anew=just_ended)
        return wanted if actions else None

    def concerns(self, scope: str | None, contract: str) -> bool:
        if scope is None:
            return root(contract) not in self.settings.per_instrument_sessions
        return root(contract) == scope


def next_start(
    settings: SessionBlockOutside, history: History, scope: str | None, *, since: datetime | None = None
) -> datetime:
    """Find the next start of a session after now, or another instant.

    Where none is the scope's, the last of the next starts of all.
    """
    begun = since or history.now
    if scope not in settings.per_instrument_sessions:
        scope = None
    if scope is None and settings.global_session is None:
        return max(next_start(settings, history, one, since=begun) for one in settings.per_instrument_sessions)
    return min(one.start for one in sessions(settings, history, scope, begun, days=20) if one.start > begun)


def sessions(
    settings: SessionBlockOutside, history: History, scope: str | None, at: datetime, *, days: int
) -> list[Session]:
    """List the sessions that end some days around an instant."""
    hours = settings.global_session if scope is None else settings.per_instrument_sessions[scope]
    assert hours is not None
    holidays = history.policy.holidays if settings.respect_holidays else None
    closed = holidays.closed if holidays else frozenset()
    early = tuple(sorted(holidays.early_closes.items())) if holidays else ()
    return [
        Session(start, end - settings.flatten_before_end)
        for start, end in _listed(hours, settings.days, closed, early, at.date(), days)
        if start < end - settings.flatten_before_end
    ]


@lru_cache(maxsize=4096)
def _listed(  # noqa: PLR0917 - a cache wants plain arguments
    hours: SessionSettings,
    days: tuple[str, ...],
    closed: frozenset[date],
    early: tuple[tuple[date, object], ...],
    around: date,
    count: int,
) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(hours.timezone)
    found = []
    for offset in range(-8, count):
        day = around + offset * _DAY
        if _NAMES[day.weekday()] not in days or day in closed:
            continue
        end = shown_at(day, hours.end, zone)
        for date_of_close, close in early:
            if date_of_close == day:
                end = min(end, shown_at(day, close, zone))  # type: ignore[arg-type] # a time
        begins = day if hours.start < hours.end else day - _DAY
        start = shown_at(begins, hours.start, zone)
        if start < end:
            found.append((start, end))
    return found
