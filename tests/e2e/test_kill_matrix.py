"""The daemon is killed after every write of its store and every request of a story, each in a run of its own.

What is killed in the middle of (half a request, an unread reply, a statement of SQLite, a second life), and with slow
fills, is tried by `python do.py kills`.
"""

import pytest

from trials.kills.matrix import every_point, undisturbed
from trials.kills.mortal import Moment
from trials.kills.nursery import CAN_FORK, nursery

pytestmark = pytest.mark.e2e
SLICES = 4
STRIDE = 1 if CAN_FORK else 4
"""Where a process cannot be forked each life costs seconds: there the suite tries one point in four."""


@pytest.mark.parametrize("first", range(SLICES))
@pytest.mark.parametrize("moment", [Moment.REQUEST, Moment.ROW])
async def test_a_death_at_any_moment_changes_nothing_in_how_the_story_ends(moment: Moment, first: int) -> None:
    async with nursery() as cradle:
        expected = await undisturbed(cradle)
        died = 0
        async for outcome in every_point(
            cradle,
            moment,
            expected=expected,
            of=lambda number: number % (SLICES * STRIDE) == (first * STRIDE + 1) % (SLICES * STRIDE),
        ):
            assert not outcome.differences, f"{outcome.points}: {outcome.differences}"
            died += outcome.died
    assert died >= (4 if CAN_FORK else 1)
