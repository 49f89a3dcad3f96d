"""An account that nobody sees."""

from datetime import timedelta

import pytest

from risk_manager.core.actions import Action, CancelAll, CloseAll
from risk_manager.core.events import Feed, FeedLost, FeedRestored
from risk_manager.core.policy import Policy
from tests.builders import AT, MNQ, Desk, after, deeds

FLAT: list[Action] = [CloseAll(), CancelAll()]
BLIND = Policy(flatten_after=after(30) - AT)


@pytest.mark.parametrize(("seconds", "flattens"), [(29.9, False), (30, True)])
def test_blind_for_too_long_with_a_position_is_flattened_without_a_lock(seconds: float, flattens: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(policy=BLIND)
    desk.holds(MNQ, 1)
    desk.hear(FeedLost(at=after(0), feed=Feed.USER))
    desk.hear(FeedLost(at=after(10), feed=Feed.USER))
    assert (deeds(desk.ticks(seconds)) == FLAT) is flattens
    assert not desk.locks


def test_who_holds_nothing_or_sees_again_is_left_alone() -> None:
    desk = Desk(policy=BLIND)
    desk.hear(FeedLost(at=after(0), feed=Feed.USER))
    assert not desk.ticks(40)
    desk.hear(FeedRestored(at=after(41), feed=Feed.USER, account_id=1))
    desk.holds(MNQ, 1, at=42)
    assert not desk.ticks(100)


def test_a_lost_market_feed_is_no_blindness_of_the_account() -> None:
    desk = Desk(policy=BLIND)
    desk.holds(MNQ, 1)
    desk.hear(FeedLost(at=after(0), feed=Feed.MARKET))
    assert not desk.ticks(40)


def test_every_blindness_is_shown_in_shadow() -> None:
    desk = Desk(policy=Policy(shadow=True, flatten_after=after(30) - AT))
    desk.holds(MNQ, 1)
    for at in (0, 100):
        desk.hear(FeedLost(at=after(at), feed=Feed.USER))
        desk.ticks(at + 30)
        desk.hear(FeedRestored(at=after(at + 50), feed=Feed.USER))
    assert [plan.at for plan in desk.plans] == [after(30), after(130)]


def test_a_quote_while_blind_does_not_wait_for_the_clock() -> None:
    desk = Desk(policy=BLIND)
    desk.holds(MNQ, 1)
    desk.hear(FeedLost(at=after(0), feed=Feed.USER))
    desk.quotes(MNQ, 101, at=25)
    assert deeds(desk.quotes(MNQ, 102, at=31)) == FLAT


def test_still_blind_in_shadow_the_next_position_is_shown_too() -> None:
    desk = Desk(policy=Policy(shadow=True, flatten_after=timedelta(seconds=30)))
    desk.hear(FeedLost(at=after(0), feed=Feed.USER))
    assert [plan.shadow for plan in desk.holds(MNQ, 1, at=31)] == [True]
    assert not desk.holds(MNQ, 1, at=32)
    assert not desk.holds(MNQ, 0, at=33)
    assert [plan.shadow for plan in desk.holds(MNQ, 1, at=34)] == [True]
