"""A loop over real sockets that does not wait: when nothing is to be read, its time skips to the next timer.

Time goes on with the work of this process too, so that what work costs is measured with what waiting would have cost,
and a busy machine, which makes everybody wait for his turn, changes nothing.
"""

import asyncio
import selectors
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")
GRACE = 0.02 if sys.platform == "win32" else 0.001
"""Seconds without a byte, real ones, after which nothing is on its way any more."""
LONGEST_SKIP = 0.05
"""Seconds skipped at once: by so much may something be late that is still on its way through the kernel."""


class _SkippingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self._is_quiet = False

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready:
            self._is_quiet = False
            return ready
        if timeout is None:
            return super().select(5)
        if timeout > 0 and not self._is_quiet:
            self._is_quiet = True
            return super().select(GRACE)  # what is still on its way through the kernel
        if timeout > 0:
            self.skipped += min(timeout, LONGEST_SKIP)
        return ready


class _OnTheSpot(ThreadPoolExecutor):
    """Does at once what is meant for a thread: the loop would not wait for one."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        done: Future[Result] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001  whoever waits for it is told
            done.set_exception(error)
        return done


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop in skipping time."""

    def __init__(self) -> None:
        self._sockets = _SkippingSelector()
        super().__init__(self._sockets)
        self.set_default_executor(_OnTheSpot())

    def time(self) -> float:
        return time.process_time() + self._sockets.skipped

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109  the loop's
        """There is no thread to wait for, which would be waited for in real time."""
        await super().shutdown_default_executor()


def in_skipping_time(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a test's coroutine to its end."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(work)
