"""The wall clock, read here and nowhere else."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

JUMP = timedelta(seconds=2)
"""A difference between wall clock and elapsed time from which it counts as a jump."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Tell the instant (aware, UTC); never earlier than told before."""

    def monotonic(self) -> float:
        """Tell seconds since some start, unmoved by changes of the wall clock."""


class SystemClock:
    """The machine's clock, made monotonic.

    A jump forward (the machine slept, the clock was set) is followed at once. After a jump back, time goes on
    at its own pace: an instant that was told is not told again. `last_jump` is the latest one, for people.
    """

    def __init__(self) -> None:
        self._wall = self._read()
        self._elapsed = self.monotonic()
        self.last_jump: timedelta | None = None

    def monotonic(self) -> float:
        """Tell seconds since some start."""
        return time.monotonic()

    def now(self) -> datetime:
        """Tell the instant (aware, UTC)."""
        elapsed = self.monotonic()
        expected = self._wall + timedelta(seconds=elapsed - self._elapsed)
        wall = self._read()
        difference = wall - expected
        if abs(difference) >= JUMP:
            self.last_jump = difference
        follows = difference > -JUMP
        self._wall = max(wall, self._wall) if follows else expected
        self._elapsed = elapsed
        return self._wall

    def _read(self) -> datetime:
        return datetime.now(UTC)
