"""The engine's alarm clock: tells it when the instant that it named has come."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from risk_manager.daemon.clock import Clock

LONGEST_SLEEP = 30.0
"""Seconds after which the wall clock is looked at again: it may have jumped while the machine slept."""


class Timer:
    """One sleep until the next deadline; nothing runs while there is none."""

    def __init__(self, *, clock: Clock, tick: Callable[[datetime], None]) -> None:
        self._clock = clock
        self._tick = tick
        self._deadline: datetime | None = None
        self._handle: asyncio.TimerHandle | None = None

    def arm(self, deadline: datetime | None) -> None:
        """Sleep until another deadline than before; None: there is none."""
        if deadline == self._deadline:
            return
        self._deadline = deadline
        self._sleep()

    def look(self) -> None:
        """Look at the clock now: more time may have passed than the loop knows."""
        if self._deadline is not None:
            self._wake()

    def stop(self) -> None:
        """Wake no more."""
        self.arm(None)

    def _sleep(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._deadline is None:
            return
        left = (self._deadline - self._clock.now()).total_seconds()
        self._handle = asyncio.get_running_loop().call_later(min(max(left, 0.0), LONGEST_SLEEP), self._wake)

    def _wake(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        now = self._clock.now()
        if self._deadline is None or now < self._deadline:
            self._sleep()
            return
        self._deadline = None
        self._tick(now)
