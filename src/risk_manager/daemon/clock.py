"""What time it is, read here and nowhere else."""

import sys
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

JUMP = timedelta(seconds=2)
"""A difference between wall clock and elapsed time from which it counts as a jump."""
WINDOW: Final = 900.0
"""Seconds for which the venue's word is remembered: the oscillators of two machines part by less than 0.1 s in them."""
TOLERANCE: Final = 2.0
"""Seconds by which the clocks of the venue's own machines may differ."""
NEAR: Final = 60.0
"""Seconds by which the wall clock may be off for the venue's first word to be believed at once."""
FIRST_WORDS: Final = 2
"""Replies that must agree before time begins far from the wall clock: a single absurd one must not set it."""
OTHER_WORDS: Final = 3
"""Replies in a row that must agree with one another before the time that was believed is given up."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Tell the instant (aware, UTC); never earlier than told before."""

    def monotonic(self) -> float:
        """Tell seconds since some start, unmoved by changes of the wall clock."""


class Machine(Protocol):
    """The clocks of a machine."""

    def wall(self) -> datetime:
        """Tell what the machine thinks the time is (aware, UTC); anybody may set it."""

    def elapsed(self) -> float:
        """Tell seconds since some start, those included that the machine slept; nobody can set it."""


class ThisMachine:
    """The machine that the daemon runs on."""

    def wall(self) -> datetime:
        """Tell what the machine thinks the time is (aware, UTC)."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Tell seconds since some start, with sleep: each platform counts it in another clock."""
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        if sys.platform == "darwin":
            return time.clock_gettime(time.CLOCK_MONOTONIC)
        # Windows: the performance counter; before Python 3.13 the monotonic clock advances only every 16 ms there.
        return time.perf_counter()


class VenueClock:
    """The venue's time, told from its own words and carried on by a clock that nobody can set.

    The wall clock serves until the venue has first spoken; that word may set the time back, so nothing is to be
    judged before it (`is_anchored`). Later changes of the wall clock, and sleep, change nothing. A stamp of the
    venue is a lower bound of its time, as it travelled for an unknown while; the latest of them in a window is
    the time, and replies that say how old they can be at most guard against absurd ones. Where time has run
    ahead it goes on at half its pace, until it agrees again.
    """

    def __init__(self, machine: Machine | None = None) -> None:
        self._machine = machine or ThisMachine()
        self._origin = self._machine.wall()
        elapsed = self._machine.elapsed()
        self._offset = -elapsed  # venue time = origin + elapsed + offset, in seconds
        self._told = 0.0
        self._told_at = elapsed
        self._lowest: deque[tuple[float, float]] = deque()
        self._highest: deque[tuple[float, float]] = deque()
        self._dissent: list[tuple[float, float]] = []
        self.is_anchored = False
        self.heard_at: float | None = None
        """When the venue was last believed (monotonic seconds)."""

    def monotonic(self) -> float:
        """Tell seconds since some start, those included that the machine slept."""
        return self._machine.elapsed()

    def now(self) -> datetime:
        """Tell the venue's instant (aware, UTC)."""
        elapsed = self._machine.elapsed()
        meant = elapsed + self._offset
        self._told = meant if meant >= self._told else self._told + (elapsed - self._told_at) / 2
        self._told_at = elapsed
        return self._origin + timedelta(seconds=self._told)

    @property
    def skew(self) -> timedelta:
        """How far the machine's wall clock is ahead of the venue's time."""
        return self._machine.wall() - self.now()

    def heard(self, stamp: datetime, *, within: float | None = None) -> None:
        """Note the venue's word: its clock showed `stamp` in the past, `within` seconds at most where that is known."""
        elapsed = self._machine.elapsed()
        lowest = (stamp - self._origin).total_seconds() - elapsed
        if within is None:
            if self.is_anchored and lowest <= -self._highest[0][1] + TOLERANCE:
                self._believe(elapsed, lowest)
            return
        if self._agrees(lowest, lowest + within):
            self._dissent.clear()
            self._believe(elapsed, lowest, lowest + within)
            return
        self._dissent = [one for one in self._dissent if _meet(one, (lowest, lowest + within))]
        self._dissent.append((lowest, lowest + within))
        if len(self._dissent) >= (OTHER_WORDS if self.is_anchored else FIRST_WORDS):
            self._begin_anew(elapsed)

    def _agrees(self, lowest: float, highest: float) -> bool:
        slack = TOLERANCE if self.is_anchored else NEAR
        return lowest - slack <= self._offset <= highest + slack

    def _begin_anew(self, elapsed: float) -> None:
        """Believe those who agree with one another."""
        words, self._dissent = self._dissent, []
        self._lowest.clear()
        self._highest.clear()
        for lowest, highest in words:
            self._believe(elapsed, lowest, highest)

    def _believe(self, elapsed: float, lowest: float, highest: float | None = None) -> None:
        _remember(self._lowest, elapsed, lowest)
        if highest is not None:
            _remember(self._highest, elapsed, -highest)
        self._offset = self._lowest[0][1]
        self.heard_at = elapsed
        if not self.is_anchored:
            self.is_anchored = True
            self._told = elapsed + self._offset


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] + TOLERANCE and other[0] <= one[1] + TOLERANCE


def _remember(window: deque[tuple[float, float]], at: float, value: float) -> None:
    """Add a value to a window whose first entry is its greatest; the latest one stays, however old it gets."""
    while window and window[-1][1] <= value:
        window.pop()
    window.append((at, value))
    while window[0][0] <= at - WINDOW:
        window.popleft()


class SystemClock:
    """The machine's clock, made monotonic: for screens, which judge nothing.

    A jump forward (the machine slept, the clock was set) is followed at once. After a jump back, time goes on
    at its own pace: an instant that was told is not told again.
    """

    def __init__(self) -> None:
        self._wall = self._read()
        self._elapsed = self.monotonic()

    def monotonic(self) -> float:
        """Tell seconds since some start."""
        return time.perf_counter()

    def now(self) -> datetime:
        """Tell the instant (aware, UTC)."""
        elapsed = self.monotonic()
        expected = self._wall + timedelta(seconds=elapsed - self._elapsed)
        wall = self._read()
        is_set_back = wall - expected <= -JUMP
        self._wall = expected if is_set_back else max(wall, self._wall)
        self._elapsed = elapsed
        return self._wall

    def _read(self) -> datetime:
        return datetime.now(UTC)
