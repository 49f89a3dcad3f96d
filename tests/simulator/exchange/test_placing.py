from decimal import Decimal

import pytest

from risk_manager.simulator.exchange.changes import OrderChanged
from risk_manager.simulator.exchange.codes import Cancel, Modify, Place
from risk_manager.simulator.exchange.orders import OrderRequest, Side, Status, Type
from risk_manager.simulator.exchange.placing import Amendment
from tests.simulator.exchange.pit import ACCOUNT, Pit


def test_a_refused_order_leaves_a_trace_with_status_5() -> None:
    pit = Pit()
    outcome = pit.place(Side.BUY, kind=Type.LIMIT, limit_price="1.1", custom_tag="bad")
    assert [order.id for order in pit.orders(Status.REJECTED)] == [outcome.order_id]


def test_without_the_switch_a_refused_order_leaves_no_trace() -> None:
    pit = Pit(rejected_leave_trace=False)
    assert pit.place(Side.BUY, 0).order_id is None
    assert pit.orders() == []


@pytest.mark.parametrize("first", ["accepted", "rejected"])
def test_a_custom_tag_is_used_up_for_ever(first: str) -> None:
    pit = Pit()
    pit.place(Side.BUY, 1 if first == "accepted" else 0, custom_tag="once")
    assert "already in use" in str(pit.place(Side.BUY, custom_tag="once").text)


def test_a_stop_limit_is_taken_where_the_switch_says_so() -> None:
    pit = Pit(stop_limit_accepted=True)
    order = pit.buy(kind=Type.STOP_LIMIT, limit_price="23512", stop_price="23510")
    pit.price("23510")
    assert (order.status, order.filled_price) == (Status.FILLED, Decimal("23510.25"))


def test_unknown_accounts_and_contracts_have_their_own_numbers() -> None:
    pit = Pit()
    request = OrderRequest(account_id=5, contract_id=pit.mnq.id, type=2, side=0, size=1)
    assert pit.exchange.place(request, pit.now).code == Place.ACCOUNT_NOT_FOUND
    assert pit.place(Side.BUY, contract_id="CON.F.US.XX.U26").code == Place.CONTRACT_NOT_FOUND
    assert pit.place(Side.BUY, contract_id="CON.F.US.MNQ.M26").code == Place.CONTRACT_NOT_ACTIVE


def test_a_cancel_goes_through_status_7_to_status_3() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23490")
    assert pit.exchange.cancel(ACCOUNT, order.id, pit.now).is_success
    told = [change.order.status for change in pit.told() if isinstance(change, OrderChanged)]
    assert told[-1] is Status.PENDING_CANCELLATION
    pit.elapse(1)
    assert order.status is Status.CANCELLED
    assert pit.exchange.cancel(ACCOUNT, order.id, pit.now).code == Cancel.ORDER_NOT_FOUND


def test_a_fill_may_win_against_a_cancel() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23490")
    pit.exchange.cancel(ACCOUNT, order.id, pit.now)
    pit.price("23480")
    pit.elapse(1)
    assert order.status is Status.FILLED


def test_a_pending_order_can_be_cancelled_before_it_reaches_the_market() -> None:
    pit = Pit(fill_latency=5)
    outcome = pit.place(Side.BUY)
    pit.exchange.cancel(ACCOUNT, outcome.order_id or 0, pit.now)
    pit.elapse(10)
    assert (pit.net, [order.status for order in pit.orders()]) == (0, [Status.CANCELLED])


def test_modify_takes_absolute_values_and_leaves_the_rest() -> None:
    pit = Pit()
    order = pit.buy(2, kind=Type.LIMIT, limit_price="23490")
    to = Amendment(limit_price=Decimal(23480))
    assert pit.exchange.modify(ACCOUNT, order.id, to=to, now=pit.now).is_success
    assert (order.limit_price, order.size) == (Decimal(23480), 2)


def test_modify_into_the_market_fills() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23490")
    pit.exchange.modify(ACCOUNT, order.id, to=Amendment(limit_price=Decimal(23501)), now=pit.now)
    assert order.status is Status.FILLED


def test_modify_off_the_tick_is_rejected_and_of_a_dead_order_not_found() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23490")
    off = pit.exchange.modify(ACCOUNT, order.id, to=Amendment(limit_price=Decimal("1.1")), now=pit.now)
    pit.price("23480")
    dead = pit.exchange.modify(ACCOUNT, order.id, to=Amendment(size=2), now=pit.now)
    assert (off.code, dead.code) == (Modify.REJECTED, Modify.ORDER_NOT_FOUND)


def test_a_trailing_stop_is_moved_by_its_trail() -> None:
    pit = Pit()
    order = pit.sell(kind=Type.TRAILING_STOP, trail_price="23490")
    pit.exchange.modify(ACCOUNT, order.id, to=Amendment(trail_price=Decimal(23495)), now=pit.now)
    assert (order.trail_distance, order.stop_price) == (20, Decimal(23495))
