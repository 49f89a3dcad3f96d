"""When an alarm may be told: the first one at once, its repetitions together, ever more rarely while they go on."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

FIRST_WINDOW = timedelta(minutes=1)
"""How long repetitions of an alarm wait for each other at first; doubled while they go on."""
LONGEST_WINDOW = timedelta(minutes=15)
MOST_AT_ONCE = 20
"""Different alarms that are told one by one within a minute; what is beyond is told together."""
CROWD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time after an alarm in which the same one waits; `holds`: one does, and will be told at the end."""

    until: datetime
    length: timedelta
    holds: bool = False


@dataclass(slots=True)
class Storm:
    """What was told lately, by fold. Pure: it is told the time."""

    windows: dict[str, Window] = field(default_factory=dict)
    _at_once: deque[datetime] = field(default_factory=deque)

    def due(self, fold: str, now: datetime) -> datetime:
        """Tell when an alarm may be told, and count it as one: now, or at the end of the window that it falls into."""
        window = self._window(fold, now)
        if window is not None and now < window.until:
            self.windows[fold] = replace(window, holds=True)
            return window.until
        length = FIRST_WINDOW if window is None else min(window.length * 2, LONGEST_WINDOW)
        self.windows[fold] = Window(until=now + length, length=length)
        return now

    def is_crowded(self, now: datetime) -> bool:
        """Tell whether too many alarms are told one by one; else count one more."""
        while self._at_once and not (timedelta(0) <= now - self._at_once[0] < CROWD):
            self._at_once.popleft()
        if len(self._at_once) >= MOST_AT_ONCE:
            return True
        self._at_once.append(now)
        return False

    def forget(self, now: datetime) -> list[str]:
        """Drop and list the folds that have been quiet long enough to begin anew."""
        over = [fold for fold in list(self.windows) if self._window(fold, now) is None]
        for fold in over:
            del self.windows[fold]
        return over

    def _window(self, fold: str, now: datetime) -> Window | None:
        """Find the window that counts now; what waited was told at its end, which opened another."""
        window = self.windows.get(fold)
        if window is None:
            return None
        if window.until - now > LONGEST_WINDOW:
            return None  # the clock was set back
        while window.holds and now >= window.until:
            length = min(window.length * 2, LONGEST_WINDOW)
            window = Window(until=window.until + length, length=length)
        return window if now < window.until + window.length else None


def restored(windows: Mapping[str, Window]) -> Storm:
    """Go on with what an earlier life told lately: a daemon that starts over and over is a storm too."""
    return Storm(dict(windows))
