"""Stops asked for and not shown yet."""

from decimal import Decimal

from risk_manager.core.actions import CloseAll, MoveStop, PlaceStop
from risk_manager.core.model.order import OrderSide
from risk_manager.core.state.stop_requests import Move, StopRequests
from tests.builders import AT, MNQ, after


def asked() -> StopRequests:
    requests = StopRequests()
    requests.note(PlaceStop(contract_id=MNQ, side=OrderSide.SELL, size=1, stop=Decimal(90)), AT)
    requests.note(MoveStop(order_id=5, stop=Decimal(91)), AT)
    requests.note(CloseAll(), AT)
    return requests


def test_what_was_asked_for_is_remembered_until_it_is_answered() -> None:
    requests = asked()
    assert (requests.placed, requests.moved) == ({MNQ: AT}, {5: Move(AT, Decimal(91), None)})
    requests.answered(MNQ)
    requests.reported(5)
    requests.reported(6)
    assert (requests.placed, requests.moved) == ({}, {5: Move(AT, None, None)})
    requests.gone(5)
    requests.gone(5)
    requests.answered(MNQ)
    assert (requests.placed, requests.moved) == ({}, {})


def test_a_picture_answers_what_was_asked_for_long_before() -> None:
    requests = asked()
    requests.pictured(after(6))
    assert [*requests.placed, *requests.moved] == [MNQ, 5]
    requests.pictured(after(6.001))
    assert (requests.placed, requests.moved) == ({}, {})


def test_an_order_report_answers_a_move_but_its_pace_is_remembered() -> None:
    requests = asked()
    requests.reported(5)
    requests.reported(6)
    assert requests.moved == {5: Move(AT, None, None)}
