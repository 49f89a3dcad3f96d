"""The request budget."""

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.gateway.port import Urgency
from risk_manager.gateway.rate_limit import BACK_OFFS, GENERAL_LIMIT, GENERAL_PERIOD, RateLimit

ROUTINE, ENFORCEMENT = Urgency.ROUTINE, Urgency.ENFORCEMENT


def test_a_fresh_budget_lets_everything_leave_at_once() -> None:
    budget = RateLimit()
    assert budget.delay(0, ROUTINE) == 0
    assert budget.delay(0, ENFORCEMENT) == 0


def test_thirty_per_cent_are_left_to_enforcement_when_routine_requests_have_used_theirs() -> None:
    budget = RateLimit()
    for _ in range(140):
        assert budget.delay(10, ROUTINE) == 0
        budget.spend(10)
    assert budget.delay(10, ROUTINE) > 0
    for _ in range(40):
        assert budget.delay(10, ENFORCEMENT) == 0
        budget.spend(10)
    assert budget.delay(10, ENFORCEMENT) > 0


def test_proofs_of_a_busy_account_leave_room_for_the_close_of_another() -> None:
    budget = RateLimit()
    while budget.delay(10, ENFORCEMENT) == 0:
        budget.spend(10)
    for _ in range(20):
        assert budget.delay(10, Urgency.CHANGE) == 0
        budget.spend(10)
    assert budget.delay(10, Urgency.CHANGE) > 0
    assert budget.used(10) == 200


def test_waiting_as_long_as_told_is_enough() -> None:
    budget = RateLimit(limit=10, period=30)
    for second in range(7):
        budget.spend(second)
    wait = budget.delay(7, ROUTINE)
    assert wait > 0
    assert budget.delay(7 + wait, ROUTINE) == 0


def test_a_429_stops_routine_requests_the_longer_the_more_come_in_a_row() -> None:
    budget, now = RateLimit(), 0.0
    for pause in (*BACK_OFFS, BACK_OFFS[-1]):
        budget.exceeded(now)
        assert budget.delay(now, ROUTINE) == pause
        assert budget.delay(now, ENFORCEMENT) == 0
        now += pause


def test_several_429_of_the_same_moment_count_once() -> None:
    budget = RateLimit()
    for _ in range(5):
        budget.exceeded(100)
    assert budget.delay(100, ROUTINE) == BACK_OFFS[1]


def test_a_served_request_after_the_pause_makes_the_next_429_a_first_one() -> None:
    budget = RateLimit()
    budget.exceeded(0)
    budget.answered(1)
    budget.answered(6)
    budget.exceeded(6)
    assert budget.delay(6, ROUTINE) == BACK_OFFS[0]


def test_the_venues_own_word_on_waiting_is_taken_up_to_a_minute() -> None:
    budget = RateLimit()
    budget.exceeded(0, retry_after=20)
    assert budget.delay(0, ROUTINE) == 20
    budget.exceeded(0, retry_after=9999)
    assert budget.delay(0, ROUTINE) == 60


@given(st.lists(st.tuples(st.floats(0, 3), st.sampled_from(Urgency)), max_size=600))
def test_no_window_of_the_venue_ever_holds_more_than_its_limit(wishes: list[tuple[float, Urgency]]) -> None:
    budget, now, sent = RateLimit(), 0.0, list[float]()
    for pause, urgency in wishes:
        now += pause
        now += budget.delay(now, urgency)
        # rounding may leave a speck of time
        while (speck := budget.delay(now, urgency)) > 0:
            assert speck < 1e-6
            now += 1e-6
        budget.spend(now)
        sent.append(now)
    for start in sent:
        assert sum(start <= at < start + GENERAL_PERIOD for at in sent) <= GENERAL_LIMIT
