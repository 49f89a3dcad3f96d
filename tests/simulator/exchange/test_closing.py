from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.simulator.exchange.codes import Close, PartialClose
from risk_manager.simulator.exchange.orders import Status, Type
from risk_manager.simulator.exchange.sessions import Gate
from risk_manager.simulator.switches import Switches
from tests.simulator.exchange.pit import ACCOUNT, Pit


def test_a_close_is_an_untagged_market_order_that_fills_later() -> None:
    pit = Pit()
    pit.buy(2)
    assert pit.close().is_success
    assert pit.net == 2
    pit.elapse(0.1)
    order = pit.orders()[-1]
    assert (pit.net, order.type, order.custom_tag, order.size) == (0, Type.MARKET, None, 2)


def test_closing_what_is_flat_finds_no_position() -> None:
    pit = Pit()
    assert pit.close().code == Close.POSITION_NOT_FOUND


def test_two_closes_in_flight_flip_the_position() -> None:
    pit = Pit()
    pit.buy(2)
    pit.close()
    pit.close()
    pit.elapse(0.1)
    assert pit.net == -2


def test_a_stand_alone_order_survives_a_close_and_opens_a_position_later() -> None:
    pit = Pit()
    pit.buy()
    pit.sell(kind=Type.STOP, stop_price="23490")
    pit.close()
    pit.elapse(3)
    assert len(pit.orders(Status.OPEN)) == 1
    pit.price("23489")
    assert pit.net == -1


def test_with_the_switch_a_close_takes_stand_alone_orders_along() -> None:
    pit = Pit(close_cancels_resting=True)
    pit.buy()
    pit.sell(kind=Type.STOP, stop_price="23490")
    pit.close()
    pit.elapse(3)
    assert pit.orders(Status.OPEN) == []


@pytest.mark.parametrize("size", [0, -1, 4])
def test_a_partial_close_of_an_impossible_size_has_its_own_number(size: int) -> None:
    pit = Pit()
    pit.buy(3)
    outcome = pit.exchange.partial_close(ACCOUNT, pit.mnq.id, size=size, now=pit.now)
    assert outcome.code == PartialClose.INVALID_CLOSE_SIZE


def test_a_partial_close_leaves_the_rest() -> None:
    pit = Pit()
    pit.buy(3)
    pit.exchange.partial_close(ACCOUNT, pit.mnq.id, size=2, now=pit.now)
    pit.elapse(0.1)
    assert pit.net == 1


def test_a_close_that_was_cut_fills_a_part_and_is_cancelled() -> None:
    pit = Pit()
    pit.buy(3)
    pit.exchange.cut_next_close(1)
    pit.close()
    pit.elapse(0.1)
    order = pit.orders()[-1]
    assert (pit.net, order.status, order.fill_volume) == (2, Status.CANCELLED, 1)
    pit.close()
    pit.elapse(0.1)
    assert pit.net == 0


def test_in_a_closed_market_closes_are_rejected_without_text_and_leave_a_trace() -> None:
    pit = Pit()
    pit.buy(2)
    pit.exchange.switches = Switches(session=Gate.ALWAYS_CLOSED)
    full, part = pit.close(), pit.exchange.partial_close(ACCOUNT, pit.mnq.id, size=1, now=pit.now)
    assert (full.code, full.text) == (Close.ORDER_REJECTED, None)
    assert (part.code, part.text) == (PartialClose.ORDER_REJECTED, None)
    assert len(pit.orders(Status.REJECTED)) == 2


@pytest.mark.parametrize(("switch", "code"), [(True, Close.SUCCESS), (False, Close.ACCOUNT_REJECTED)])
def test_a_locked_account_may_close_or_not(switch: bool, code: Close) -> None:  # noqa: FBT001 - a case
    pit = Pit(locked_may_close=switch)
    pit.buy()
    pit.exchange.set_can_trade(ACCOUNT, allowed=False)
    assert pit.close().code == code


def test_unknown_accounts_and_contracts_have_their_own_numbers() -> None:
    pit = Pit()
    assert pit.exchange.close(5, pit.mnq.id, pit.now).code == Close.ACCOUNT_NOT_FOUND
    assert pit.exchange.close(ACCOUNT, "CON.F.US.XX.U26", pit.now).code == Close.CONTRACT_NOT_FOUND


def test_the_platform_liquidates_at_the_daily_loss_limit_and_unlocks_at_the_next_day() -> None:
    pit = Pit(spec=AccountSpec(id=ACCOUNT, daily_loss_limit=Decimal(100)))
    pit.buy(5, custom_tag="in", stop_loss=-400)
    pit.sell(kind=Type.STOP, stop_price="23400")
    pit.price("23492")
    assert pit.net == 5
    pit.price("23490")
    assert (pit.net, pit.account.can_trade, pit.orders(Status.OPEN, Status.SUSPENDED)) == (0, False, [])
    assert pit.orders()[-1].custom_tag is None
    pit.elapse((datetime(2026, 9, 1, 22, 0, 1, tzinfo=UTC) - pit.now).total_seconds())
    assert pit.account.can_trade


def test_the_maximum_loss_limit_fails_the_account_for_good() -> None:
    pit = Pit(spec=AccountSpec(id=ACCOUNT, maximum_loss_limit=Decimal(100)))
    pit.buy(5)
    pit.price("23490")
    pit.elapse(24 * 3600)
    assert (pit.net, pit.account.can_trade) == (0, False)


def test_with_the_switch_off_nobody_is_liquidated() -> None:
    pit = Pit(spec=AccountSpec(id=ACCOUNT, daily_loss_limit=Decimal(100)), platform_liquidates=False)
    pit.buy(5)
    pit.price("23400")
    assert pit.net == 5


def test_costs_can_be_left_out_of_the_platforms_limit() -> None:
    spec = AccountSpec(id=ACCOUNT, daily_loss_limit=Decimal(100))
    for counts, net in ((True, 0), (False, 5)):
        pit = Pit(spec=spec, liquidation_counts_costs=counts)
        pit.buy(5)
        pit.price("23490.50")
        assert pit.net == net


def test_the_platform_can_mark_at_the_last_price() -> None:
    spec = AccountSpec(id=ACCOUNT, daily_loss_limit=Decimal(100))
    pit = Pit(spec=spec, liquidation_marks_last=True)
    pit.buy(5)
    pit.exchange.put_price(pit.mnq, pit.now, last=Decimal(23500), bid=Decimal(23400))
    assert pit.net == 5


def test_a_partial_close_through_the_api_can_take_the_legs() -> None:
    for takes, left in ((False, 2), (True, 0)):
        pit = Pit(partial_close_cancels_legs=takes)
        pit.buy(2, stop_loss=-20, take_profit=20)
        pit.exchange.partial_close(ACCOUNT, pit.mnq.id, size=1, now=pit.now)
        pit.elapse(0.1)
        assert len(pit.orders(Status.OPEN)) == left


def test_orders_can_expire_at_the_end_of_the_session() -> None:
    pit = Pit(session=Gate.BY_CLOCK, expire_at_session_end=True)
    order = pit.buy(kind=Type.LIMIT, limit_price="23400")
    pit.elapse((datetime(2026, 9, 1, 20, 10, 1, tzinfo=UTC) - pit.now).total_seconds())
    assert order.status is Status.EXPIRED
