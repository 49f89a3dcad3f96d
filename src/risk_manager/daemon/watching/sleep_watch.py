"""Whether the machine slept, or stood still: seconds that passed while nothing ran."""

import asyncio
from collections.abc import Callable

from risk_manager.daemon.clock import Clock

LOOK_EVERY = 2.5
"""Seconds between two looks: a machine that wakes has its timers due at once, and an idle one is left alone."""
SLEPT = 5.0
"""Seconds lost between two looks that count as sleep."""


class SleepWatch:
    """Looks at the clock all along, and calls `woke` with the seconds that are missing."""

    def __init__(self, *, clock: Clock, woke: Callable[[float], None]) -> None:
        self._clock = clock
        self._woke = woke

    async def run(self) -> None:
        """Watch for as long as the daemon lives."""
        seen = self._clock.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = self._clock.monotonic()
            missing = now - seen - LOOK_EVERY
            seen = now
            if missing >= SLEPT:
                self._woke(missing)
