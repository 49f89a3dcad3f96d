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

from tools.mirrors import CORE, TESTS, mirrors

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


def report(measured: coverage.Coverage, module: Path) -> float:
    """Print a module's line, and return its share in percent."""
    text = io.StringIO()
    contexts = [IMPORT, *(rf"(^|\.){path.stem}\." for path in mirrors(module))]
    share = measured.report(morfs=[str(module)], contexts=contexts, file=text, show_missing=True)
    missing = text.getvalue().splitlines()[2].split("%", 1)[1].strip()
    sys.stdout.write(
        f"{share:6.1f} %  {module.relative_to(CORE).as_posix()}{'  missed: ' if missing else ''}{missing}\n"
    )
    return share


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
