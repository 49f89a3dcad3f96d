"""Positions: their size, and what they are up or down."""

from dataclasses import replace
from decimal import Decimal

import pytest

from risk_manager.core.model.contract import contract_of_id
from risk_manager.core.model.order import OrderSide
from risk_manager.core.model.position import open_pnl, open_pnl_of_rest
from tests.builders import ES, MNQ, position, trade


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


@pytest.mark.parametrize(("net_size", "result"), [(2, "-80.00"), (-2, "80.00")])
def test_what_an_exit_has_left_is_worth_the_same_whichever_lot_it_took(net_size: int, result: str) -> None:
    """Lots of 100 and 50, of which one goes at 60; the average tells nothing of which."""
    contract = contract_of_id(MNQ)
    assert contract is not None
    of_first = replace(trade(result, signed_size=-1 if net_size > 0 else 1), price=Decimal(60))
    of_second = replace(of_first, realized_pnl=Decimal(20) if net_size > 0 else Decimal(-20))
    held = position(MNQ, net_size, 75)
    sign = 1 if net_size > 0 else -1
    assert open_pnl_of_rest(held, [of_first], mark=Decimal(60), contract=contract) == 20 * sign
    assert open_pnl_of_rest(held, [of_second], mark=Decimal(60), contract=contract) == -80 * sign
    assert open_pnl_of_rest(held, [of_first, of_second], mark=Decimal(1), contract=contract) == 0
