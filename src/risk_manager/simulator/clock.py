"""The venue's own clock: it runs like the real one, from whatever instant it was set to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class VenueClock:
    """Aware UTC instants that follow the monotonic clock, and can be set."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start if start is not None else datetime.now(UTC)
        self._read_at = time.perf_counter()

    def now(self) -> datetime:
        """The venue's instant."""
        return self._start + timedelta(seconds=time.perf_counter() - self._read_at)

    def set(self, instant: datetime) -> None:
        """Jump to an instant and run on from there."""
        self._start = instant
        self._read_at = time.perf_counter()

    @staticmethod
    def monotonic() -> float:
        """Seconds of a clock that all processes of a machine share and nobody sets.

        It is the performance counter: Windows advances the other one only every 16 ms.
        """
        return time.perf_counter()
