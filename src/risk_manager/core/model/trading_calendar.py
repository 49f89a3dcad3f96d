"""Trading days and sessions: wall-clock hours of a zone, across daylight-saving changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_LOOK_AHEAD_DAYS = 400
"""A calendar that shuts every session for longer than this has no next start."""


_NOWHERE = frozenset({"localtime", "posixrules", "factory"})
"""Names that a system may know for its own setting: whoever changes that would move every reset and session."""


def zone_named(name: str) -> ZoneInfo:
    """Find a zone of the tz database; `ValueError` for a name that it does not have, or that stands for no place."""
    try:
        zone = ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        zone = None
    if zone is None or name.lower() in _NOWHERE:
        raise ValueError("must be a time zone such as America/Chicago")
    return zone


@lru_cache(maxsize=1024)  # the same few edges are asked for with every event, and a zone's arithmetic is slow
def wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Tell the instant (UTC) at which the clocks of a zone show this date and time.

    A time that the spring change leaves out is the instant of the change; of one that comes twice in autumn
    the first is meant.
    """
    local = datetime.combine(day, at, zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        # in the gap: fold=1 reads the same wall time with the later offset, the change lies between both readings
        return _end_of_gap(local, zone)
    return instant


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """Find the change itself: the first instant whose offset is the new one."""
    before = local.replace(fold=1).astimezone(UTC)
    after = local.replace(fold=0).astimezone(UTC)
    new_offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class TradingDay:
    """From one reset to the next; its key is the date on which it ends."""

    key: date
    starts_at: datetime
    ends_at: datetime

    def contains(self, at: datetime) -> bool:
        """Tell whether an instant belongs to it: the start does, the end does not."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class TradingCalendar:
    """The daily reset, every calendar day at a wall-clock time of a zone."""

    reset: time
    zone: ZoneInfo

    def day_of(self, at: datetime) -> TradingDay:
        """Find the trading day to which an instant belongs."""
        key = at.astimezone(self.zone).date()
        while at >= self._reset_of(key):
            key += _DAY
        return TradingDay(key, self._reset_of(key - _DAY), self._reset_of(key))

    def _reset_of(self, day: date) -> datetime:
        return wall_clock(day, self.reset, self.zone)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Dates without a session, and dates on which sessions end early."""

    closed: frozenset[date] = frozenset()
    early_closes: dict[date, time] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionWindow:
    """One session: half-open, in UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SessionHours:
    """The hours in which trading is wanted; `days` are the weekdays (Monday 0) on which a session ends."""

    start: time
    end: time
    zone: ZoneInfo
    days: frozenset[int]

    def window_at(self, at: datetime, holidays: Holidays) -> SessionWindow | None:
        """Find the session that is running, None outside."""
        today = at.astimezone(self.zone).date()
        for day in (today, today + _DAY, today - _DAY, today + 2 * _DAY):  # nearly always the first or the second
            for window in self._windows(day, 1, holidays):
                if window.starts_at <= at < window.ends_at:
                    return window
        return None

    def next_start(self, at: datetime, holidays: Holidays) -> datetime | None:
        """Find the first start after an instant."""
        first = at.astimezone(self.zone).date() - _DAY
        for window in self._windows(first, _LOOK_AHEAD_DAYS, holidays):
            if window.starts_at > at:
                return window.starts_at
        return None

    def last_end(self, at: datetime, holidays: Holidays) -> datetime | None:
        """Find the latest end at or before an instant, within the last ten days."""
        first = at.astimezone(self.zone).date() - 10 * _DAY
        ends = [window.ends_at for window in self._windows(first, 13, holidays) if window.ends_at <= at]
        return max(ends, default=None)

    def coming(self, at: datetime, *, days: int, holidays: Holidays) -> Sequence[SessionWindow]:
        """List the sessions that are not over and end within so many days, by time."""
        first = at.astimezone(self.zone).date() - _DAY
        return [window for window in self._windows(first, days + 1, holidays) if window.ends_at > at]

    def _windows(self, first: date, count: int, holidays: Holidays) -> Iterator[SessionWindow]:
        """List the sessions that end on `count` days from `first` on."""
        for offset in range(count):
            day = first + offset * _DAY
            if day.weekday() not in self.days or day in holidays.closed:
                continue
            start_day = day if self.start < self.end else day - _DAY
            window = SessionWindow(
                wall_clock(start_day, self.start, self.zone),
                min(
                    wall_clock(day, self.end, self.zone),
                    wall_clock(day, holidays.early_closes.get(day, self.end), self.zone),
                ),
            )
            if window.starts_at < window.ends_at:
                yield window
