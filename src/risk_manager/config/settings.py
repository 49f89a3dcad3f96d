"""The top level of risk_config.yaml: everything but the rules' own sections."""

import re
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from risk_manager.config.terms import LoosenAfter
from risk_manager.core.model.duration import Duration, parse_duration
from risk_manager.core.model.trading_calendar import zone_named
from risk_manager.core.policy import TOPSTEP_DAY, Mark
from risk_manager.core.rule import RuleMode

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_WRITE_A_TIME = 'write a time of day in quotes, as "17:00"'
_SHORTEST_POLL = timedelta(seconds=1)


def _clock_time(value: object) -> object:
    """Read `17:00`; a bare number would be seconds, and is a slip."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _CLOCK_TIME.fullmatch(value.strip()):
        raise ValueError(_WRITE_A_TIME)
    return time.fromisoformat(value.strip().zfill(5))


def _zone(value: object) -> object:
    if isinstance(value, ZoneInfo):
        return value
    return zone_named(str(value))


def _poll(length: timedelta) -> timedelta:
    if length < _SHORTEST_POLL:
        raise ValueError("must be at least 1s")
    return length


def _none(value: object) -> object:
    """Read the word `none`, where something else may stand."""
    return None if value == "none" else value


def _positive(length: timedelta | None) -> timedelta | None:
    if length is not None and length <= timedelta(0):
        raise ValueError("must be longer than nothing, or none")
    return length


ClockTime = Annotated[time, BeforeValidator(_clock_time)]
"""A wall-clock time of day."""
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
"""A time zone by its name in the tz database."""
PollEvery = Annotated[Duration, AfterValidator(_poll)]
"""How often the venue is asked; at least a second."""


def _wait_from_yaml(value: object) -> object:
    """Accept `next_reset`, `none` (YAML's null too) or a length of time."""
    if value is None:
        return LoosenAfter.NONE
    if isinstance(value, (LoosenAfter, timedelta)):
        return value
    names = {wait.value: wait for wait in LoosenAfter}
    if isinstance(value, str):
        return names[value] if value in names else parse_duration(value)
    raise ValueError("write next_reset, none or a duration like 24h")


class Section(BaseModel):
    """A part of risk_config.yaml; an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class TradingDaySettings(Section):
    """When the day's sums begin anew."""

    reset: ClockTime = TOPSTEP_DAY.reset
    timezone: Zone = TOPSTEP_DAY.zone


class QuoteSettings(Section):
    """At which price open positions are valued, and when a quote is old."""

    mark: Mark = Mark.LAST
    # no time is counted below a microsecond: what is less would be kept as none, and none could not be read again
    stale_after_seconds: Annotated[Decimal, Field(ge=Decimal("0.000001"), le=86400, allow_inf_nan=False)] = Decimal(10)

    @property
    def stale_after(self) -> timedelta:
        """The age from which a quote is stale."""
        return timedelta(microseconds=int(self.stale_after_seconds * 1_000_000))


class LockoutSettings(Section):
    """Whether an admin may end a lock early."""

    admin_may_clear: bool = True


class FeedSettings(Section):
    """How often REST is asked, and what is done when nobody tells anything."""

    poll_every: PollEvery = timedelta(seconds=5)
    slow_poll_every: PollEvery = timedelta(seconds=30)
    flatten_after: Annotated[Annotated[Duration, AfterValidator(_positive)] | None, BeforeValidator(_none)] = None


class CommitmentSettings(Section):
    """How long what loosens a limit waits before it holds."""

    loosen_after: Annotated[LoosenAfter | timedelta, BeforeValidator(_wait_from_yaml)] = LoosenAfter.NEXT_RESET


class LocalApiSettings(Section):
    """Where the dashboard finds the daemon."""

    port: Annotated[int, Field(ge=1, le=65535, strict=True)] = 8765


class MetricsSettings(Section):
    """Where Prometheus finds the daemon's numbers, on this machine only; nowhere, if no port is given."""

    port: Annotated[Annotated[int, Field(ge=1, le=65535, strict=True)] | None, BeforeValidator(_none)] = None


class LogLevel(StrEnum):
    """How much is written to the logs."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogSettings(Section):
    """What is written to the logs."""

    level: LogLevel = LogLevel.INFO


class AccountSettings(Section):
    """What may differ from account to account."""

    mode: RuleMode = RuleMode.ENFORCE
    strict_mode: bool = False
    trading_day: TradingDaySettings = TradingDaySettings()
    quotes: QuoteSettings = QuoteSettings()
    lockouts: LockoutSettings = LockoutSettings()
    feed: FeedSettings = FeedSettings()
    commitment: CommitmentSettings = CommitmentSettings()
    rules: object = None
    """Read by config/rules.py; here only so that the key is known."""
    warn_at: tuple[Annotated[Decimal, Field(gt=0, le=1, allow_inf_nan=False)], ...] = (Decimal("0.7"), Decimal("0.9"))


class Settings(AccountSettings):
    """The whole top level; what is not of one account stands only here."""

    local_api: LocalApiSettings = LocalApiSettings()
    metrics: MetricsSettings = MetricsSettings()
    logs: LogSettings = LogSettings()
    alerts: object = None
    """Read by config/alerts.py; here only so that the key is known."""
    overrides: object = None
    """Read by config/policies.py; here only so that the key is known."""
