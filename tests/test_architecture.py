"""What holds for all code, whoever writes it: who imports whom, where the clock is read, how large a file is."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from tests.patience import patience

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "risk_manager"
CODE = [
    ROOT / "do.py",
    *(
        path
        for folder in ("src", "tests", "benchmarks", "trials", "tools")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ),
]

CORE_MAY_IMPORT = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "math",
    "operator",
    "pydantic",
    "re",
    "types",
    "typing",
    "zoneinfo",
}
CORE_MAY_NOT_CALL = {"open", "print", "input", "exec", "eval", "__import__"}

CLOCK_READINGS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
MAY_READ_THE_CLOCK = {
    "daemon/clock.py": "the daemon's one clock, handed to whoever needs it",
    "simulator/clock.py": "the simulated venue has its own, as TopstepX does",
}

NO_MIRROR_NEEDED = {
    "__main__.py": "starts the command line and nothing else; test_cli.py starts it",
    "gateway/port.py": "a protocol: nothing runs in it",
    "store/errors.py": "names of what can go wrong; what raises them is tested",
    "core/actions.py": "values without behaviour; what makes and reads them is tested",
    "core/decisions.py": "values without behaviour; what makes and reads them is tested",
    "core/events.py": "values without behaviour; what makes and reads them is tested",
    "core/model/account.py": "values without behaviour; what makes and reads them is tested",
    "core/model/trade.py": "values without behaviour; what makes and reads them is tested",
    "simulator/__main__.py": "starts the venue and nothing else; test_venue.py starts it",
    "simulator/control_bodies.py": "values without behaviour; what makes and reads them is tested",
    "simulator/requests.py": "values without behaviour; what makes and reads them is tested",
    "simulator/exchange/changes.py": "values without behaviour; what makes and reads them is tested",
    "simulator/exchange/codes.py": "values without behaviour; what makes and reads them is tested",
}

LONGEST_FILE = 300
MAY_BE_LONGER: dict[str, str] = {
    "tests/models/court.py": "one naive engine, told in one go so that it can be read beside the law",
    "tests/models/history.py": "one account, recomputed from its events",
    "tests/models/streams.py": "one trader and one venue",
}

DAEMON_ROOMS = ("core", "config", "signalr", "gateway", "store", "local_api", "daemon")


def in_src(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def in_root(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def source_files() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def last_two_names(function: ast.expr) -> tuple[str, str] | None:
    match function:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return owner, name
        case _:
            return None


def reads_the_clock(path: Path) -> bool:
    hidden = any(
        isinstance(node, ast.ImportFrom) and node.module == "time" and {alias.name for alias in node.names} & {"time"}
        for node in ast.walk(tree(path))
    )
    return hidden or any(last_two_names(call.func) in CLOCK_READINGS for call in calls(path))


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=patience(120),
    )


def test_rooms_import_only_whom_they_may() -> None:
    code = f"""
import sys; sys.path.insert(0, {str(ROOT / "src")!r})
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True, no_logo=True))
"""
    outcome = run_python("-X", "utf8", "-c", code)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_core_stands_on_values_of_the_standard_library_and_pydantic_alone() -> None:
    graph = grimp.build_graph("risk_manager", include_external_packages=True, cache_dir=None)
    foreign = {
        f"{module} imports {imported}"
        for module in graph.modules
        if module.startswith("risk_manager.core")
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.split(".")[0] not in CORE_MAY_IMPORT and not imported.startswith("risk_manager.core")
    }
    assert not foreign


def test_the_core_touches_no_file_and_no_terminal() -> None:
    found = {
        f"{in_src(path)}:{call.lineno}"
        for path in (SRC / "core").rglob("*.py")
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id in CORE_MAY_NOT_CALL
    }
    assert not found


def test_the_clock_is_read_in_its_own_module_alone() -> None:
    readers = {in_src(path) for path in source_files() if reads_the_clock(path)}
    assert readers <= MAY_READ_THE_CLOCK.keys()


@pytest.mark.parametrize(
    "line",
    ["datetime.now(UTC)", "datetime.datetime.now()", "time.time()", "date.today()", "from time import time"],
)
def test_a_clock_reading_is_recognized_however_it_is_spelled(tmp_path: Path, line: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(line, encoding="utf-8")
    assert reads_the_clock(module)


def test_the_daemon_loads_no_screen() -> None:
    rooms = [f"risk_manager.{room}" for room in DAEMON_ROOMS if (SRC / room).is_dir()]
    code = f"""
import importlib, pkgutil, sys
sys.path.insert(0, {str(ROOT / "src")!r})
for room in {rooms!r}:
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, room + "."):
        importlib.import_module(module.name)
print(*sorted({{"rich", "textual"}} & {{name for name, module in sys.modules.items() if module}}))
"""
    outcome = run_python("-c", code)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split() == []


def test_every_module_has_its_test_in_the_same_place() -> None:
    missing = {
        in_src(path)
        for path in source_files()
        if path.name != "__init__.py"
        and not (ROOT / "tests" / path.relative_to(SRC)).with_name(f"test_{path.name}").exists()
    }
    assert missing - NO_MIRROR_NEEDED.keys() == set()


def test_no_file_is_longer_than_one_can_hold_in_mind() -> None:
    longer = {in_root(path) for path in CODE if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE}
    assert longer == MAY_BE_LONGER.keys()


def test_nothing_is_left_to_be_done() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    found = {in_root(path) for path in CODE if any(mark in path.read_text(encoding="utf-8") for mark in marks)}
    assert not found


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    marks = ("mark." + "skip", "mark." + "xfail", "pytest." + "skip", "pytest." + "xfail", "importor" + "skip")
    found = {in_root(path) for path in CODE if any(mark in path.read_text(encoding="utf-8") for mark in marks)}
    assert not found


def test_a_silenced_check_says_why() -> None:
    codes = r"(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|\[[a-z, -]+\])"
    silenced = re.compile(rf"# (noqa|type: ignore)(?!{codes}(?!,)\W+(?![A-Z]+[0-9]+\b)\w)")
    found = {
        f"{in_root(path)}:{number}"
        for path in CODE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if silenced.search(line)
    }
    assert not found


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        match[0]
        for line in (*project["dependencies"], *project["optional-dependencies"]["dev"])
        if (match := re.match(r"[A-Za-z0-9._-]+", line))
    }
    table = (ROOT / "docs" / "adr" / "0007-dependencies.md").read_text(encoding="utf-8")
    names = {
        name.removesuffix(" (Windows)")
        for row in table.splitlines()
        if row.startswith("| ")
        for name in row.split("|")[1].strip().split(", ")
    }
    assert wanted - names == set()
