from risk_manager.core.decisions import Plan
from risk_manager.daemon.enforcement.case import Case, Cases
from risk_manager.daemon.enforcement.goals import Goals
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ACCOUNT, ES, NQ
from tests.daemon.virtual_time import START


def case(goals: Goals) -> Case:
    plan = Plan(at=START, account_id=ACCOUNT, decisions=(), actions=())
    return Case("1", plan, goals, received_at=100.0, began_at=100.0)


def test_a_case_is_reached_when_nothing_of_it_is_left() -> None:
    one = case(Goals(targets={ES: 0}, cancels=frozenset({3})))
    assert not one.is_reached(Goals(targets={ES: 0}))
    assert not one.is_reached(Goals(cancels=frozenset({3})))
    assert one.is_reached(Goals(targets={NQ: 0}))


def test_a_case_about_everything_waits_for_a_reading_that_is_younger() -> None:
    one = case(Goals(every_position=True))
    one.name_everything(seen(0, at=99))
    assert not one.is_reached(Goals())
    one.name_everything(seen(0, at=101))
    assert one.is_reached(Goals())


def test_its_milliseconds_count_from_the_event() -> None:
    cases = Cases([case(Goals())])
    (one,) = cases.take_reached(Goals(), 100.25)
    one.first_request_at = 100.002
    assert one.proven_ms == 250
    assert one.first_request_ms is not None
    assert round(one.first_request_ms, 3) == 2
    assert cases.open == []
