"""The daily giving up of what is older than is kept."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from risk_manager.daemon.clock import Clock
from risk_manager.daemon.keeper import StoreKeeper

KEPT = timedelta(days=7)
"""How much of the journal is kept."""
COMPACT_EVERY = timedelta(days=1)
COMPACTION_PAUSE = timedelta(minutes=10)
"""How long after the start the journal is first compacted, and then how often that is thought of."""


class Compaction:
    """Asks the keeper for it once a day; not before the venue has told what day it is (`is_live`)."""

    def __init__(self, keeper: StoreKeeper, *, clock: Clock, is_live: Callable[[], bool]) -> None:
        self._keeper = keeper
        self._clock = clock
        self._is_live = is_live

    async def run(self) -> None:
        """Compact for as long as the daemon lives."""
        compacted_at = float("-inf")
        while True:
            await asyncio.sleep(COMPACTION_PAUSE.total_seconds())
            is_due = self._clock.monotonic() - compacted_at >= COMPACT_EVERY.total_seconds()
            if is_due and self._is_live():
                compacted_at = self._clock.monotonic()
                await self._keeper.compact(self._clock.now() - KEPT)
