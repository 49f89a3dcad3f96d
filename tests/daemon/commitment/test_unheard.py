"""Waiting for a venue that tells no time: a day by the machine, and never less than was agreed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from risk_manager.config.terms import GATEWAY, LOGIN, Change, Held, LoosenAfter, Pending, Terms
from risk_manager.core.policy import Policy
from risk_manager.daemon.commitment.unheard import PATIENCE, Unheard
from tests.daemon.virtual_time import LoopClock

ELSEWHERE = Change(GATEWAY, "TopstepX", "http://b")
DAY = PATIENCE.total_seconds()


class HandClock(LoopClock):
    """A machine whose seconds are counted by hand."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def waiting(*changes: Change, wait: LoosenAfter | timedelta = LoosenAfter.NEXT_RESET) -> dict[int, Held]:
    return {7: Held(Terms(policy=Policy(), loosen_after=wait), tuple(map(Pending, changes)))}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_a_change_of_login_or_venue_is_over_after_a_day_and_not_before(clock: HandClock) -> None:
    unheard = Unheard(clock)
    held = waiting(ELSEWHERE, Change(LOGIN, "a", "b"), Change("max_contracts.limit", "3", "5"))
    unheard.follow(held)
    clock.seconds = DAY - 1
    unheard.follow(held)
    assert (unheard.over(), unheard.seconds_left()) == (frozenset(), 1)
    clock.seconds = DAY
    assert {change.what for _, change in unheard.over()} == {GATEWAY, LOGIN}
    assert unheard.seconds_left() == 0


@pytest.mark.parametrize(("hours", "seconds"), [(1, DAY), (48, 2 * DAY)])
def test_a_longer_wait_that_was_agreed_holds_here_too(clock: HandClock, hours: int, seconds: float) -> None:
    unheard = Unheard(clock)
    unheard.follow(waiting(ELSEWHERE, wait=timedelta(hours=hours)))
    assert unheard.seconds_left() == seconds


def test_another_wish_begins_its_own_wait_and_one_taken_back_is_forgotten(clock: HandClock) -> None:
    unheard = Unheard(clock)
    unheard.follow(waiting(ELSEWHERE))
    clock.seconds = DAY - 1
    unheard.follow(waiting(replace(ELSEWHERE, new="http://c")))
    assert unheard.seconds_left() == DAY
    unheard.follow({})
    assert unheard.seconds_left() is None
