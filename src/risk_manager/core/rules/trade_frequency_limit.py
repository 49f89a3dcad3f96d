"""RULE-006: do not trade too often."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from risk_manager.core.actions import CancelAll, CloseAll, Lock
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, PolicyChanged, TradeReported
from risk_manager.core.model.trade import Trade
from risk_manager.core.rule import (
    CLOSES_MORE,
    LONGER_LOCK,
    AfterBreach,
    Lockout,
    LockoutEnd,
    PositiveCount,
    Rule,
    Utilization,
)
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.trades import TRADES_KEPT
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER


class Counted(Enum):
    """What is one trade: an order that filled, each fill, or an order that closed something."""

    ORDERS = "orders"
    FILLS = "fills"
    ROUND_TURNS = "round_turns"


class Limits(BaseModel):
    """Trades allowed in each window; at least one is limited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: Annotated[PositiveCount | None, WHEN_HIGHER] = None
    """So many trades in any 60 seconds; one more is a breach."""
    per_hour: Annotated[PositiveCount | None, WHEN_HIGHER] = None
    """So many trades in any hour; one more is a breach."""
    per_session: Annotated[PositiveCount | None, WHEN_HIGHER] = None
    """So many trades from reset to reset; one more is a breach."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.per_minute is None and self.per_hour is None and self.per_session is None:
            raise ValueError("name at least one of per_minute, per_hour, per_session")
        return self


def _locks_for_a_while(cooldown: LockoutEnd | timedelta) -> LockoutEnd | timedelta:
    """Refuse a cooldown that is none: the limit would count, and stop nobody."""
    if cooldown in {LockoutEnd.NONE, timedelta(0)}:
        raise ValueError("write a duration like 15m, daily_reset, session_start or permanent, or leave the limit out")
    return cooldown


Cooldown = Annotated[Lockout, AfterValidator(_locks_for_a_while)]


class Cooldowns(BaseModel):
    """How long each window locks, from its last trade on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: Annotated[Cooldown, LONGER_LOCK] = timedelta(seconds=60)
    """The pause after too many trades in a minute."""
    per_hour: Annotated[Cooldown, LONGER_LOCK] = timedelta(minutes=30)
    """The pause after too many trades in an hour."""
    per_session: Annotated[Cooldown, LONGER_LOCK] = LockoutEnd.DAILY_RESET
    """The pause after too many trades in a day."""


_A_DAY = timedelta(days=1)


class _Window:
    """One of the windows; `length` None reaches from the reset on."""

    def __init__(self, code: str, limit: int, cooldown: LockoutEnd | timedelta, length: timedelta | None) -> None:
        self.code = code
        self.limit = limit
        self.cooldown = cooldown
        self.length = length

    def ending_at(self, at: datetime, trades: Iterable[Trade], state: AccountState) -> list[Trade]:
        """List the trades of the window that ends at an instant; a day is one window as a whole."""
        if self.length is None:
            day = state.policy.calendar.day_of(at)
            return [trade for trade in trades if day.contains(trade.at)]
        return [trade for trade in trades if at - self.length < trade.at <= at]

    def ends_around(self, new: Trade, trades: Iterable[Trade]) -> list[datetime]:
        """List the instants at which windows end that contain a newly learned trade; of a day there is one."""
        if self.length is None:
            return [new.at]
        return [trade.at for trade in trades if new.at <= trade.at < new.at + self.length]


class TradeFrequencyLimit(Rule):
    """Cool down when more trades fell into a sliding window than are allowed."""

    name: ClassVar[str] = "trade_frequency_limit"
    title: ClassVar[str] = "Trades"
    protects: ClassVar[str] = "From trading too often, in a minute, an hour, a day."
    triggers: ClassVar[tuple[type[Event], ...]] = (TradeReported,)
    codes: ClassVar[tuple[str, ...]] = (
        "TRADES_PER_MINUTE_EXCEEDED",
        "TRADES_PER_HOUR_EXCEEDED",
        "TRADES_PER_SESSION_EXCEEDED",
    )
    momentary: ClassVar[bool] = True

    limits: Limits
    """The limits, one by one."""
    cooldowns: Cooldowns = Cooldowns()
    """The pauses, one by one."""
    count: Annotated[Counted, WHEN_CHANGED] = Counted.ORDERS
    """What one trade is: an order, a fill, or a round turn."""
    on_breach: Annotated[AfterBreach, CLOSES_MORE] = AfterBreach.KEEP_POSITIONS
    """What is done to positions at a breach."""

    @property
    def looks_back(self) -> timedelta:
        """The longest pause with its window: one that is learned of within it still locks.

        A pause until the reset is over with its day; one until a session starts, or for good, outlasts what is kept.
        """
        pauses = [
            one.cooldown + (one.length or _A_DAY) if isinstance(one.cooldown, timedelta) else TRADES_KEPT
            for one in self._windows()
            if one.cooldown is not LockoutEnd.DAILY_RESET
        ]
        return max(pauses, default=timedelta(0))

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: trades in a window > its limit, for every window that contains what the event brought."""
        counted = self._counted(state)
        decisions = []
        for window in self._windows():
            if any(lock.code == window.code for lock in state.lockouts.of_rule(self.name)):
                continue
            if isinstance(event, PolicyChanged):
                ends = {state.now} if self._is_changed(window, state.news.earlier_rules) else set()
            else:
                new = [trade for trade in state.news.trades if trade in counted]
                ends = {end for trade in new for end in window.ends_around(trade, counted)}
            decision = self._judge(window, ends, counted, state)
            if decision is not None:
                decisions.append(decision)
        return decisions

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Trades in each window that reaches to now ÷ limit."""
        counted = self._counted(state)
        return [
            Utilization(
                measured=Decimal(self._number(window.ending_at(state.now, counted, state))),
                limit=Decimal(window.limit),
                subject=window.code,
            )
            for window in self._windows()
        ]

    def _is_changed(self, window: _Window, earlier_rules: Iterable[Rule]) -> bool:
        """Tell whether a reload counts otherwise, or to another limit, than before; only then it judges what was."""
        earlier = (rule for rule in earlier_rules if isinstance(rule, TradeFrequencyLimit))
        known = ((one.code, one.limit, rule.count) for rule in earlier for one in rule._windows())  # noqa: SLF001 - its own kind
        return (window.code, window.limit, self.count) not in known

    def _windows(self) -> Iterator[_Window]:
        lengths = {"per_minute": timedelta(seconds=60), "per_hour": timedelta(minutes=60), "per_session": None}
        for number, (name, length) in enumerate(lengths.items()):
            limit = getattr(self.limits, name)
            if limit is not None:
                yield _Window(self.codes[number], limit, getattr(self.cooldowns, name), length)

    def _counted(self, state: AccountState) -> list[Trade]:
        """List the trader's own trades; the daemon's closing of them is not his trading."""
        own = state.trades.own
        trades = (trade for trade in state.trades.counting() if trade.trade_id not in own)
        if self.count is Counted.ROUND_TURNS:
            return [trade for trade in trades if trade.realized_pnl is not None]
        return list(trades)

    def _number(self, trades: Sequence[Trade]) -> int:
        if self.count is Counted.FILLS:
            return len(trades)
        return len({trade.order_id for trade in trades})

    def _judge(
        self, window: _Window, ends: Iterable[datetime], counted: Sequence[Trade], state: AccountState
    ) -> Decision | None:
        """Decide for the latest of the windows that are too full; a cooldown that is over locks nothing."""
        for end in sorted(ends, reverse=True):
            trades = window.ending_at(end, counted, state)
            number = self._number(trades)
            if number <= window.limit:
                continue
            last = max(trades, key=lambda trade: (trade.at, trade.trade_id))
            lock = self._lock(window, last.at, state)
            if lock is None:
                return None
            closes = (CloseAll(), CancelAll()) if self.on_breach is AfterBreach.CLOSE_ALL else ()
            return Decision(
                rule=self.name,
                code=window.code,
                subject=str(last.trade_id),
                measured=number,
                limit=window.limit,
                actions=(*closes, lock),
            )
        return None

    def _lock(self, window: _Window, last: datetime, state: AccountState) -> Lock | None:
        """Make the lock of a window, from its last trade on; None for one that would be over already."""
        mode = self.on_breach.lock_mode
        (lock,) = self.lock(state, code=window.code, lockout=window.cooldown, mode=mode, since=last)
        return None if lock.until is not None and lock.until <= state.now else lock
