"""Whether stops cover a position."""

import pytest

from risk_manager.core.model.order import Order, OrderStatus, OrderType
from risk_manager.core.state.protection import protected_size, size_of, stops_of
from tests.builders import ES, MNQ, order, position


def stop(signed_size: int = -2, kind: OrderType = OrderType.STOP, status: OrderStatus = OrderStatus.OPEN) -> Order:
    return order(1, MNQ, signed_size, kind=kind, status=status, stop=90)


def covered(*orders: Order, net_size: int = 2) -> int:
    return protected_size(position(MNQ, net_size), orders, lambda _: 0)


@pytest.mark.parametrize("kind", OrderType)
def test_stops_protect_and_no_other_type_does(kind: OrderType) -> None:
    stops = {OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP}
    assert covered(stop(kind=kind)) == (2 if kind in stops else 0)


@pytest.mark.parametrize("status", OrderStatus)
def test_a_stop_protects_while_it_is_certain_to_work(status: OrderStatus) -> None:
    working = {OrderStatus.OPEN, OrderStatus.PENDING, OrderStatus.PENDING_CANCELLATION}
    assert covered(stop(status=status)) == (2 if status in working else 0)


def test_a_stop_on_the_same_side_is_an_entry() -> None:
    assert covered(stop(2)) == 0
    assert covered(stop(2), net_size=-2) == 2


def test_a_breakeven_stop_or_one_in_profit_is_a_stop() -> None:
    in_profit = order(1, MNQ, -2, kind=OrderType.STOP, stop=150)
    assert covered(in_profit) == 2


def test_a_stop_in_another_month_protects_nothing() -> None:
    assert protected_size(position(ES, 2), [stop()], lambda _: 0) == 0


def test_what_of_a_stop_has_filled_protects_no_more_and_several_add_up() -> None:
    first = order(1, MNQ, -3, kind=OrderType.STOP, filled=2)
    second = order(2, MNQ, -1, kind=OrderType.TRAILING_STOP)
    assert covered(first, second) == 2


@pytest.mark.parametrize(("filled", "size"), [(0, 0), (1, 1), (3, 2)])
def test_a_suspended_child_protects_as_far_as_its_parent_has_filled(filled: int, size: int) -> None:
    child = order(1, MNQ, -2, kind=OrderType.STOP, status=OrderStatus.SUSPENDED, parent_id=7)
    assert protected_size(position(MNQ, 2), [child], {7: filled}.__getitem__) == size


def test_a_suspended_stop_without_a_parent_protects_nothing() -> None:
    orphan = order(2, MNQ, -2, kind=OrderType.STOP, status=OrderStatus.SUSPENDED)
    assert protected_size(position(MNQ, 2), [orphan], lambda _: 2) == 0


def test_the_stops_of_a_position_are_those_that_can_close_it() -> None:
    held = position(MNQ, 2)
    found = [stop(-1), order(2, ES, -1, kind=OrderType.STOP), order(3, MNQ, -1), stop(1)]
    assert stops_of(held, found) == found[:1]
    assert size_of([stop(-1), stop(-2, status=OrderStatus.UNKNOWN), stop(-3)], lambda _: 0) == 4
