from decimal import Decimal

import pytest

from risk_manager.core.model.order import OrderSide, OrderType
from risk_manager.daemon.enforcement.requests import (
    CancelOrder,
    ClosePosition,
    MoveStopOrder,
    PlaceStopOrder,
    ReducePosition,
    Request,
    ResizeOrder,
)
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.virtual_time import in_virtual_time


@pytest.mark.parametrize(
    ("request_sent", "words"),
    [
        (ClosePosition(ES), f"close {ES}"),
        (ReducePosition(ES, 1), f"reduce {ES} 1"),
        (CancelOrder(100), "cancel 100"),
        (ResizeOrder(100, 1), "modify 100 size=1 stop=None"),
        (MoveStopOrder(order_id=100, stop=Decimal(9)), "modify 100 size=None stop=9"),
        (
            PlaceStopOrder(contract_id=ES, side=OrderSide.BUY, size=1, stop=Decimal(9), tag="srm-1"),
            f"place_stop {ES} buy 1 9 srm-",
        ),
    ],
)
def test_each_request_says_to_the_venue_what_it_is(request_sent: Request, words: str) -> None:
    async def scene() -> None:
        venue = FakeVenue()
        venue.net = {ES: 2}
        venue.rest(OrderType.STOP, OrderSide.SELL, 2)
        await request_sent.send(venue, ACCOUNT)
        assert venue.words() == [words]

    in_virtual_time(scene())


def test_close_and_reduction_of_a_contract_exclude_each_other_and_so_do_changes_of_an_order() -> None:
    assert ClosePosition(ES).key == ReducePosition(ES, 1).key
    assert CancelOrder(1).key == ResizeOrder(1, 2).key == MoveStopOrder(order_id=1, stop=Decimal(1)).key
