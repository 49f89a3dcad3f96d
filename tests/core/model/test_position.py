"""Positions: their size, and what they are up or down."""

from decimal import Decimal

import pytest

from risk_manager.core.model.contract import contract_of_id
from risk_manager.core.model.order import OrderSide
from risk_manager.core.model.position import open_pnl
from tests.builders import ES, MNQ, position


@pytest.mark.parametrize(
    ("contract_id", "net_size", "price", "mark", "dollars"),
    [
        (MNQ, 2, "21000", "21010", "40.00"),
        (MNQ, 2, "21000", "20990", "-40.00"),
        (MNQ, -2, "21000", "21010", "-40.00"),
        (ES, -1, "5800", "5799.75", "12.50"),
        (ES, 3, "-1", "-2", "-150.00"),
        (ES, 3, "5800.083333333333", "5800", "-12.50"),
    ],
)
def test_open_pnl_is_ticks_times_worth_times_size(
    contract_id: str, net_size: int, price: str, mark: str, dollars: str
) -> None:
    contract = contract_of_id(contract_id)
    assert contract is not None
    assert open_pnl(position(contract_id, net_size, price), mark=Decimal(mark), contract=contract) == Decimal(dollars)


def test_a_long_is_closed_by_selling_and_a_short_by_buying() -> None:
    assert position(net_size=2).closing_side is OrderSide.SELL
    assert position(net_size=-2).closing_side is OrderSide.BUY
    assert position(net_size=-2).size == 2
