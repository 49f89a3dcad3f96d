"""`python do.py soak`: play a soak, judge it, keep the story of whatever was wrong."""

import argparse
import asyncio
import json
import math
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from trials.soak.checker import Verdict, check
from trials.soak.ledger import Entry
from trials.soak.limits import limits
from trials.soak.script import script
from trials.soak.stage import Memory, Performance, perform
from trials.soak.windows import starting_times

AROUND = 8.0
"""Seconds before a violation, and half of it after, that its story tells."""
SHORTEST = 0.5
"""Minutes; the last quarter of one is quiet."""
SETTLED = 20.0
"""Seconds after the first request of a life from which its memory is compared."""
MOST_GROWTH = 6.0
"""Megabytes that a life may grow by after it has settled."""


def main(arguments: Sequence[str]) -> int:
    """Play it; 0 when the checker finds nothing."""
    parser = argparse.ArgumentParser(prog="do.py soak", description=__doc__)
    parser.add_argument("--minutes", type=_minutes, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--story", type=Path, default=Path("soak-story"), help="folder for the story of a violation")
    parser.add_argument("--keep", action="store_true", help="keep log and home even when nothing is wrong")
    wanted = parser.parse_args(arguments)
    acts, rules = script(wanted.seed, wanted.minutes), limits(wanted.minutes)
    with tempfile.TemporaryDirectory(prefix="risk-manager-soak-", ignore_cleanup_errors=True) as folder:
        home = wanted.story / "home" if wanted.keep else Path(folder)
        if home.exists() and wanted.keep:
            shutil.rmtree(home)  # an earlier soak's locks are none of this one's
        home.mkdir(parents=True, exist_ok=True)
        performance = asyncio.run(
            perform(acts, rules, home=home, seconds=wanted.minutes * 60, say=lambda line: print(line, flush=True))
        )
        verdict = check(performance.entries, rules)
        growth = grown(performance.memory, starting_times(performance.entries))
        wrong = [f"{one.at:.3f}: {one.text}" for one in verdict.violations] + performance.troubles
        if growth > MOST_GROWTH:
            wrong.append(f"the daemon grew by {growth:.1f} MB in one life")
        if wrong or wanted.keep:
            _keep_story(wanted.story, performance, verdict, wrong, home)
    for one in wrong:
        print(f"VIOLATION {one}")
    print(summary(wanted.seed, verdict, growth, len(wrong)))
    return 1 if wrong else 0


def _minutes(text: str) -> float:
    """Read how long it lasts: in less, nothing would happen, and nothing be found."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not SHORTEST <= minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no length of a soak: at least {SHORTEST} minutes")
    return minutes


def grown(memory: Memory, starting: Sequence[float]) -> float:
    """Tell by how many megabytes a life grew at most, once it had started and settled."""
    growth = 0.0
    for life, started in zip(memory.lives, starting, strict=False):
        settled = [weight for age, weight in life if age >= started + SETTLED]
        if settled:
            growth = max(growth, settled[-1] - settled[0])
    return growth


def summary(seed: int, verdict: Verdict, growth: float, wrong: int) -> str:
    """Sum it up in the last line."""
    times = sorted(verdict.reactions)
    p50 = statistics.median(times) * 1000 if times else 0.0
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))] * 1000 if times else 0.0
    kinds = ", ".join(f"{rule} {count}" for rule, count in sorted(verdict.breaches.items()))
    return (
        f"breaches: {kinds}\n"
        f"soak: seed {seed}, {sum(verdict.breaches.values())} breaches, {verdict.changes} changes judged, "
        f"{wrong} violations, first request in calm times p50 {p50:.0f} ms p99 {p99:.0f} ms, "
        f"longest breach {verdict.longest:.1f} s of those that count, {verdict.calm_share:.0%} calm, "
        f"{verdict.races} races with the trader, grew {growth:.1f} MB"
    )


def _keep_story(folder: Path, performance: Performance, verdict: Verdict, wrong: list[str], home: Path) -> None:
    """Write down what was wrong, and the log around it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.jsonl").open("w", encoding="utf-8") as whole:
        whole.writelines(json.dumps(entry) + "\n" for entry in performance.entries)
    with (folder / "violations.txt").open("w", encoding="utf-8") as told:
        told.writelines(f"{one}\n" for one in wrong)
        for violation in verdict.violations[:20]:
            told.write(f"\n--- {violation.at:.3f}: {violation.text}\n")
            told.writelines(_line(one) for one in performance.entries if _is_near(one, violation.at))
    with (folder / "memory.txt").open("w", encoding="utf-8") as told:
        for number, life in enumerate(performance.memory.lives, start=1):
            told.writelines(f"life {number}, {age:.0f} s: {weight:.1f} MB\n" for age, weight in life)
    for name in ("daemon.log", "enforcement.log", "error.log"):
        if (home / "logs" / name).exists() and home.parent != folder:
            (folder / name).write_bytes((home / "logs" / name).read_bytes())


def _is_near(entry: Entry, at: float) -> bool:
    return at - AROUND <= float(entry["monotonic"]) <= at + AROUND / 2


def _line(entry: Entry) -> str:
    rest = {key: value for key, value in entry.items() if key not in {"number", "kind", "monotonic", "at"}}
    return f"{entry['monotonic']:.3f} {entry['kind']:8} {json.dumps(rest)}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
