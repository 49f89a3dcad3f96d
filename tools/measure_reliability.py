"""Plays the fault matrix and writes what it measured into docs/reliability.md.

`.venv/bin/python tools/measure_reliability.py`, best on a machine that does nothing else.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reliability.md"
ROWS = sorted((ROOT / "tests" / "e2e").glob("test_fault_matrix_*.py"))
COLUMNS = ("noticed", "closed", "proven", "back")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

Figures = dict[str, dict[str, float]]


def main() -> int:
    """Play, and write the table anew; the exit code is that of the tests."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "measured"
        place.touch()
        command = [sys.executable, "-m", "pytest", "-p", "no:randomly", *map(str, ROWS)]
        code = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "RISK_MANAGER_MEASURED": str(place)}, check=False
        ).returncode
        figures = slowest(place.read_text(encoding="utf-8").splitlines())
    if code == 0:
        page = PAGE.read_text(encoding="utf-8")
        head, tail = page.partition(BEGIN)[0], page.partition(END)[2]
        PAGE.write_text(f"{head}{BEGIN}\n\n{table(figures)}\n{END}{tail}", encoding="utf-8")
    return code


def slowest(lines: list[str]) -> Figures:
    """Read what was measured: of a row that is played in several ways, the slowest."""
    figures: Figures = defaultdict(dict)
    for line in lines:
        measured = json.loads(line)
        row = figures[measured.pop("row").partition("[")[0]]
        for name, seconds in measured.items():
            row[name] = max(seconds, row.get(name, 0.0))
    return figures


def table(figures: Figures) -> str:
    """Word all rows, theme by theme."""
    return "\n".join("\n".join(theme(path, figures)) for path in ROWS)


def theme(path: Path, figures: Figures) -> Iterator[str]:
    """Word the rows of one file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield f"**{(ast.get_docstring(tree) or path.stem).splitlines()[0]}**\n"
    yield "| row | noticed | flat | proven | as before |"
    yield "|---|---|---|---|---|"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            name = node.name.removeprefix("test_")
            cells = (worded(figures.get(name, {}).get(column)) for column in COLUMNS)
            yield f"| {sentence(name)} | {' | '.join(cells)} |"
    yield ""


def sentence(name: str) -> str:
    """Word the name of a test."""
    return name.replace("_", " ").replace("pcs", "PC's").replace("traders", "trader's")


def worded(seconds: float | None) -> str:
    """Word a time; nothing where none was measured."""
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004  one digit less


if __name__ == "__main__":
    raise SystemExit(main())
