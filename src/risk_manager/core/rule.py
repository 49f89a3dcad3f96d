"""What a rule is: its settings as fields, its judgement as `evaluate`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from risk_manager.core.actions import Lock, LockMode
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event
from risk_manager.core.model.duration import parse_duration
from risk_manager.core.strictness import WHEN_OFF, Looser, from_strict

if TYPE_CHECKING:
    from risk_manager.core.state.account import AccountState


class RuleMode(Enum):
    """Whether a rule acts, or only says what it would do."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


class LockoutEnd(Enum):
    """When a lock ends, where that is no plain length of time."""

    NONE = "none"
    DAILY_RESET = "daily_reset"
    SESSION_START = "session_start"
    PERMANENT = "permanent"


def _lockout_from_yaml(value: object) -> object:
    """Accept `none`, `daily_reset`, `session_start`, `permanent` or a duration (YAML's null is `none`)."""
    if value is None:
        return LockoutEnd.NONE
    if isinstance(value, (LockoutEnd, timedelta)):
        return value
    names = {end.value: end for end in LockoutEnd}
    if isinstance(value, str):
        return names[value] if value in names else parse_duration(value)
    raise ValueError("write none, daily_reset, session_start, permanent or a duration like 15m")


def root_from_yaml(value: object) -> object:
    """Roots are case-insensitive; a leading slash is the platform's habit."""
    return value.strip().lstrip("/").upper() if isinstance(value, str) else value


def _each_root_once(value: object) -> object:
    """Refuse `ES` and `es` beside each other: one of them would hold, and nobody could tell which."""
    if isinstance(value, Mapping):
        roots = [root_from_yaml(key) for key in value]
        twice = next((root for number, root in enumerate(roots) if root in roots[:number]), None)
        if twice is not None:
            raise ValueError(f"{twice} is given twice")
    return value


class Measures(Enum):
    """What a rule's numbers count: a number of something, or dollars lost or won, and of what."""

    NUMBER = "number"
    LOSS_OF_DAY = "loss_of_day"
    PROFIT_OF_DAY = "profit_of_day"
    OPEN_LOSS = "open_loss"
    OPEN_PROFIT = "open_profit"
    LOSS_OF_TRADE = "loss_of_trade"

    @property
    def in_dollars(self) -> bool:
        """Tell whether it is money."""
        return self is not Measures.NUMBER


class PnlBasis(Enum):
    """Which P&L of the day a limit is measured against."""

    REALIZED = "realized"
    REALIZED_PLUS_OPEN = "realized_plus_open"


class Scope(Enum):
    """Whether a limit of open P&L holds for each position or for all of them together."""

    PER_POSITION = "per_position"
    TOTAL = "total"


TOTAL = Scope.TOTAL
"""Found once: Python 3.11 looks a member of an enum up in Python code, and every quote would pay for it."""


class AfterBreach(Enum):
    """What a cooldown does to what is there."""

    KEEP_POSITIONS = "keep_positions"
    CLOSE_ALL = "close_all"

    @property
    def lock_mode(self) -> LockMode:
        """The mode of the lock that goes with it."""
        return LockMode.FLAT if self is AfterBreach.CLOSE_ALL else LockMode.NO_NEW_RISK


def _day_lockout_from_yaml(value: object) -> object:
    """Accept `daily_reset` or `permanent`; a limit of the day has no other end."""
    found = (end for end in (LockoutEnd.DAILY_RESET, LockoutEnd.PERMANENT) if value in (end, end.value))
    if (end := next(found, None)) is None:
        raise ValueError("write daily_reset or permanent")
    return end


def _lock_loosens(old: LockoutEnd | timedelta | None, new: LockoutEnd | timedelta | None) -> bool:
    """Tell whether a lock may end earlier than before; what is left to a default (None) counts as none."""
    if isinstance(old, timedelta) and isinstance(new, timedelta):
        return new < old
    if old in {None, LockoutEnd.NONE} or new is LockoutEnd.PERMANENT:
        return False
    # a length of time, the reset and the next session: which comes first depends on the hour
    return old != new


LONGER_LOCK = Looser(_lock_loosens)
"""A lock that may end earlier is looser."""
CLOSES_MORE = from_strict(AfterBreach.CLOSE_ALL, AfterBreach.KEEP_POSITIONS)
"""Keeping positions is looser."""
Lockout = Annotated[LockoutEnd | timedelta, BeforeValidator(_lockout_from_yaml)]
"""How long a rule locks: an event that ends it, or a length of time."""
DayLockout = Annotated[LockoutEnd, BeforeValidator(_day_lockout_from_yaml)]
"""How long a limit of the day locks: until the reset, or until an admin ends it."""
Root = Annotated[str, BeforeValidator(root_from_yaml), Field(min_length=1)]
"""A trader's product symbol, upper case."""
EACH_ROOT_ONCE = BeforeValidator(_each_root_once)
"""For a section whose keys are roots."""
PositiveDollars = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
"""A limit of money; always positive."""
PositiveCount = Annotated[int, Field(ge=1, strict=True)]
"""A number of contracts, trades or ticks."""


class Rule(BaseModel, ABC):
    """One limit. It keeps nothing between events: all memory is in the state that it is given.

    The words below a setting are shown to people, and `Field(examples=…)` to those who write one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    """The key of its section in risk_config.yaml, and its name everywhere."""
    title: ClassVar[str]
    """Its short name for people."""
    protects: ClassVar[str]
    """What it protects from, in words."""
    measures: ClassVar[Measures] = Measures.NUMBER
    """What its numbers count."""
    triggers: ClassVar[tuple[type[Event], ...]]
    """The events that it judges; every rule also judges at a reconciliation and a changed policy."""
    codes: ClassVar[tuple[str, ...]]
    """The reason codes of its decisions."""

    momentary: ClassVar[bool] = False
    """It judges what an event brings (a trade), not what lasts, so that silence does not mean the breach is over."""
    judges_quoted_only: ClassVar[bool] = False
    """Of a quote it judges the quoted contract alone, so that its silence says nothing of the others."""
    reads_book: ClassVar[bool] = False
    """It looks at bid and ask, and so at quotes that move no position's mark."""
    locks_until_condition: ClassVar[bool] = False
    """Its locks without end are over when a condition is; so they end with the rule itself."""

    enabled: Annotated[bool, WHEN_OFF] = True
    """Whether the rule is there at all."""
    mode: Annotated[RuleMode, from_strict(RuleMode.ENFORCE, RuleMode.SHADOW)] = RuleMode.ENFORCE
    """enforce acts; shadow only says what it would have done."""

    @abstractmethod
    def evaluate(self, state: "AccountState", event: Event) -> Sequence[Decision]:
        """Judge the account after `event`; one decision for each breach there is, nothing otherwise."""

    def setting(self, name: str) -> object:
        """Tell what a setting comes to: its value, or what a default that depends on others stands for."""
        return getattr(self, name)

    def triggered_by(self, event: type[Event]) -> bool:
        """Tell whether it judges on such an event, besides reconciliations and changed policies."""
        return issubclass(event, self.triggers)

    def conditions(self, state: "AccountState") -> Sequence[str] | None:
        """Name what the rule wants timed and what of it is true now; None where it times nothing."""
        del state
        return None

    @property
    def looks_back(self) -> timedelta:
        """Tell for how long after a trade, on another trading day too, it may still lead to something."""
        return timedelta(0)

    def lock(
        self,
        state: "AccountState",
        *,
        code: str,
        lockout: LockoutEnd | timedelta,
        mode: LockMode,
        root: str | None = None,
        since: datetime | None = None,
    ) -> tuple[Lock, ...]:
        """Make the lock that a `lockout` setting asks for, from now on or `since`; nothing for `none`."""
        begins = state.now if since is None else since
        match lockout:
            case LockoutEnd.NONE:
                return ()
            case LockoutEnd.DAILY_RESET:
                until: datetime | None = state.policy.calendar.day_of(begins).ends_at
            case LockoutEnd.SESSION_START:
                starts = (rule.next_session_start(state, root, since=begins) for rule in state.policy.rules)
                until = next((start for start in starts if start is not None), None)
            case LockoutEnd.PERMANENT:
                until = None
            case _:
                until = begins + lockout
        return (Lock(rule=self.name, code=code, mode=mode, until=until, root=root),)

    def deadline(self, state: "AccountState", now: datetime) -> datetime | None:
        """Tell the next instant after `now` at which time alone can change the verdict."""
        del state, now
        return None

    def next_session_start(
        self, state: "AccountState", root: str | None, *, since: datetime | None = None
    ) -> datetime | None:
        """Tell when the session of a root (or None, the account's) next starts, after now or another instant.

        None where it knows no sessions.
        """
        del state, root, since
        return None

    def utilization(self, state: "AccountState") -> "Sequence[Utilization]":
        """Tell how near each limit is, for people."""
        del state
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilization:
    """How much of a limit is used: what was measured and the limit, in the unit of the rule."""

    measured: Decimal
    limit: Decimal
    subject: str = ""

    @property
    def ratio(self) -> Decimal:
        """Measured ÷ limit; 0 for what is on the safe side of zero."""
        if self.limit == 0:
            return Decimal(1 if self.measured > 0 else 0)
        return max(self.measured / self.limit, Decimal(0))
