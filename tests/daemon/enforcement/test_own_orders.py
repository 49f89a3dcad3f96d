from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.trade import Trade
from risk_manager.daemon.enforcement.own_orders import Call, OwnOrders
from tests.daemon.fake_venue import ACCOUNT, ES, NQ

AT = datetime(2026, 8, 20, 14, tzinfo=UTC)
EXIT = Order(
    order_id=9,
    account_id=ACCOUNT,
    contract_id=ES,
    type=OrderType.MARKET,
    side=OrderSide.SELL,
    size=2,
    status=OrderStatus.PENDING,
    created_at=AT,
)
FILL = Trade(
    trade_id=1, account_id=ACCOUNT, contract_id=ES, order_id=9, side=OrderSide.SELL, size=2, price=Decimal(1), at=AT
)


def waiting_for_a_close() -> OwnOrders:
    own = OwnOrders()
    own.expect(ES, side=OrderSide.SELL, size=2, at=AT)
    return own


def test_the_untagged_market_order_after_a_close_is_ours_and_stays_so() -> None:
    own = waiting_for_a_close()
    assert own.claims_order(EXIT, AT)
    assert own.claims_order(replace(EXIT, status=OrderStatus.FILLED), AT + timedelta(hours=1))


@pytest.mark.parametrize(
    "stranger",
    [
        replace(EXIT, side=OrderSide.BUY),
        replace(EXIT, contract_id=NQ),
        replace(EXIT, type=OrderType.STOP),
        replace(EXIT, tag="trader-1"),
        replace(EXIT, size=3),
        replace(EXIT, created_at=AT - timedelta(minutes=1)),
        replace(EXIT, created_at=AT + timedelta(minutes=1)),
    ],
)
def test_an_order_that_the_close_cannot_have_caused_is_not_ours(stranger: Order) -> None:
    assert not waiting_for_a_close().claims_order(stranger, AT)


def test_one_close_causes_one_order() -> None:
    own = waiting_for_a_close()
    assert own.claims_order(EXIT, AT)
    assert not own.claims_order(replace(EXIT, order_id=10), AT)


def test_a_refused_close_causes_no_order() -> None:
    own = OwnOrders()
    call = own.expect(ES, side=OrderSide.SELL, size=2, at=AT)
    own.withdraw(call)
    assert not own.claims_order(EXIT, AT)


def tagged(tag: str) -> Order:
    return replace(EXIT, type=OrderType.STOP, tag=tag)


def test_our_tag_is_ours_after_a_restart_too() -> None:
    key = b"of this home"
    tag = OwnOrders(tag_key=key).new_tag()
    assert OwnOrders(tag_key=key).claims_order(tagged(tag), AT)
    assert OwnOrders(tag_key=key).new_tag() != tag


def test_a_trader_who_gives_his_orders_tags_like_ours_is_counted_all_the_same() -> None:
    own = OwnOrders(tag_key=b"of this home")
    tag = own.new_tag()
    forged = tag[:-1] + ("0" if tag[-1] != "0" else "1")
    for foreign in ("srm-", "srm-1", "srm-é", forged, f"{tag}-SL", f"my {tag}", tag.upper(), OwnOrders().new_tag()):
        assert not own.claims_order(tagged(foreign), AT), foreign


def test_a_fill_that_comes_before_its_order_is_ours_unless_the_order_is_known() -> None:
    assert waiting_for_a_close().claims_trade(FILL, lambda _: False)
    assert not waiting_for_a_close().claims_trade(FILL, lambda _: True)


def test_a_fill_told_twice_is_new_once() -> None:
    own = waiting_for_a_close()
    assert own.is_new_fill(FILL)
    assert not own.is_new_fill(FILL)
    assert not own.is_new_fill(replace(FILL, trade_id=2, voided=True))


@pytest.mark.parametrize("is_known", [True, False])
def test_no_later_close_takes_the_traders_exit_for_its_own(*, is_known: bool) -> None:
    own = OwnOrders()
    assert not own.claims_trade(FILL, lambda _: is_known)
    own.expect(ES, side=OrderSide.SELL, size=2, at=AT)
    assert not own.claims_order(EXIT, AT)


def test_an_order_read_before_the_daemons_close_is_not_taken_for_its_order_when_it_is_read_again() -> None:
    own = OwnOrders()
    assert not own.claims_order(EXIT, AT)
    own.expect(ES, side=OrderSide.SELL, size=2, at=AT)
    assert not own.claims_order(EXIT, AT)


def test_the_fill_that_led_to_a_plan_of_an_earlier_life_is_not_its_exit() -> None:
    own = OwnOrders()
    own.remember(Call(ES, OrderSide.SELL, 2, AT, strangers=frozenset({9})))
    assert not own.claims_order(EXIT, AT)
    assert own.claims_order(replace(EXIT, order_id=10), AT)
