from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.daemon.enforcement.goals import Goals, Reading
from risk_manager.daemon.enforcement.pursuit import Pursuit
from risk_manager.daemon.enforcement.requests import CancelOrder, ClosePosition, ReducePosition, Request, ResizeOrder
from risk_manager.daemon.enforcement.wants import EXIT_PATIENCE
from risk_manager.gateway.port import Answer, Verdict
from tests.daemon.fake_venue import ACCEPTED, ACCOUNT, ES, REFUSED, UNCLEAR
from tests.daemon.virtual_time import START

EXIT = Order(
    order_id=1,
    account_id=ACCOUNT,
    contract_id=ES,
    type=OrderType.MARKET,
    side=OrderSide.SELL,
    size=5,
    status=OrderStatus.PENDING,
)
STOP = replace(EXIT, order_id=2, type=OrderType.STOP, status=OrderStatus.OPEN, tag="mine")


def seen(net: int, *orders: Order, at: float = 100.0) -> Reading:
    position = Position(account_id=ACCOUNT, contract_id=ES, net_size=net, average_price=Decimal(1))
    return Reading(
        sent_at=at, positions={ES: position} if net else {}, orders={order.order_id: order for order in orders}
    )


def read(pursuit: Pursuit, reading: Reading) -> tuple[Request, ...]:
    return pursuit.read(reading, reading.sent_at).requests


def closing(net: int, *orders: Order, answer: Answer = ACCEPTED) -> Pursuit:
    pursuit = Pursuit()
    for request in pursuit.want(Goals(targets={ES: 0}), seen(net, *orders)):
        pursuit.answered(request, answer, 100.1)
    return pursuit


def test_an_accepted_close_is_over_when_a_younger_reading_shows_flat() -> None:
    pursuit = closing(5)
    assert not pursuit.read(seen(0, at=100.05), 100.05).finished
    assert pursuit.read(seen(0, at=100.2), 100.2).finished


def test_an_unclear_answer_is_over_only_by_a_reading_a_second_after_sending() -> None:
    pursuit = closing(5, answer=UNCLEAR)
    assert not pursuit.read(seen(0, at=100.9), 100.9).finished
    assert pursuit.read(seen(0, at=101.0), 101.0).finished


def test_a_position_that_is_still_there_is_closed_again_after_a_second() -> None:
    pursuit = closing(5)
    assert read(pursuit, seen(5, at=100.9)) == ()
    assert read(pursuit, seen(5, at=101.1)) == (ClosePosition(ES),)


def test_a_market_order_that_still_works_is_waited_for_and_then_cancelled_before_another_close() -> None:
    pursuit = closing(5)
    assert read(pursuit, seen(5, EXIT, at=101.5)) == ()
    late = 101.5 + EXIT_PATIENCE
    assert read(pursuit, seen(5, EXIT, at=late)) == (CancelOrder(EXIT.order_id),)
    assert read(pursuit, seen(5, at=late + 1)) == (ClosePosition(ES),)


def test_the_traders_own_market_exit_is_waited_for() -> None:
    pursuit = Pursuit()
    assert pursuit.want(Goals(targets={ES: 0}), seen(5, EXIT)) == ()
    assert pursuit.read(seen(0, at=100.3), 100.3).finished


def test_a_suspended_market_order_keeps_no_close_waiting_and_is_cancelled_with_the_rest() -> None:
    child = replace(EXIT, status=OrderStatus.SUSPENDED, parent_id=9)
    requests = Pursuit().want(Goals(targets={ES: 0}), seen(5, child))
    assert requests == (ClosePosition(ES), CancelOrder(child.order_id))


def test_a_fill_that_the_stream_told_outweighs_a_list_that_lags() -> None:
    pursuit = closing(5)
    pursuit.filled(ES, 5)
    assert read(pursuit, seen(5, at=102)) == ()
    assert pursuit.read(seen(0, at=102.5), 102.5).finished


def test_a_lower_target_follows_as_soon_as_the_first_reduction_is_filled() -> None:
    pursuit = Pursuit()
    (first,) = pursuit.want(Goals(targets={ES: 3}), seen(5))
    assert first == ReducePosition(ES, 2)
    assert pursuit.want(Goals(targets={ES: 1}), seen(5, at=100.05)) == ()
    pursuit.answered(first, ACCEPTED, 100.1)
    assert read(pursuit, seen(3, at=100.2)) == (ReducePosition(ES, 2),)


def test_a_reduction_after_a_proof_waits_for_a_reading_when_no_fill_explains_the_report() -> None:
    pursuit = closing(5)
    assert pursuit.read(seen(0, at=100.2), 100.2).finished
    doubtful = replace(seen(5, at=100.4), doubtful=frozenset({ES}))
    assert pursuit.want(Goals(targets={ES: 2}), doubtful) == ()
    assert read(pursuit, seen(5, at=100.5)) == (ReducePosition(ES, 3),)


def test_refusals_are_spaced_ever_wider() -> None:
    pursuit = closing(5, answer=REFUSED)
    now = 100.0
    for wait in (1, 2, 4, 8, 16, 30, 30):
        assert read(pursuit, seen(5, at=now + wait - 0.1)) == ()
        now += wait
        (again,) = read(pursuit, seen(5, at=now))
        pursuit.answered(again, REFUSED, now)


def test_stops_of_a_closed_contract_are_cancelled_and_those_of_a_reduced_one_made_smaller() -> None:
    assert Pursuit().want(Goals(targets={ES: 0}), seen(5, STOP)) == (ClosePosition(ES), CancelOrder(2))
    assert Pursuit().want(Goals(targets={ES: 2}), seen(5, STOP)) == (ReducePosition(ES, 3), ResizeOrder(2, 2))


def test_a_partly_filled_stop_keeps_what_it_has_filled() -> None:
    half = replace(STOP, size=9, filled_size=4)
    assert Pursuit().want(Goals(targets={ES: 2}), seen(5, half))[1] == ResizeOrder(2, 6)


def test_an_order_that_is_being_cancelled_is_not_cancelled_twice_but_is_no_proof_either() -> None:
    ending = replace(STOP, status=OrderStatus.PENDING_CANCELLATION)
    pursuit = Pursuit()
    assert pursuit.want(Goals(cancels=frozenset({2})), seen(0, ending)) == ()
    assert not pursuit.read(seen(0, ending, at=101), 101).finished
    assert pursuit.read(seen(0, at=102), 102).finished


def test_a_flipped_position_is_still_closed() -> None:
    pursuit = closing(5)
    assert read(pursuit, seen(-2, at=100.3)) == (ClosePosition(ES),)


def test_a_position_said_to_be_gone_is_believed_only_when_the_list_agrees() -> None:
    pursuit = closing(5, answer=Answer(verdict=Verdict.DONE_ALREADY, code=2))
    assert pursuit.is_under_way
    assert pursuit.read(seen(0, at=100.2), 100.2).finished


def test_a_new_position_need_not_wait_for_the_proof_of_the_one_that_the_stream_saw_closed() -> None:
    pursuit = closing(5)
    assert pursuit.want(Goals(targets={ES: 0}), seen(3, at=100.3)) == ()
    pursuit.filled(ES, 4)
    assert pursuit.want(Goals(targets={ES: 0}), seen(3, at=100.4)) == ()
    pursuit.filled(ES, 1)
    assert pursuit.want(Goals(targets={ES: 0}), seen(3, at=100.5)) == (ClosePosition(ES),)


def test_fills_that_no_position_report_has_shown_let_nothing_be_closed_again() -> None:
    pursuit = closing(5)
    pursuit.filled(ES, 5)
    doubtful = replace(seen(3, at=100.5), doubtful=frozenset({ES}))
    assert pursuit.want(Goals(targets={ES: 0}), doubtful) == ()


def test_a_reduction_that_has_filled_makes_way_for_the_next() -> None:
    pursuit = Pursuit()
    (first,) = pursuit.want(Goals(targets={ES: 2}), seen(5))
    assert first == ReducePosition(ES, 3)
    pursuit.filled(ES, 3)
    assert pursuit.want(Goals(targets={ES: 2}), seen(4, at=100.5)) == (ReducePosition(ES, 2),)


def test_what_an_exit_that_has_filled_left_over_is_closed_without_waiting_for_rest() -> None:
    pursuit = closing(5)
    assert pursuit.go_on(seen(3, at=100.3)) == ()
    pursuit.filled(ES, 5)
    assert pursuit.go_on(replace(seen(3, at=100.3), doubtful=frozenset({ES}))) == ()
    assert pursuit.go_on(seen(3, at=100.4)) == (ClosePosition(ES),)
    assert pursuit.go_on(seen(3, at=100.5)) == ()


def test_an_exit_that_has_filled_and_left_nothing_asks_for_nothing() -> None:
    pursuit = closing(5, STOP)
    pursuit.filled(ES, 5)
    assert pursuit.go_on(seen(0, STOP, at=100.4)) == ()


def test_the_next_attempt_at_what_told_nothing_is_known_beforehand() -> None:
    assert closing(5).may_repeat_after(0.0) is None
    assert closing(5, answer=UNCLEAR).may_repeat_after(100.99) == 101.0
    assert closing(5, answer=UNCLEAR).may_repeat_after(101.0) is None


def opened(net: int, minute: int, *, at: float) -> Reading:
    """A reading that tells since when the position is held."""
    reading = seen(net, at=at)
    position = replace(reading.positions[ES], opened_at=START + timedelta(minutes=minute))
    return replace(reading, positions={ES: position})


def test_a_position_opened_while_the_proof_was_late_is_not_closed_with_the_one_before_it() -> None:
    pursuit = Pursuit()
    (request,) = pursuit.want(Goals(targets={ES: 0}), opened(1, 0, at=100.0))
    pursuit.answered(request, ACCEPTED, 100.1)
    progress = pursuit.read(opened(-1, 1, at=106.0), 106.0)
    assert progress.requests == ()
    assert progress.proven == (ES,)
    assert progress.finished


def test_a_position_that_the_close_itself_has_opened_is_no_later_one_and_is_taken_back() -> None:
    pursuit = Pursuit()
    (request,) = pursuit.want(Goals(targets={ES: 0}), opened(2, 0, at=100.0))
    pursuit.answered(request, ACCEPTED, 100.1)
    pursuit.taking_back.note(ES, -2, 100.2)
    assert read(pursuit, opened(-2, 1, at=106.0)) == (ClosePosition(ES),)


def test_a_plan_for_the_later_position_closes_it() -> None:
    pursuit = Pursuit()
    (request,) = pursuit.want(Goals(targets={ES: 0}), opened(1, 0, at=100.0))
    pursuit.answered(request, ACCEPTED, 100.1)
    pursuit.want(Goals(targets={ES: 0}), opened(-1, 1, at=103.0))
    assert read(pursuit, opened(-1, 1, at=106.0)) == (ClosePosition(ES),)


def test_the_same_position_is_closed_again_however_its_opening_is_written() -> None:
    pursuit = Pursuit()
    (request,) = pursuit.want(Goals(targets={ES: 0}), opened(1, 0, at=100.0))
    pursuit.answered(request, ACCEPTED, 100.1)
    reading = opened(1, 0, at=106.0)
    position = replace(reading.positions[ES], opened_at=START + timedelta(milliseconds=1))
    assert read(pursuit, replace(reading, positions={ES: position})) == (ClosePosition(ES),)


def test_a_later_position_does_not_end_a_close_that_may_still_be_on_its_way() -> None:
    pursuit = Pursuit()
    pursuit.want(Goals(targets={ES: 0}), opened(1, 0, at=100.0))
    progress = pursuit.read(opened(-1, 1, at=100.5), 100.5)
    assert progress.requests == ()
    assert not progress.finished
