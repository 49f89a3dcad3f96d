"""Mutations before the tests: each in a fork of one warm process, which loads anew only what the module touches."""

import gc
import importlib
import importlib.abc
import importlib.util
import os
import pkgutil
import resource
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import grimp
import hypothesis
import pytest

from tools.mirrors import ROOT, TESTS, mirrors
from tools.mutants.mutations import Mutation, mutations

if sys.platform == "win32":
    raise ImportError("there is no fork on Windows")

PACKAGE = "risk_manager"
WARM = ("core", "config", "replay")
"""The rooms that the tests of the core load."""
_PROFILE = "mutants"
_PYTEST = (
    "-x",
    "-q",
    "--tb=no",
    "--no-header",
    "--assert=plain",
    "--override-ini=addopts=--import-mode=importlib",
    f"--hypothesis-profile={_PROFILE}",
    *(f"-pno:{plugin}" for plugin in ("cacheprovider", "randomly", "xdist")),
)
_MEMORY = 2 << 30


class Fate(Enum):
    """What became of a mutation."""

    KILLED_BY_ITS_OWN_TESTS = "killed by its own tests"
    KILLED_BY_OTHERS = "killed by others"
    SURVIVED = "survived"


class TestsFailError(Exception):
    """The tests fail without any mutation."""


@dataclass(frozen=True, slots=True)
class Target:
    """A module that is broken, and the tests that should notice."""

    path: Path
    """Below `src/risk_manager`."""

    @property
    def name(self) -> str:
        """Give the name by which it is imported."""
        return ".".join((PACKAGE, *self.path.with_suffix("").parts))

    @property
    def file(self) -> Path:
        """Give the place of its code."""
        return ROOT / "src" / PACKAGE / self.path

    def own_tests(self) -> list[str]:
        """List the test files that mirror it, and of a rule those that hold for every rule too."""
        found = mirrors(self.file)
        if self.path.parent.name == "rules":
            found += [TESTS / "rules" / "test_all_rules.py", TESTS / "test_strictness.py"]
        return list(map(str, found))

    def other_tests(self) -> list[str]:
        """List the tests of everybody: the stories, and the naive model."""
        tests = ROOT / "tests"
        model = tests / "models" / f"test_{self.path.stem}.py"
        model = model if model.exists() else tests / "models" / "test_all_rules.py"
        return [str(tests / "test_stories.py"), str(model)]


class _Mutant(importlib.abc.InspectLoader, importlib.abc.MetaPathFinder):
    """Loads the changed code in the module's place."""

    def __init__(self, target: Target, code: str) -> None:
        self._target, self._code = target, code

    def find_spec(self, fullname: str, _path: object, _target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._target.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._target.file, loader=self)

    def get_source(self, _fullname: str) -> str:
        return self._code


def warm_up() -> None:
    """Load what every trial needs, once."""
    sys.path[:0] = [str(ROOT)]
    hypothesis.settings.register_profile(
        _PROFILE,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for room in WARM:
        package = importlib.import_module(f"{PACKAGE}.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def all_mutations(target: Target) -> list[Mutation]:
    """List what can be changed in a module."""
    return list(mutations(target.file.read_text(encoding="utf-8"), importlib.import_module(target.name)))


def try_all(target: Target, tried: Iterable[tuple[Mutation, bool]], *, jobs: int) -> Iterator[tuple[Mutation, Fate]]:
    """Tell the fate of each mutation; those marked are tried by the module's own tests alone."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    anew = {target.name, *graph.find_downstream_modules(target.name)}
    own, others = target.own_tests(), target.other_tests()
    seconds = _seconds_unbroken(target, anew, (own, others))
    running: dict[int, Mutation] = {}
    for mutation, only_own in tried:
        if len(running) >= jobs:
            yield _next_end(running)
        stages = (own,) if only_own else (own, others)
        running[_fork(target, anew, mutation.code, stages, seconds)] = mutation
    while running:
        yield _next_end(running)


def _seconds_unbroken(target: Target, anew: set[str], stages: Sequence[list[str]]) -> int:
    """Run the tests on the module as it is: how many seconds of the processor a mutant is given, five times as many."""
    code = target.file.read_text(encoding="utf-8")
    pid = _fork(target, anew, code, stages, 3600)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise TestsFailError(f"the tests of {target.path.as_posix()} fail without any mutation")
    return 10 + 5 * int(usage.ru_utime + usage.ru_stime)


def _next_end(running: dict[int, Mutation]) -> tuple[Mutation, Fate]:
    pid, status = os.wait()
    mutation = running.pop(pid)
    match os.waitstatus_to_exitcode(status):
        case 0:
            return mutation, Fate.SURVIVED
        case 2:
            return mutation, Fate.KILLED_BY_OTHERS
        case _:  # what ran for too long, or died otherwise, was noticed too
            return mutation, Fate.KILLED_BY_ITS_OWN_TESTS


def _fork(target: Target, anew: set[str], code: str, stages: Sequence[list[str]], seconds: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    verdict = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        verdict = _verdict(target, anew, code, stages)
    finally:
        os._exit(verdict)  # nothing of the parent's is to be ended twice


def _verdict(target: Target, anew: set[str], code: str, stages: Sequence[list[str]]) -> int:
    """Load the mutant in the module's place and run its tests; 0 when none fails, otherwise the number of the stage."""
    for name in anew:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Mutant(target, code))
    for number, files in enumerate(stages, start=1):
        if files and pytest.main([*_PYTEST, *files]) != pytest.ExitCode.OK:
            return number
    return 0
