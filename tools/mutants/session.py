"""A session of pytest that collects its tests once, and runs them in a fork for each function broken in place."""

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import FrameType

import pytest

from tools.mutants.forks import fork, next_end
from tools.mutants.in_place import Replacement, outermost

if sys.platform == "win32":
    raise ImportError("there is no fork on Windows")

_SECONDS, _TIMES = 0.5, 5
"""A mutant is given so many seconds of the processor for each test, and so many times as many as the test took."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A test that concerns a mutant, and the seconds of the processor that it may take."""

    item: pytest.Item
    seconds: float


@dataclass(frozen=True, slots=True)
class Unbroken:
    """What a test does while nothing is broken."""

    functions: list[str]
    """Those of the module that it runs."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Quick:
    """A mutation that is put in its place: its number, what it changes, and how many of the stages may notice it."""

    number: int
    change: Replacement
    stages: int


@dataclass(frozen=True, slots=True)
class Session:
    """A plugin of pytest in the place of its loop over the tests."""

    stages: Sequence[list[str]]
    """The test files, those first that should notice."""
    quick: Sequence[Quick]
    jobs: int
    told: int
    """Where the outcomes are written, a line for each: its number, and its fate."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutation, when the tests pass without any."""
        stages = [[item for item in session.items if str(item.path) in files] for files in self.stages]
        unbroken = self._unbroken(session, [item for stage in stages for item in stage])
        running: dict[int, int] = {}
        for one in self.quick:
            if len(running) >= self.jobs:
                self._tell(running)
            concerned = [
                [
                    Trial(item, _SECONDS + _TIMES * unbroken[item.nodeid].seconds)
                    for item in stage
                    if one.change.name in unbroken[item.nodeid].functions
                ]
                for stage in stages[: one.stages]
            ]
            running[fork(partial(_verdict, session, one.change, concerned))] = one.number
        while running:
            self._tell(running)
        return True

    def _tell(self, running: dict[int, int]) -> None:
        number, fate = next_end(running)
        os.write(self.told, f"{number} {fate.name}\n".encode())

    def _unbroken(self, session: pytest.Session, items: list[pytest.Item]) -> dict[str, Unbroken]:
        """Run the tests on the module as it is."""
        file = next((one.change.function.__code__.co_filename for one in self.quick), "")
        read, write = os.pipe()
        pid = fork(partial(_watch, session, items, file, write))
        os.close(write)
        with os.fdopen(read) as told:
            seen = told.read()
        if os.waitpid(pid, 0)[1] != 0:
            raise pytest.UsageError("the tests fail without any mutation")
        return {name: Unbroken(**what) for name, what in json.loads(seen).items()}


def _watch(session: pytest.Session, items: list[pytest.Item], file: str, told: int) -> int:
    seen: dict[str, Unbroken] = {}
    for item in items:
        functions: set[str] = set()

        def look(frame: FrameType, event: str, _: object, functions: set[str] = functions) -> None:
            if event == "call" and frame.f_code.co_filename == file:
                functions.add(outermost(frame.f_code))

        began = time.process_time()
        sys.setprofile(look)
        passes = _passes(session, item)
        sys.setprofile(None)
        if not passes:
            return 1
        seen[item.nodeid] = Unbroken(sorted(functions), time.process_time() - began)
    with os.fdopen(told, "w") as pipe:
        json.dump({name: asdict(what) for name, what in seen.items()}, pipe)
    return 0


def _verdict(session: pytest.Session, change: Replacement, stages: Sequence[list[Trial]]) -> int:
    """Break the function and run its tests; 0 when none fails, otherwise the number of the stage."""
    change.put()
    for number, trials in enumerate(stages, start=1):
        # an endless loop is noticed as well
        signal.signal(signal.SIGVTALRM, lambda *_, number=number: os._exit(number))
        for one in trials:
            signal.setitimer(signal.ITIMER_VIRTUAL, one.seconds)
            if not _passes(session, one.item):
                return number
    return 0


def _passes(session: pytest.Session, item: pytest.Item) -> bool:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return not session.testsfailed
