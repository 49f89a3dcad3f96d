from dataclasses import replace

from risk_manager.daemon.enforcement.latch import Latch
from risk_manager.daemon.enforcement.requests import CancelOrder, ClosePosition, ReducePosition
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ACCEPTED, ES, REFUSED, UNCLEAR


def test_a_reading_older_than_the_answer_shows_nothing() -> None:
    latch = Latch(ClosePosition(ES), 100.0, net_size=2, answered_at=100.5, answer=ACCEPTED)
    assert not latch.outcome_is_shown_by(seen(0, at=100.4))
    assert latch.outcome_is_shown_by(seen(0, at=100.5))


def test_after_an_unclear_answer_a_second_must_have_passed_since_sending() -> None:
    latch = Latch(ClosePosition(ES), 100.0, net_size=2, answered_at=100.1, answer=UNCLEAR)
    assert not latch.outcome_is_shown_by(seen(2, at=100.9))
    assert latch.outcome_is_shown_by(seen(2, at=101.0))


def test_refusals_are_repeated_after_one_two_four_and_at_most_thirty_seconds() -> None:
    waits = [Latch(ClosePosition(ES), 0.0, attempt, answer=REFUSED).may_repeat_at() for attempt in (1, 2, 3, 6, 99)]
    assert waits == [1, 2, 4, 30, 30]


def test_it_is_filled_when_the_position_moved_by_all_that_was_asked_on_either_side() -> None:
    assert Latch(ReducePosition(ES, 3), 0.0, net_size=5).is_filled_in(seen(2))
    assert not Latch(ReducePosition(ES, 3), 0.0, net_size=5).is_filled_in(seen(3))
    assert Latch(ClosePosition(ES), 0.0, net_size=-5).is_filled_in(seen(0))
    assert not Latch(ClosePosition(ES), 0.0, net_size=-5).is_filled_in(seen(-6))
    assert not Latch(CancelOrder(1), 0.0).is_filled_in(seen(0))


def test_fills_that_the_list_does_not_show_yet_put_it_ahead_for_a_while() -> None:
    latch = Latch(ClosePosition(ES), 100.0, net_size=2, filled=2)
    assert latch.is_ahead_of(seen(2, at=101))
    assert not latch.is_ahead_of(seen(0, at=101))
    assert not latch.is_ahead_of(seen(2, at=105))


def test_what_told_nothing_is_tried_five_times_a_second_apart_and_then_more_rarely() -> None:
    tries = [Latch(ClosePosition(ES), 0.0, attempt, answer=UNCLEAR).may_repeat_at() for attempt in (1, 4, 5, 6, 9, 99)]
    assert tries == [1, 1, 1, 2, 5, 30]


def test_a_venue_that_looked_at_nothing_is_asked_again_after_a_quarter_of_a_second_and_a_half() -> None:
    busy = replace(UNCLEAR, code=429)
    tries = [Latch(ClosePosition(ES), 0.0, attempt, answer=busy).may_repeat_at() for attempt in (1, 2, 3, 6)]
    assert tries == [0.25, 0.5, 1, 2]
    latch = Latch(ClosePosition(ES), 100.0, net_size=2, answered_at=100.1, answer=busy)
    assert latch.outcome_is_shown_by(seen(2, at=100.25))
