"""RULE-009: trade within the session's hours only."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from risk_manager.core.actions import Action, Cancel, Close, Lock, LockMode, Reduce, Resize
from risk_manager.core.decisions import Decision
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated
from risk_manager.core.model.duration import Duration
from risk_manager.core.model.order import Order
from risk_manager.core.model.trading_calendar import Holidays, SessionHours, SessionWindow, zone_named
from risk_manager.core.rule import EACH_ROOT_ONCE, Root, Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.positions import Holding
from risk_manager.core.strictness import WHEN_LOWER, WHEN_OFF, Looser, LooserAmong, when_added

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = tuple(name[:3] for name in _FULL_NAMES)


def _zone(name: str) -> str:
    zone_named(name)
    return name


def _clock_time(value: object) -> object:
    """Read `17:00`; an offset from UTC has no place here, the zone is a setting of its own."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and _CLOCK_TIME.fullmatch(value.strip()):
        return time.fromisoformat(value.strip().zfill(5))
    raise ValueError('write a time of day in quotes, like "17:00"')


def _weekday(value: object) -> object:
    written = str(value).strip().lower()
    if written not in (*_WEEKDAYS, *_FULL_NAMES):
        raise ValueError("write mon, tue, wed, thu, fri, sat or sun")
    return written[:3]


_LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""When the last session ended, where nobody can tell: nothing that is there now was held then."""
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Weekday = Annotated[str, BeforeValidator(_weekday)]


class SessionSettings(BaseModel):
    """Wall-clock hours of a zone, half-open; an end at or before the start lies on the next day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Annotated[ClockTime, Field(examples=['"17:00"'])]
    """From then on trading is allowed."""
    end: Annotated[ClockTime, Field(examples=['"15:10"'])]
    """From then on it is not."""
    timezone: Annotated[str, AfterValidator(_zone), Field(examples=["America/Chicago"])]
    """Whose clock is meant."""


@lru_cache(maxsize=256)  # a handful of settings, asked for with every report
def _hours(start: time, end: time, timezone: str, days: tuple[str, ...]) -> SessionHours:
    return SessionHours(start, end, zone_named(timezone), frozenset(_WEEKDAYS.index(day) for day in days))


def _hours_loosen(old: SessionSettings | None, new: SessionSettings | None) -> bool:
    """Tell whether there may be a moment in `new` that is none in `old`; without hours (None) every moment is."""
    if new is None or old is None:
        return old is not None
    crosses, still_crosses = old.end <= old.start, new.end <= new.start
    if old.timezone != new.timezone or crosses != still_crosses:
        return True  # over midnight, the days on which sessions end are others too
    return new.start < old.start or new.end > old.end


def _own_hours_loosen(old: "SessionBlockOutside", new: "SessionBlockOutside") -> bool:
    """A root without hours of its own has the global ones, which may still be those of before."""
    return any(
        _hours_loosen(
            old.per_instrument_sessions.get(root, old.global_session),
            new.per_instrument_sessions.get(root, otherwise),
        )
        for root in (*old.per_instrument_sessions, *new.per_instrument_sessions)
        for otherwise in (old.global_session, new.global_session)
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where one session holds: a root of its own, or (None) the account less such roots."""

    root: str | None
    hours: SessionHours
    except_roots: frozenset[str]

    def covers(self, root: str) -> bool:
        return root not in self.except_roots if self.root is None else root == self.root


class SessionBlockOutside(Rule):
    """Close and cancel what is there outside the session, and lock until the next one starts."""

    name: ClassVar[str] = "session_block_outside"
    title: ClassVar[str] = "Session hours"
    protects: ClassVar[str] = "From trading outside your hours, and from holding past their end."
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, OrderUpdated, ClockTicked)
    codes: ClassVar[tuple[str, ...]] = ("OUTSIDE_SESSION",)

    global_session: Annotated[SessionSettings | None, Looser(_hours_loosen)] = None
    """The hours of all instruments that have none of their own."""
    per_instrument_sessions: Annotated[dict[Root, SessionSettings], EACH_ROOT_ONCE, LooserAmong(_own_hours_loosen)] = (
        Field(default_factory=dict, examples=['{ZC: {start: "08:30", end: "13:20", timezone: America/Chicago}}'])
    )
    """Hours of single instruments."""
    days: Annotated[tuple[Weekday, ...], when_added(), Field(examples=["[mon, tue, wed, thu, fri]"])] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    )
    """The days on which a session ends."""
    close_positions_at_session_end: Annotated[bool, WHEN_OFF] = True
    """Whether what is held at the end is closed."""
    flatten_before_end: Annotated[Duration, WHEN_LOWER] = timedelta(0)
    """How long before the end it is closed."""
    lockout_outside_session: Annotated[bool, WHEN_OFF] = True
    """Whether new trades outside the hours are kept out."""
    respect_holidays: Annotated[bool, WHEN_OFF] = True
    """Whether holidays.yaml shortens the hours."""

    @model_validator(mode="after")
    def _has_a_session(self) -> Self:
        if self.global_session is None and not self.per_instrument_sessions:
            raise ValueError("name a global_session, per_instrument_sessions, or both")
        return self

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: something is there outside its session; at the very end of one, the lock is set in any case."""
        return [
            decision
            for scope in self._scopes()
            if (ended_at := self._ended_at(scope, state)) is not None
            and (decision := self._decide(scope, state, event, ended_at)) is not None
        ]

    def deadline(self, state: AccountState, now: datetime) -> datetime | None:
        """Name the next end of a session, or the start before it."""
        edges: list[datetime | None] = []
        for scope in self._scopes():
            window = scope.hours.window_at(now, self._holidays(state))
            if window is not None and window.ends_at - self.flatten_before_end > now:
                edges.append(window.ends_at - self.flatten_before_end)
            else:
                edges.append(scope.hours.next_start(now, self._holidays(state)))
        return min((edge for edge in edges if edge is not None), default=None)

    def next_session_start(
        self, state: AccountState, root: str | None, *, since: datetime | None = None
    ) -> datetime | None:
        """Tell when the session that holds for a root next starts; where none does, by when all of them have."""
        at, holidays = state.now if since is None else since, self._holidays(state)
        scopes = list(self._scopes())
        own = [scope for scope in scopes if scope.root == root]
        of_account = [scope for scope in scopes if scope.root is None]
        starts = [one.hours.next_start(at, holidays) for one in own or of_account or scopes]
        known = [start for start in starts if start is not None]
        return max(known) if len(known) == len(starts) else None

    def coming_sessions(self, state: AccountState, *, days: int) -> Sequence[tuple[str | None, SessionWindow]]:
        """List, for people, the sessions that are not over, with the root for which each holds (None: the account)."""
        return [
            (scope.root, window)
            for scope in self._scopes()
            for window in scope.hours.coming(state.now, days=days, holidays=self._holidays(state))
        ]

    def _scopes(self) -> Iterator[_Scope]:
        if self.global_session is not None:
            yield _Scope(None, self._hours(self.global_session), frozenset(self.per_instrument_sessions))
        for root, session in self.per_instrument_sessions.items():
            yield _Scope(root, self._hours(session), frozenset())

    def _hours(self, session: SessionSettings) -> SessionHours:
        return _hours(session.start, session.end, session.timezone, self.days)

    def _holidays(self, state: AccountState) -> Holidays:
        return state.policy.holidays if self.respect_holidays else Holidays()

    def _ended_at(self, scope: _Scope, state: AccountState) -> datetime | None:
        """Tell since when it has been outside; None inside."""
        holidays = self._holidays(state)
        window = scope.hours.window_at(state.now, holidays)
        if window is None:
            ended_at = scope.hours.last_end(state.now, holidays)
            return _LONG_AGO if ended_at is None else ended_at - self.flatten_before_end
        ends_at = window.ends_at - self.flatten_before_end
        return ends_at if ends_at <= state.now else None

    def _decide(self, scope: _Scope, state: AccountState, event: Event, ended_at: datetime) -> Decision | None:
        holdings = [one for key, one in state.holdings.items() if scope.covers(state.root(key))]
        kept = {} if self.close_positions_at_session_end else _kept_sizes(holdings, ended_at)
        orders = [one for one in state.working_orders.values() if scope.covers(state.root(one.contract_id))]
        actions: list[Action] = [
            Close(one.position.contract_id) for one in holdings if one.position.contract_id not in kept
        ]
        actions += [Cancel(one.order_id) for one in orders if not _is_against(one, kept, state)]
        if not self.lockout_outside_session:
            actions += _back_to_size(kept, orders, state)
        has_just_ended = isinstance(event, ClockTicked) and event.at == ended_at
        if not (holdings or orders or has_just_ended):
            return None
        is_breach = bool(actions)  # at the end of a session alone nobody has done anything that he should not
        actions += self._lock(scope, state)
        if not actions:
            return None
        return Decision(
            rule=self.name,
            code=self.codes[0],
            subject=scope.root or "",
            actions=tuple(actions),
            severity=len(holdings) + len(orders),
            breach=is_breach,
            anew=has_just_ended,
        )

    def _lock(self, scope: _Scope, state: AccountState) -> list[Action]:
        if not self.lockout_outside_session:
            return []
        mode = LockMode.FLAT if self.close_positions_at_session_end else LockMode.NO_NEW_RISK
        return [
            Lock(
                rule=self.name,
                code=self.codes[0],
                mode=mode,
                until=scope.hours.next_start(state.now, self._holidays(state)),
                root=scope.root,
                except_roots=scope.except_roots,
            )
        ]


def _kept_sizes(holdings: Sequence[Holding], ended_at: datetime) -> Mapping[str, int]:
    """Tell what may stay of the positions that were held when the session ended: what was never more since then.

    One first seen at that instant or later was not held.
    """
    return {one.position.contract_id: one.smallest_since(ended_at) for one in holdings if one.since < ended_at}


def _is_against(order: Order, kept: Mapping[str, int], state: AccountState) -> bool:
    return order.contract_id in kept and order.side is state.holdings[order.contract_id].position.closing_side


def _back_to_size(kept: Mapping[str, int], orders: Sequence[Order], state: AccountState) -> Iterator[Action]:
    """Undo what has grown since the end, and size its exits to what stays: with a lock, that is the lock's work."""
    positions = state.memory.positions
    for contract_id, size in kept.items():
        if min(abs(positions.net_size(contract_id)), abs(positions.expected_net(contract_id))) > size:
            yield Reduce(contract_id, size)
    for order in orders:
        if not _is_against(order, kept, state) or positions.is_half_seen(order.contract_id):
            continue
        if order.remaining > kept[order.contract_id]:
            yield Resize(order.order_id, order.filled_size + kept[order.contract_id])
