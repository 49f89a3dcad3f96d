import asyncio
from datetime import datetime, timedelta

from risk_manager.daemon.timer import Timer
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time


def test_it_ticks_when_the_deadline_has_come_and_not_before() -> None:
    async def scene() -> None:
        ticks: list[datetime] = []
        timer = Timer(clock=LoopClock(), tick=ticks.append)
        timer.arm(START + timedelta(minutes=5))
        await asyncio.sleep(299)
        assert ticks == []
        await asyncio.sleep(2)
        assert ticks == [START + timedelta(minutes=5)]

    in_virtual_time(scene())


def test_another_deadline_replaces_the_first_and_none_ends_it() -> None:
    async def scene() -> None:
        ticks: list[datetime] = []
        timer = Timer(clock=LoopClock(), tick=ticks.append)
        timer.arm(START + timedelta(seconds=5))
        timer.arm(START + timedelta(seconds=10))
        await asyncio.sleep(7)
        assert ticks == []
        timer.stop()
        await asyncio.sleep(7)
        assert ticks == []

    in_virtual_time(scene())


def test_a_clock_that_jumped_while_the_machine_slept_is_noticed_within_half_a_minute() -> None:
    class Jumping(LoopClock):
        ahead = timedelta()

        def now(self) -> datetime:
            return super().now() + self.ahead

    async def scene() -> None:
        ticks: list[datetime] = []
        clock = Jumping()
        timer = Timer(clock=clock, tick=ticks.append)
        timer.arm(START + timedelta(hours=3))
        await asyncio.sleep(1)
        clock.ahead = timedelta(hours=4)
        await asyncio.sleep(30)
        assert len(ticks) == 1

    in_virtual_time(scene())
