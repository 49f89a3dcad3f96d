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
STRIDES = {Moment.REQUEST: 1, Moment.ROW: 2} if CAN_FORK else {Moment.REQUEST: 4, Moment.ROW: 4}
"""The suite tries every request and every other row; where a process cannot be forked each life costs seconds, and it
tries one point in four. `python do.py kills` tries all.
"""


@pytest.mark.parametrize("first", range(SLICES))
@pytest.mark.parametrize("moment", [Moment.REQUEST, Moment.ROW])
async def test_a_death_at_any_moment_changes_nothing_in_how_the_story_ends(moment: Moment, first: int) -> None:
    stride = STRIDES[moment]
    async with nursery() as cradle:
        expected = await undisturbed(cradle)
        died = 0
        async for outcome in every_point(
            cradle,
            moment,
            expected=expected,
            of=lambda number: number % (SLICES * stride) == (first * stride + 1) % (SLICES * stride),
        ):
            assert not outcome.differences, f"{outcome.points}: {outcome.differences}"
            died += outcome.died
    assert died >= (4 if CAN_FORK else 1)
