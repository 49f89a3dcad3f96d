from decimal import Decimal
from typing import Any

import pytest

from risk_manager.simulator.exchange.accounts import AccountSpec, BracketMode
from risk_manager.simulator.exchange.changes import OrderChanged
from risk_manager.simulator.exchange.orders import Side, Status, Type
from tests.simulator.exchange.pit import ACCOUNT, Pit


def bracketed(**switches: Any) -> Pit:
    pit = Pit(**switches)
    pit.buy(2, custom_tag="in", stop_loss=-20, take_profit=20)
    return pit


def test_children_are_suspended_until_the_entry_fills() -> None:
    pit = Pit()
    pit.told()
    pit.place(Side.BUY, custom_tag="in", stop_loss=-20, take_profit=20)
    told = [change.order for change in pit.told() if isinstance(change, OrderChanged)]
    assert [(order.custom_tag, order.status) for order in told] == [
        ("in-SL", Status.SUSPENDED),
        ("in", Status.PENDING),
        ("in-TP", Status.SUSPENDED),
    ]
    stop, entry, target = told
    assert stop.parent_id == target.parent_id == entry.id
    assert target.linked_id == stop.id
    assert (stop.id, target.id) == (entry.id - 1, entry.id + 1)


def test_the_fill_gives_the_children_their_prices() -> None:
    pit = bracketed()
    assert (pit.tagged("in-SL").status, pit.tagged("in-SL").stop_price) == (Status.OPEN, Decimal("23495.25"))
    assert (pit.tagged("in-TP").status, pit.tagged("in-TP").limit_price) == (Status.OPEN, Decimal("23505.25"))


def test_ticks_of_a_short_have_the_other_signs() -> None:
    pit = Pit()
    pit.sell(custom_tag="in", stop_loss=20, take_profit=-20)
    assert pit.tagged("in-SL").stop_price == Decimal(23505)
    assert pit.tagged("in-TP").limit_price == Decimal(23495)


@pytest.mark.parametrize(("price", "filled", "other"), [("23495", "in-SL", "in-TP"), ("23505.25", "in-TP", "in-SL")])
def test_one_leg_fills_and_the_other_is_cancelled(price: str, filled: str, other: str) -> None:
    pit = bracketed()
    pit.price(price)
    assert (pit.tagged(filled).status, pit.tagged(other).status) == (Status.FILLED, Status.CANCELLED)
    assert pit.net == 0


def test_a_leg_that_fills_in_part_shrinks_the_other() -> None:
    pit = bracketed(liquidity=1)
    pit.price("23500")
    pit.price("23495")
    assert (pit.tagged("in-SL").fill_volume, pit.tagged("in-TP").size) == (1, 1)
    pit.price("23494")
    assert (pit.tagged("in-SL").status, pit.tagged("in-TP").status) == (Status.FILLED, Status.CANCELLED)
    assert pit.net == 0


def test_the_children_of_a_cancelled_entry_go_with_it() -> None:
    pit = Pit()
    entry = pit.buy(kind=Type.LIMIT, limit_price="23490", custom_tag="in", stop_loss=-20, take_profit=20)
    pit.exchange.cancel(ACCOUNT, entry.id, pit.now)
    pit.elapse(1)
    assert {order.status for order in pit.orders()} == {Status.CANCELLED}


def test_an_entry_cancelled_half_filled_keeps_its_children_for_that_half() -> None:
    pit = Pit(liquidity=1)
    entry = pit.buy(3, custom_tag="in", stop_loss=-20)
    pit.exchange.cancel(ACCOUNT, entry.id, pit.now)
    pit.elapse(1)
    assert (pit.tagged("in-SL").status, pit.tagged("in-SL").size) == (Status.OPEN, 1)


def test_legs_do_not_stay_when_their_entry_is_cancelled_half_filled_and_already_closed() -> None:
    pit = Pit(liquidity=1)
    entry = pit.sell(2, stop_loss=4, take_profit=-4)
    pit.buy()
    assert pit.net == 0
    pit.exchange.cancel(ACCOUNT, entry.id, pit.now)
    pit.elapse(3)
    assert [order for order in pit.orders() if not order.is_terminal] == []


def test_a_manual_close_lets_the_legs_vanish_within_two_seconds() -> None:
    pit = bracketed()
    pit.close()
    pit.elapse(2.2)
    assert pit.orders(Status.OPEN, Status.SUSPENDED) == []


def test_the_legs_linger_for_as_long_as_the_switch_says() -> None:
    pit = bracketed(legs_vanish_after=1.5)
    pit.close()
    pit.elapse(1)
    assert len(pit.orders(Status.OPEN)) == 2
    pit.elapse(1)
    assert pit.orders(Status.OPEN) == []


def test_with_the_switch_off_the_legs_stay_and_can_open_a_position() -> None:
    pit = bracketed(legs_vanish=False)
    pit.close()
    pit.elapse(5)
    pit.price("23495")
    assert pit.net == -2


@pytest.mark.parametrize(("switch", "left"), [(False, 2), (True, 0)])
def test_a_partial_exit_by_a_market_order_leaves_the_legs_or_takes_them(switch: bool, left: int) -> None:  # noqa: FBT001 - a case
    pit = bracketed(partial_exit_cancels_legs=switch)
    pit.sell()
    assert len(pit.orders(Status.OPEN)) == left


@pytest.mark.parametrize(("switch", "other"), [(False, Status.OPEN), (True, Status.CANCELLED)])
def test_cancelling_a_leg_leaves_its_sibling_or_takes_it(switch: bool, other: Status) -> None:  # noqa: FBT001 - a case
    pit = bracketed(cancel_takes_sibling=switch)
    pit.exchange.cancel(ACCOUNT, pit.tagged("in-SL").id, pit.now)
    pit.elapse(1)
    assert pit.tagged("in-TP").status is other


def test_position_brackets_follow_the_position_by_themselves() -> None:
    spec = AccountSpec(id=ACCOUNT, bracket_mode=BracketMode.POSITION, position_stop_ticks=20, position_target_ticks=40)
    pit = Pit(spec=spec)
    pit.buy()
    pit.buy()
    stop, target = pit.orders(Status.OPEN)
    assert (stop.size, stop.stop_price, target.size, target.limit_price) == (
        2, Decimal("23495.25"), 2, Decimal("23510.25"),
    )  # fmt: skip
    assert stop.custom_tag is None
    pit.price("23495")
    assert (pit.net, pit.orders(Status.OPEN)) == (0, [])
