"""Every trial is a fork of a process that has loaded all there is: it ends with a number, and that is its verdict."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from enum import Enum

if sys.platform == "win32":
    raise ImportError("there is no fork on Windows")

_MEMORY = 2 << 30


class Fate(Enum):
    """What became of a mutation."""

    KILLED_BY_ITS_OWN_TESTS = "killed by its own tests"
    KILLED_BY_OTHERS = "killed by others"
    SURVIVED = "survived"


def fork(work: Callable[[], int], seconds: int | None = None) -> int:
    """Do something in a silent fork, for so many seconds of the processor at most."""
    pid = os.fork()
    if pid:
        return pid
    verdict = 1
    try:
        if seconds is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        verdict = work()
    finally:
        os._exit(verdict)  # nothing of the parent's is to be ended twice


def next_end(running: dict[int, int]) -> tuple[int, Fate]:
    """Wait for the next of the trials that run, by process id: its number, and what became of the mutation."""
    pid, status = os.wait()
    match os.waitstatus_to_exitcode(status):
        case 0:
            fate = Fate.SURVIVED
        case 2:
            fate = Fate.KILLED_BY_OTHERS
        case _:  # what ran for too long, or died otherwise, was noticed too
            fate = Fate.KILLED_BY_ITS_OWN_TESTS
    return running.pop(pid), fate
