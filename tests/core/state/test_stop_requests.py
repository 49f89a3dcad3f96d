"""Stops asked for and not shown yet."""

from decimal import Decimal
from typing import Any

import pytest

from risk_manager.core.actions import CloseAll, MoveStop, PlaceStop
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.state.positions import Holding
from risk_manager.core.state.stop_requests import ChangeByHand, Move, StopRequests
from tests.builders import AT, MNQ, after, order, position


def asked() -> StopRequests:
    requests = StopRequests()
    requests.note(PlaceStop(contract_id=MNQ, side=OrderSide.SELL, size=1, stop=Decimal(90)), AT)
    requests.note(MoveStop(order_id=5, stop=Decimal(91)), AT)
    requests.note(CloseAll(), AT)
    return requests


def told(price: str | None = "91", **settings: Any) -> Order:
    return order(5, MNQ, -1, kind=settings.pop("kind", OrderType.STOP), stop=price, **settings)


def holding(incarnation: int = 7, best: Decimal | None = Decimal(103)) -> Holding:
    return Holding(position(), incarnation=incarnation, grew=1, since=AT, best_mark=best)


def test_what_was_asked_for_is_remembered_until_it_is_answered() -> None:
    requests = asked()
    assert (requests.placed, requests.moved) == ({MNQ: AT}, {5: Move(AT, Decimal(91), None)})
    requests.answered(MNQ)
    requests.follow(None, told(), None)
    assert (requests.placed, requests.moved) == ({}, {5: Move(AT, None, None)})
    requests.answered(MNQ)
    assert (requests.placed, requests.moved) == ({}, {5: Move(AT, None, None)})


def test_of_an_order_that_has_ended_nothing_is_remembered() -> None:
    requests = asked()
    requests.follow(told("90"), told("92"), holding())
    requests.follow(told("92"), told("92", status=OrderStatus.CANCELLED), holding())
    assert (requests.moved, requests.asked, requests.by_hand) == ({}, {}, {})
    requests.gone(5)


def test_a_picture_answers_what_was_asked_for_long_before() -> None:
    requests = asked()
    requests.pictured(after(6), {5})
    assert (requests.placed, requests.moved) == ({MNQ: AT}, {5: Move(AT, Decimal(91), None)})
    requests.pictured(after(6.001), {5})
    assert (requests.placed, requests.moved) == ({}, {5: Move(AT, None, None)})


def test_of_an_order_that_a_picture_shows_no_more_nothing_is_remembered() -> None:
    requests = asked()
    requests.follow(told("90"), told("92"), holding())
    requests.by_hand[6] = ChangeByHand(7, None)
    requests.pictured(after(1), set())
    assert (requests.moved, requests.asked, requests.by_hand) == ({}, {}, {})


def test_an_order_report_answers_a_move_but_its_pace_is_remembered() -> None:
    requests = asked()
    requests.follow(None, told(), None)
    requests.follow(None, order(6), None)
    assert requests.moved == {5: Move(AT, None, None)}


def test_a_stop_that_stands_elsewhere_than_it_was_asked_to_was_moved_by_hand() -> None:
    requests = asked()
    requests.follow(told("90"), told("92"), holding())
    assert requests.by_hand == {5: ChangeByHand(7, Decimal(103))}
    requests.follow(told("92"), told("91"), holding())
    assert requests.by_hand == {}, "it came to where it was asked to"


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        (None, told("92"), holding()),
        (told("92"), told("92"), holding()),
        (told("90"), told("92"), None),
        (told(None), told("92"), holding()),
        (told("90", kind=OrderType.TRAILING_STOP), told("92", kind=OrderType.TRAILING_STOP), holding()),
    ],
    ids=["first heard of", "it stands where it stood", "nothing is held", "its price was not known", "it trails"],
)
def test_what_is_no_change_by_hand(before: Order | None, now: Order, held: Holding | None) -> None:
    requests = asked()
    requests.follow(before, now, held)
    assert requests.by_hand == {}
