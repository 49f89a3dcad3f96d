"""A loop whose time jumps to the next timer: hours of waiting in a blink, and always the same."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

Given = TypeVarTuple("Given")
Result = TypeVar("Result")
LONGEST_BLINK = 60.0
"""Seconds of the machine's for which virtual time waits for a thread or a process, on a disk that others keep busy."""
START = datetime(2026, 8, 20, 14, 0, tzinfo=UTC)


class _JumpingSelector(selectors.DefaultSelector):
    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout is None:
            return ready or super().select(5)
        if timeout > 0 and self.loop.waits_for_others() and (ready := super().select(LONGEST_BLINK)):
            return ready
        self.loop.elapsed += max(timeout, 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self) -> None:
        self.elapsed = 1000.0
        self._dying: list[asyncio.SubprocessTransport] = []
        self._births = self._jobs = 0
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self.elapsed

    def waits_for_others(self) -> bool:
        """Tell whether a thread works, or a process begins or dies: a machine's blink must not become hours."""
        return self._jobs + self._births > 0 or any(one.get_returncode() is None for one in self._dying)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Given], Result], *args: *Given
    ) -> asyncio.Future[Result]:
        """Let a thread work, and know of its end."""
        job = super().run_in_executor(executor, func, *args)
        self._jobs += 1
        job.add_done_callback(self._job_done)
        return job

    def _job_done(self, _: Any) -> None:
        self._jobs -= 1

    async def subprocess_exec(self, *arguments: Any, **options: Any) -> Any:
        """Start a process, and know of its end."""
        self._births += 1
        try:
            transport, protocol = await super().subprocess_exec(*arguments, **options)
        finally:
            self._births -= 1
        kill = transport.kill

        def kill_and_wait() -> None:
            self._dying.append(transport)
            kill()

        transport.kill = kill_and_wait  # type: ignore[method-assign]  # the moment from which it is waited for
        return transport, protocol

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109  the loop's
        """Wait for threads as long as they take: they live in real time, of which a virtual limit says nothing."""
        await super().shutdown_default_executor()


class LoopClock:
    """The running loop's virtual time as wall clock and monotonic clock; `ahead` is what it was set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic() - 1000.0) + self.ahead


class PlayedMachine:
    """A machine whose wall clock is set by hand; its elapsed time is the loop's, and sleep adds to it."""

    def __init__(self, *, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead
        self.slept = 0.0

    def wall(self) -> datetime:
        return LoopClock().now() + self.ahead

    def elapsed(self) -> float:
        return asyncio.get_running_loop().time() + self.slept


async def until(what: Callable[[], object], longest: float = 120) -> None:
    """Let virtual time pass until something is so; there is nothing to wait on but the clock that we move."""
    async with asyncio.timeout(longest):
        while not what():  # noqa: ASYNC110  in virtual time a look costs nothing, and anything may be asked
            await asyncio.sleep(0.01)


def in_virtual_time(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a test's coroutine to its end."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
