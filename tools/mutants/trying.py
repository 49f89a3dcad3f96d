"""Mutations before the tests: each in a fork of one warm process, which loads anew only what the module touches."""

import gc
import importlib
import importlib.abc
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import grimp
import hypothesis
import pytest

from tools.mirrors import ROOT, TESTS, mirrors
from tools.mutants.forks import Fate, fork, next_end
from tools.mutants.in_place import replacement
from tools.mutants.mutations import Mutation, mutations
from tools.mutants.session import Quick, Session

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
Tried = tuple[Mutation, Sequence[list[str]]]
"""A mutation, and the test files that should notice it, stage by stage."""


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
    """Tell the fate of each mutation; those marked are tried by the module's own tests alone.

    What can be put in its place is tried first by a session that has collected its tests already; that one says
    what is noticed. What it lets live, and all else, is loaded anew.
    """
    own, others = target.own_tests(), target.other_tests()
    every = [(mutation, (own,) if only_own else (own, others)) for mutation, only_own in tried]
    survived = dict(enumerate(every))
    for number, fate in _outcomes_in_place(target, every, (own, others), jobs=jobs):
        if fate is not Fate.SURVIVED:
            yield survived.pop(number)[0], fate
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    anew = {target.name, *graph.find_downstream_modules(target.name)}
    seconds = _seconds_unbroken(target, anew, (own, others)) if survived else 0
    running: dict[int, int] = {}
    for number, (mutation, stages) in survived.items():
        if len(running) >= jobs:
            yield _named(every, next_end(running))
        running[fork(partial(_verdict, target, anew, mutation.code, stages), seconds)] = number
    while running:
        yield _named(every, next_end(running))


def _outcomes_in_place(
    target: Target, every: Sequence[Tried], stages: Sequence[list[str]], *, jobs: int
) -> Iterator[tuple[int, Fate]]:
    original = target.file.read_text(encoding="utf-8")
    found = (
        (number, replacement(mutation, original, target.name), len(stages))
        for number, (mutation, stages) in enumerate(every)
    )
    quick = [Quick(number, change, stages) for number, change, stages in found if change]
    read, write = os.pipe()
    pid = fork(partial(_collect_and_try, Session(stages, quick, jobs, write)))
    os.close(write)
    with os.fdopen(read) as told:
        for line in told:
            number, fate = line.split()
            yield int(number), Fate[fate]
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise TestsFailError(f"the tests of {target.path.as_posix()} fail without any mutation")


def _collect_and_try(session: Session) -> int:
    files = [file for stage in session.stages for file in stage]
    return int(pytest.main([*_PYTEST, "--capture=no", *files], plugins=[session]))


def _seconds_unbroken(target: Target, anew: set[str], stages: Sequence[list[str]]) -> int:
    """Run the tests on the module as it is: how many seconds of the processor a mutant is given, five times as many."""
    code = target.file.read_text(encoding="utf-8")
    pid = fork(partial(_verdict, target, anew, code, stages))
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise TestsFailError(f"the tests of {target.path.as_posix()} fail without any mutation")
    return 10 + 5 * int(usage.ru_utime + usage.ru_stime)


def _named(every: Sequence[Tried], outcome: tuple[int, Fate]) -> tuple[Mutation, Fate]:
    number, fate = outcome
    return every[number][0], fate


def _verdict(target: Target, anew: set[str], code: str, stages: Sequence[list[str]]) -> int:
    """Load the mutant in the module's place and run its tests; 0 when none fails, otherwise the number of the stage."""
    for name in anew:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Mutant(target, code))
    for number, files in enumerate(stages, start=1):
        if files and pytest.main([*_PYTEST, *files]) != pytest.ExitCode.OK:
            return number
    return 0
