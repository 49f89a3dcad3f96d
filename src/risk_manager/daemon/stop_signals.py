"""The signals that ask the daemon to stop, turned into a cancellation once nothing is left half done."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGBREAK")
"""Ctrl-C, what services and process managers send, and Ctrl-Break; a platform has some of them."""


PATIENCE = 10.0
"""Seconds for which a stop waits for what is being done; a second signal ends the wait."""


class _Stop:
    """What a stop signal does: the first lets `before` end, or runs out of patience; then the task is cancelled."""

    def __init__(self, task: asyncio.Task[Any], before: Callable[[], Awaitable[None]]) -> None:
        self._task = task
        self._before = before
        self._waiting: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        if self._waiting is not None:
            self._task.cancel()
            return
        self._waiting = self._task.get_loop().create_task(self._wait_and_stop())

    async def _wait_and_stop(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._before()
        self._task.cancel()


@contextmanager
def stopping_on_signals(before: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """While inside, a stop signal cancels the running task when `before` is done, a second one at once."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None:
        raise RuntimeError("only a running task can be stopped")
    stop = _Stop(task, before)
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    if sys.platform == "win32":  # its loops know no signal handlers
        old = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop)) for number in numbers}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
        return
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
