"""`python do.py mutants MODULE...`: which small changes of a module of the core does no test notice?

A module is named as below `src/risk_manager`: core/precedence.py, or core/rules for all that are in there.
Survivors must be killed by a test, or explained in `explained.toml`; then the last line says 0 unexplained.
"""

import argparse
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.mirrors import CORE

SOURCE = CORE.parent
EXPLAINED = Path(__file__).with_name("explained.toml")
ALL_EXPLAINED, UNEXPLAINED, WRONG_USE = 0, 1, 2

Change = tuple[str, str, str]
"""Where a mutant is, the statement before, the statement after."""


def main(arguments: Sequence[str]) -> int:
    """Break what is named, tell what nobody noticed; 1 when any of it is unexplained."""
    parser = argparse.ArgumentParser(
        prog="do.py mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="+", metavar="MODULE")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at the same time")
    parser.add_argument("--own", action="store_true", help="only the module's own test file: quick, and stricter")
    chosen = parser.parse_args(arguments)
    if chosen.jobs < 1:
        parser.error("--jobs must be at least 1")
    found = {name: modules_in(SOURCE / name) for name in chosen.modules}
    if unknown := [name for name, paths in found.items() if not paths]:
        parser.error(f"no module of the core is named {', '.join(unknown)}; name them as core/precedence.py is")
    if sys.platform == "win32":
        say("do.py mutants: every mutant is a fork of one process; Windows has none. Run it on Linux.")
        return WRONG_USE
    from tools.mutants.trying import TestsFailError, warm_up  # noqa: PLC0415 - cannot be loaded on Windows

    warm_up()
    every = [path.relative_to(SOURCE) for paths in found.values() for path in paths]
    try:
        open_ones = sum(try_module(path, jobs=chosen.jobs, only_own=chosen.own) for path in every)
    except TestsFailError as failure:
        say(f"do.py mutants: {failure}")
        return WRONG_USE
    say(f"{open_ones} unexplained")
    return UNEXPLAINED if open_ones else ALL_EXPLAINED


def modules_in(path: Path) -> list[Path]:
    """List a module, or those of a folder."""
    found = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return [one for one in found if one.exists() and one.name != "__init__.py" and "core" in one.parts]


def try_module(path: Path, *, jobs: int, only_own: bool) -> int:
    """Try every mutation of one module, tell the outcome, and return how many are unexplained."""
    from tools.mutants.forks import Fate  # noqa: PLC0415 - cannot be loaded on Windows
    from tools.mutants.trying import Target, all_mutations, try_all  # noqa: PLC0415 - cannot be loaded on Windows

    target = Target(path)
    explained = explanations(path)
    every = all_mutations(target)
    changes = {id(one): (one.where, one.was, one.becomes) for one in every}
    counts: Counter[str] = Counter()
    open_ones = 0
    tried = ((one, only_own or changes[id(one)] in explained) for one in every)
    for mutation, fate in try_all(target, tried, jobs=jobs):
        is_explained = changes[id(mutation)] in explained
        if fate is Fate.SURVIVED and is_explained:
            counts["explained"] += 1
            continue
        counts[fate.value] += 1
        if fate is Fate.SURVIVED or is_explained:
            open_ones += 1
            what = "no test notices" if fate is Fate.SURVIVED else "explained, yet a test notices"
            say(f"{path.as_posix()}: {what}: {mutation}")
    for where, was, becomes in explained - set(changes.values()):
        open_ones += 1
        say(f"{path.as_posix()}: explained, yet there is no such mutant: in {where}\n  - {was}\n  + {becomes}")
    figures = "".join(f", {counts[kind]} {kind}" for kind in ("explained", *(fate.value for fate in Fate)))
    say(f"{path.as_posix()}: {len(every)} mutants{figures}")
    return open_ones


def explanations(path: Path) -> set[Change]:
    """Read which mutants of a module are known to change nothing that anybody could see."""
    entries = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("mutant", [])
    return {
        (entry["where"], entry["was"], entry["becomes"])
        for entry in entries
        if entry["module"] == path.as_posix() and entry["why"]
    }


def say(line: str) -> None:
    """Tell the person at the terminal, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
