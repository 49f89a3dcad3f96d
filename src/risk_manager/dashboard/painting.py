"""When the screen is painted: soon after something happens, prices on their beat, and as a second begins."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from risk_manager.dashboard.rhythm import Rhythm

SOON = 0.03
"""Seconds until what happened is on the screen; what happens meanwhile is painted with it."""
AT_ONCE = 0.005
"""Seconds until what the daemon does is, and prices on their beat: what is told in the same breath comes along."""


class Waking(Protocol):
    """A call that is to come."""

    def stop(self) -> None:
        """Let it not come."""


class SetTimer(Protocol):
    """textual's way to be woken."""

    def __call__(self, delay: float, callback: Callable[[], None], /) -> Waking:
        """Call in `delay` seconds."""


class Painting:
    """Calls `paint`, for many reasons at a time, and is told when that is done.

    `now` tells the daemon's time.
    """

    def __init__(self, paint: Callable[[], None], *, now: Callable[[], datetime], set_timer: SetTimer) -> None:
        self._paint = paint
        self._now = now
        self._set_timer = set_timer
        self._rhythm = Rhythm()
        self._next: Waking | None = None
        self._next_within = 0.0
        self._look: Waking | None = None
        self._looks_at: datetime | None = None
        self._awaits_beat = False
        self._painted_at = now()

    def within(self, seconds: float) -> None:
        """Paint at the latest then."""
        if self._next is not None and self._next_within <= seconds:
            return
        if self._next is not None:
            self._next.stop()
        self._next, self._next_within = self._set_timer(seconds, self._paint), seconds

    def on_beat(self) -> None:
        """Paint what comes first on its beat at once, and what comes after that on the next."""
        if self._rhythm.is_another(self._now()):
            self.within(AT_ONCE)
        elif self._next is None and not self._awaits_beat:
            self._awaits_beat = True
            self._look_later()

    def begins(self) -> datetime:
        """Be told that it is painted now, with all that was waited for; tell as of when."""
        if self._next is not None:
            self._next.stop()
            self._next = None
        self._awaits_beat, self._painted_at = False, self._now()
        self._look_later()
        return self._painted_at

    def look(self) -> None:
        """Paint what nobody tells: countdowns and the time of day."""
        self._look = self._looks_at = None
        if self._awaits_beat or self._now().replace(microsecond=0) != self._painted_at.replace(microsecond=0):
            self._paint()
        else:
            self._look_later()

    def _look_later(self) -> None:
        now = self._now()
        due = self._rhythm.next_beat(now) if self._awaits_beat else self._rhythm.next_second(now)
        if due != self._looks_at:
            if self._look is not None:
                self._look.stop()
            self._look, self._looks_at = self._set_timer((due - now).total_seconds(), self.look), due
