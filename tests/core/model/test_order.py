"""Orders as values."""

import pytest

from risk_manager.core.model.order import OrderSide, OrderStatus
from tests.builders import order

ENDED = {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED}


@pytest.mark.parametrize("status", OrderStatus)
def test_an_order_works_until_it_has_ended_for_certain(status: OrderStatus) -> None:
    assert order(status=status).is_working is (status not in ENDED)


def test_what_has_filled_is_not_left() -> None:
    assert order(signed_size=5, filled=2).remaining == 3
    assert order(signed_size=1, filled=2).remaining == 0


def test_sides_are_opposite_and_signed() -> None:
    assert OrderSide.BUY.opposite is OrderSide.SELL
    assert OrderSide.SELL.opposite is OrderSide.BUY
    assert (OrderSide.BUY.sign, OrderSide.SELL.sign) == (1, -1)
