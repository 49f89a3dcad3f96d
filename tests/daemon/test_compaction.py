import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from risk_manager.daemon.compaction import COMPACT_EVERY, COMPACTION_PAUSE, KEPT, Compaction
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.store.database import open_in_memory
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time


class Noting(StoreKeeper):
    """Notes before when everything is given up."""

    def __init__(self) -> None:
        self.database = open_in_memory()
        super().__init__(self.database, clock=LoopClock(), failing=lambda _: None)
        self.before: list[datetime] = []

    async def compact(self, before: datetime) -> None:
        self.before.append(before)


def given_up(*, live_after: timedelta, during: timedelta) -> list[datetime]:
    async def scene() -> list[datetime]:
        keeper, clock = Noting(), LoopClock()
        compaction = Compaction(keeper, clock=clock, is_live=lambda: clock.now() >= START + live_after)
        running = asyncio.create_task(compaction.run())
        await asyncio.sleep(during.total_seconds())
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        keeper.database.close()
        return keeper.before

    return in_virtual_time(scene())


def test_what_is_older_than_is_kept_goes_once_a_day() -> None:
    first, second = given_up(live_after=timedelta(), during=COMPACT_EVERY + 2 * COMPACTION_PAUSE)
    assert first == START + COMPACTION_PAUSE - KEPT
    assert second - first >= COMPACT_EVERY


def test_nothing_goes_before_the_venue_has_told_what_day_it_is() -> None:
    assert given_up(live_after=timedelta(hours=2), during=timedelta(hours=2)) == []
    (only,) = given_up(live_after=timedelta(hours=2), during=timedelta(hours=3))
    assert only.tzinfo is UTC
