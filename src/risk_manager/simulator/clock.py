"""The venue's own clock: it runs like the real one, from whatever instant it was set to."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class VenueClock:
    """Aware UTC instants that follow the monotonic clock (or another counter of seconds), and can be set."""

    def __init__(self, start: datetime | None = None, *, counter: Callable[[], float] = time.perf_counter) -> None:
        self._start = start if start is not None else datetime.now(UTC)
        self._counter = counter
        self._read_at = counter()

    def now(self) -> datetime:
        """The venue's instant."""
        return self._start + timedelta(seconds=self._counter() - self._read_at)

    def set(self, instant: datetime) -> None:
        """Jump to an instant and run on from there."""
        self._start = instant
        self._read_at = self._counter()

    def monotonic(self) -> float:
        """Seconds of a clock that all processes of a machine share and nobody sets.

        It is the performance counter: Windows advances the other one only every 16 ms.
        """
        return self._counter()
