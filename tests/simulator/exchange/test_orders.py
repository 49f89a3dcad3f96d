from decimal import Decimal

from risk_manager.simulator.exchange.orders import Order, Side, Status, Type
from tests.simulator.exchange.pit import TUESDAY_MORNING, Pit


def order(**changes: object) -> Order:
    made = Order(
        id=1, account_id=1, contract=Pit().mnq, created_at=TUESDAY_MORNING, updated_at=TUESDAY_MORNING,
        status=Status.OPEN, type=Type.LIMIT, side=Side.BUY, size=3,
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_the_filled_price_is_the_average_and_none_before_a_fill() -> None:
    assert order().filled_price is None
    filled = order(fill_volume=2, filled_value=Decimal(201))
    assert (filled.filled_price, filled.remaining) == (Decimal("100.5"), 1)


def test_a_suspended_order_is_not_over() -> None:
    assert not order(status=Status.SUSPENDED).is_terminal
    assert order(status=Status.EXPIRED).is_terminal


def test_children_and_siblings_are_legs() -> None:
    assert order(parent_id=5).is_leg
    assert order(sibling_id=5).is_leg
    assert not order().is_leg


def test_sides_are_each_others_opposite() -> None:
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
