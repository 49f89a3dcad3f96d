"""Measures which branches of `core/` its tests take: each module by the test files that mirror it, and by no others.

Every module is named with its share, and with the lines and branches that are missed; 1 where any is.
"""

import io
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "src" / "risk_manager" / "core"
TESTS = ROOT / "tests" / "core"
WHOLE = 100.0
IMPORT = "^$"
"""The context of what runs when a module is imported."""


def main(arguments: Sequence[str]) -> int:
    """Run the tests of the core once, and report; other arguments go to pytest."""
    os.environ.setdefault("COVERAGE_CORE", "ctrace")  # the faster ways cannot tell which test took a branch
    with tempfile.TemporaryDirectory() as folder:
        measured = coverage.Coverage(
            data_file=str(Path(folder) / "core"), branch=True, source=[str(CORE)], config_file=False
        )
        measured.set_option("run:dynamic_context", "test_function")
        measured.start()
        outcome = pytest.main(["-q", "-p", "no:randomly", "-p", "no:cacheprovider", *arguments, str(TESTS)])
        measured.stop()
        if outcome:
            return int(outcome)
        shares = {module: report(measured, module) for module in modules()}
    missed = [module for module, share in shares.items() if share < WHOLE]
    sys.stdout.write(
        f"coverage: {len(shares) - len(missed)} of {len(shares)} modules of core/ whole, each by its own tests\n"
    )
    return 1 if missed else 0


def modules() -> list[Path]:
    """List the modules of the core in which anything runs."""
    return sorted(path for path in CORE.rglob("*.py") if mirrors(path))


def mirrors(module: Path) -> list[str]:
    """Name the test files of a module: `test_<module>.py`, and those that go on with it."""
    folder = TESTS / module.relative_to(CORE).parent
    if module.stem == "__init__":
        return sorted(path.stem for path in folder.glob("test_all_*.py"))
    return sorted(
        path.stem for path in folder.glob("*.py") if path.stem == f"test_{module.stem}" or path.stem in also(module)
    )


def also(module: Path) -> set[str]:
    """Name the files that go on where `test_<module>.py` ends, and are of no longer-named module."""
    folder, others = TESTS / module.relative_to(CORE).parent, {f"test_{one.stem}" for one in module.parent.glob("*.py")}
    begun = {path.stem for path in folder.glob(f"test_{module.stem}_*.py")}
    return {
        one
        for one in begun
        if not any(
            one == other or (one.startswith(f"{other}_") and len(other) > len(f"test_{module.stem}"))
            for other in others
        )
    }


def report(measured: coverage.Coverage, module: Path) -> float:
    """Print a module's line, and return its share in percent."""
    text = io.StringIO()
    contexts = [IMPORT, *(rf"(^|\.){name}\." for name in mirrors(module))]
    share = measured.report(morfs=[str(module)], contexts=contexts, file=text, show_missing=True)
    missing = text.getvalue().splitlines()[2].split("%", 1)[1].strip()
    sys.stdout.write(
        f"{share:6.1f} %  {module.relative_to(CORE).as_posix()}{'  missed: ' if missing else ''}{missing}\n"
    )
    return share


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
