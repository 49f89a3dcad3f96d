import asyncio
import os
import signal
import sys
from contextlib import suppress

from risk_manager.daemon.stop_signals import stopping_on_signals


async def test_a_stop_signal_cancels_what_runs_and_the_old_ways_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    stopped = asyncio.Event()

    async def work() -> None:
        with stopping_on_signals():
            try:
                if sys.platform == "win32":
                    signal.raise_signal(signal.SIGTERM)
                else:
                    os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.Event().wait()
            finally:
                stopped.set()

    task = asyncio.create_task(work())
    async with asyncio.timeout(5):
        await stopped.wait()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert signal.getsignal(signal.SIGTERM) == before
