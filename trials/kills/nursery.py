"""Where daemons come into the world: copies of one warm process where the system can fork, new processes elsewhere."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from trials.kills.mortal import Point, live

ROOT = Path(__file__).parents[2]
CAN_FORK = hasattr(os, "fork")
PATIENCE = 40.0


@dataclass
class Life:
    """One daemon's process."""

    pid: int
    ended: "asyncio.Future[int]"

    @property
    def is_over(self) -> bool:
        """Tell whether the process has ended."""
        return self.ended.done()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if not self.is_over:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, 9)
        await asyncio.shield(self.ended)


class Nursery:
    """Starts daemons one after the other; `bear` waits for the one before it to be over."""

    def __init__(self, process: asyncio.subprocess.Process | None) -> None:
        self._process = process
        self._reader: asyncio.Task[None] | None = None

    async def bear(self, home: Path, point: Point | None) -> Life:
        """Start a daemon on a home; its output goes to a file there."""
        if self._process is None:
            return await self._spawn(home, point)
        assert self._process.stdin is not None
        order = {"home": str(home), "point": None if point is None else str(point)}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        pid = int(await self._line())
        return Life(pid, asyncio.ensure_future(self._end()))

    async def _end(self) -> int:
        return int(await self._line())

    async def _line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the nursery has ended")
        return line

    async def _spawn(self, home: Path, point: Point | None) -> Life:
        arguments = [] if point is None else [str(point)]
        with (home / "daemon.out").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "trials.kills.mortal", str(home), *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(),
            )
        return Life(process.pid, asyncio.ensure_future(process.wait()))


@contextlib.asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Hold a warm process ready, where that can be forked."""
    if not CAN_FORK:
        yield Nursery(None)
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trials.kills.nursery"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_environment(),
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}


def tend() -> None:
    """Fork a daemon for each line of standard input; tell its process id, wait for its end, tell its exit code."""
    if sys.platform == "win32":
        raise SystemExit("Windows has no fork")
    import_module("trials.kills.warmth")  # once, for all the copies
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be(Path(order["home"]), None if order["point"] is None else Point.of(order["point"]))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be(home: Path, point: Point | None) -> None:
    """Be the daemon; nothing of the nursery may be touched on the way out."""
    code = 1
    try:
        with (home / "daemon.out").open("ab") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        code = live(home, point)
    finally:
        os._exit(code)


if __name__ == "__main__":
    tend()
