"""How a stop signal ends the daemon."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from risk_manager.daemon.stop_signals import stopping_on_signals
from tests.patience import patience


def send_stop() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)


async def at_once() -> None:
    """Nothing is under way."""


async def work(before: Callable[[], Awaitable[None]], begun: asyncio.Event) -> None:
    with stopping_on_signals(before):
        begun.set()
        await asyncio.Event().wait()


async def ended(task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(patience(5)):
        with suppress(asyncio.CancelledError):
            await task


async def test_a_stop_signal_cancels_what_runs_and_the_old_ways_come_back() -> None:
    before, begun = signal.getsignal(signal.SIGTERM), asyncio.Event()
    task = asyncio.create_task(work(at_once, begun))
    await begun.wait()
    send_stop()
    await ended(task)
    assert task.cancelled()
    assert signal.getsignal(signal.SIGTERM) == before


async def test_what_is_being_enforced_is_brought_to_its_proof_first() -> None:
    begun, asked, proven = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def until_proven() -> None:
        asked.set()
        await proven.wait()

    task = asyncio.create_task(work(until_proven, begun))
    await begun.wait()
    send_stop()
    async with asyncio.timeout(patience(5)):
        await asked.wait()
    assert not task.done()
    proven.set()
    await ended(task)
    assert task.cancelled()


async def test_a_second_signal_waits_for_nothing() -> None:
    begun, asked = asyncio.Event(), asyncio.Event()

    async def never() -> None:
        asked.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(work(never, begun))
    await begun.wait()
    send_stop()
    async with asyncio.timeout(patience(5)):
        await asked.wait()
    send_stop()
    await ended(task)
    assert task.cancelled()
    for other in asyncio.all_tasks() - {asyncio.current_task()}:
        other.cancel()
