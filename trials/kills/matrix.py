"""The matrix: the story with a death at each point in turn, until a life outlasts the story; every ending compared."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path

from risk_manager.demo.processes import free_port
from trials.kills.mortal import Moment, Point
from trials.kills.nursery import Nursery
from trials.kills.story import Ending, tell

QUICK = 0.004
"""Seconds that a market order takes to fill: gone before the next life looks."""
SLOW = 0.15
"""And so many that the next life begins while the close of the last one is still on its way."""
SPARE = 2
"""Lives in a row that must outlast the story: the threads of a daemon do not run alike each time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one story: at which points the daemon died, and in what it differs from the undisturbed one."""

    points: tuple[Point, ...]
    died: int
    differences: tuple[str, ...]


async def undisturbed(nursery: Nursery, *, fill_latency: float = QUICK) -> Ending:
    """Tell the story with a daemon that lives through it."""
    with _home() as home:
        ending, died = await tell(nursery, home, port=free_port(), deaths=[], fill_latency=fill_latency)
    if died or ending.faults or ending.held or ending.working:
        raise AssertionError(f"the story goes wrong without any death: {ending}")
    return ending


async def die_at(
    nursery: Nursery, points: Iterable[Point], *, expected: Ending, fill_latency: float = QUICK
) -> Outcome:
    """Tell the story with lives that end at these points, one after the other."""
    deaths = list(points)
    with _home() as home:
        try:
            ending, died = await tell(nursery, home, port=free_port(), deaths=[*deaths], fill_latency=fill_latency)
        except AssertionError as trouble:
            return Outcome(tuple(deaths), len(deaths), (str(trouble),))
        return Outcome(tuple(deaths), died, differences(expected, ending))


async def every_point(
    nursery: Nursery,
    moment: Moment,
    *,
    expected: Ending,
    fill_latency: float = QUICK,
    lead: tuple[Point, ...] = (),
    of: Callable[[int], bool] = lambda _: True,
) -> AsyncIterator[Outcome]:
    """Die at each moment of a kind, or at those that `of` picks by number, until the story ends before the next comes.

    With `lead` the daemon dies there first, and it is the next life of which every moment is tried.
    """
    outlasted = 0
    for number in count(1):
        if not of(number):
            continue
        points = (*lead, Point(moment, number))
        outcome = await die_at(nursery, points, expected=expected, fill_latency=fill_latency)
        yield outcome
        outlasted = outlasted + 1 if outcome.died < len(points) else 0
        if outlasted == SPARE:
            return


def differences(expected: Ending, ending: Ending) -> tuple[str, ...]:
    """List what is not as it would have been without a death."""
    return tuple(
        f"{field.name}: {getattr(ending, field.name)} instead of {getattr(expected, field.name)}"
        for field in fields(Ending)
        if field.compare and getattr(ending, field.name) != getattr(expected, field.name)
    )


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="risk-manager-kill-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "home"
