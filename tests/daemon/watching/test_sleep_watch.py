import asyncio

from risk_manager.daemon.clock import VenueClock
from risk_manager.daemon.watching.sleep_watch import SleepWatch
from tests.daemon.virtual_time import PlayedMachine, in_virtual_time


def test_seconds_that_are_missing_are_told_once() -> None:
    async def scene() -> list[float]:
        machine, missing = PlayedMachine(), list[float]()
        watch = asyncio.create_task(SleepWatch(clock=VenueClock(machine), woke=missing.append).run())
        await asyncio.sleep(10)
        machine.slept += 3600
        await asyncio.sleep(10)
        machine.slept += 2
        await asyncio.sleep(10)
        watch.cancel()
        return missing

    assert [round(one) for one in in_virtual_time(scene())] == [3600]
