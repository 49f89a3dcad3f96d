"""An account's trading day as the local API tells it: its P&L so far, its hours, and the days that come."""

from datetime import datetime
from decimal import Decimal

import msgspec


class PnlPoint(msgspec.Struct, frozen=True, array_like=True):
    """The day's P&L in dollars from an instant on, until the next point; travels as `[at, realized, open]`.

    `open` is None where the open P&L was not followed (the daemon was down) or is not known.
    """

    at: datetime
    realized: Decimal
    open: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """Realized, and what was open as far as it is known."""
        return self.realized + (self.open or Decimal(0))


class SessionTimes(msgspec.Struct, frozen=True, kw_only=True):
    """One session in which trading is wanted; `root` None is the account.

    `flat_by` is when positions are closed, which may be before `ends_at`; None when they may be held.
    """

    starts_at: datetime
    ends_at: datetime
    root: str | None = None
    flat_by: datetime | None = None


class HolidayStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A date (ISO) without a session, or with an early close at a wall-clock time (`12:00`)."""

    date: str
    early_close: str | None = None


class CalendarStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The trading day (the date on which it ends), the sessions not yet over, and the holidays ahead, by time."""

    trading_day: str
    starts_at: datetime
    sessions: tuple[SessionTimes, ...] = ()
    has_hours: bool = False
    """Whether any rule knows sessions; without one every hour is allowed."""
    holidays: tuple[HolidayStatus, ...] = ()


class RuleWords(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is enabled, with its settings as people read them."""

    name: str
    mode: str = "enforce"
    settings: str = ""
