"""The signals that ask the daemon to stop, turned into a cancellation."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("SIGINT", "SIGTERM", "SIGBREAK")
"""Ctrl-C, what services and process managers send, and Ctrl-Break; a platform has some of them."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """While inside, a stop signal cancels the running task: cancellation is the way to stop."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None:
        raise RuntimeError("only a running task can be stopped")
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    if sys.platform == "win32":  # its loops know no signal handlers
        old = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(task.cancel)) for number in numbers}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
        return
    for number in numbers:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
