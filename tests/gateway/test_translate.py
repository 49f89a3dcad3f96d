"""Payloads as the core's events."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.gateway import payloads, translate
from risk_manager.gateway.errors import GatewayMisread

AT = datetime(2026, 8, 19, 20, 0, tzinfo=UTC)


def order_json(**fields: str) -> bytes:
    known = {
        "id": "3000000001",
        "accountId": "11",
        "contractId": '"CON.F.US.MNQ.U26"',
        "status": "1",
        "type": "4",
        "side": "1",
        "size": "2",
    }
    return ("{" + ",".join(f'"{name}":{value}' for name, value in (known | fields).items()) + "}").encode()


def order(**fields: str) -> Order:
    return translate.order(payloads.read(payloads.ORDER, order_json(**fields)))


def position(text: str, action: int | None = None) -> Position:
    raw = '{"id":8,"accountId":11,"contractId":"C",' + text + "}"
    return translate.position(payloads.read(payloads.POSITION, raw.encode()), action)


def trade(text: str) -> Trade:
    raw = (
        '{"id":5,"accountId":11,"contractId":"C","creationTimestamp":"2026-08-19T14:16:01.4061289+00:00",'
        '"price":29423,"side":0,"size":1' + text + "}"
    )
    return translate.trade(payloads.read(payloads.TRADE, raw.encode()))


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-08-19T20:49:25.3938333+00:00", 393833),
        ("2026-08-19T20:49:25.15673+00:00", 156730),
        ("2026-08-19T20:49:25.393+00:00", 393000),
        ("2026-08-19T20:49:25.393Z", 393000),
        ("2026-08-19T20:49:25+00:00", 0),
        ("2026-08-19T15:49:25.5-05:00", 500000),
        ("2026-08-19T20:49:25", 0),
    ],
)
def test_timestamps_have_any_number_of_digits(text: str, microsecond: int) -> None:
    assert translate.instant(text) == datetime(2026, 8, 19, 20, 49, 25, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+05:00", "", "yesterday", "2026-13-01T00:00:00Z", None]
)
def test_a_timestamp_that_is_none_or_unreadable_is_not_known(text: str | None) -> None:
    assert translate.instant(text) is None


def test_an_order_is_read_whole() -> None:
    told = order(
        limitPrice="null",
        stopPrice="29398.5",
        fillVolume="1",
        customTag='"x-1"',
        parentOrderId="7",
        creationTimestamp='"2026-08-19T20:49:25.3938333+00:00"',
        updateTimestamp='"2026-08-19T20:49:25.3962105+00:00"',
    )
    assert (told.order_id, told.account_id, told.contract_id) == (3000000001, 11, "CON.F.US.MNQ.U26")
    assert (told.status, told.type, told.side) == (OrderStatus.OPEN, OrderType.STOP, OrderSide.SELL)
    assert (told.size, told.filled_size, told.remaining) == (2, 1, 1)
    assert (told.stop_price, told.limit_price, told.tag, told.parent_id) == (Decimal("29398.5"), None, "x-1", 7)
    assert told.created_at is not None
    assert told.updated_at is not None
    assert told.created_at < told.updated_at


@pytest.mark.parametrize(
    ("number", "status", "working"),
    [
        ("0", OrderStatus.NONE, True),
        ("1", OrderStatus.OPEN, True),
        ("2", OrderStatus.FILLED, False),
        ("3", OrderStatus.CANCELLED, False),
        ("4", OrderStatus.EXPIRED, False),
        ("5", OrderStatus.REJECTED, False),
        ("6", OrderStatus.PENDING, True),
        ("7", OrderStatus.PENDING_CANCELLATION, True),
        ("8", OrderStatus.SUSPENDED, True),
        ("9", OrderStatus.UNKNOWN, True),
        ("-1", OrderStatus.UNKNOWN, True),
        ("null", OrderStatus.UNKNOWN, True),
    ],
)
def test_a_status_nobody_knows_may_still_fill(number: str, status: OrderStatus, *, working: bool) -> None:
    told = order(status=number)
    assert (told.status, told.is_working) == (status, working)


@pytest.mark.parametrize(("number", "kind"), [("2", OrderType.MARKET), ("7", OrderType.JOIN_ASK)])
def test_an_order_type_is_read(number: str, kind: OrderType) -> None:
    assert order(type=number).type is kind


@pytest.mark.parametrize("number", ["0", "8", "99", "null"])
def test_an_order_type_nobody_knows_is_unknown(number: str) -> None:
    assert order(type=number).type is OrderType.UNKNOWN


def test_an_id_may_be_called_order_id() -> None:
    assert order(id="null", orderId='"17"').order_id == 17


@pytest.mark.parametrize(
    "fields",
    [{"id": "null"}, {"side": "2"}, {"side": "null"}, {"size": "null"}, {"stopPrice": '"NaN"'}],
)
def test_an_order_that_cannot_be_understood_is_misread(fields: dict[str, str]) -> None:
    with pytest.raises(GatewayMisread):
        order(**fields)


def test_whose_an_order_is_its_tag_does_not_tell_here() -> None:
    event = translate.order_updated(payloads.read(payloads.ORDER, order_json(customTag='"srm-8c2e"')), AT)
    assert (event.order.tag, event.ours, event.at) == ("srm-8c2e", False, AT)


@pytest.mark.parametrize(("number", "net_size"), [("1", 3), ("2", -3)])
def test_the_direction_of_a_position_is_in_its_type(number: str, net_size: int) -> None:
    told = position(f'"type":{number},"size":3,"averagePrice":29398.5')
    assert (told.net_size, told.average_price, told.position_id) == (net_size, Decimal("29398.5"), 8)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ('"type":0,"size":0,"averagePrice":29398.5', 2),
        ('"type":1,"size":0,"averagePrice":29398.5', 1),
        ('"type":0,"size":3,"averagePrice":29398.5', 1),
        ('"type":1,"size":3,"averagePrice":29398.5', 2),
        ('"size":0', None),
    ],
)
def test_size_zero_type_zero_and_deletion_are_each_flat(text: str, action: int | None) -> None:
    assert position(text, action).net_size == 0


@pytest.mark.parametrize(
    "text",
    [
        '"type":3,"size":1,"averagePrice":1',
        '"size":1,"averagePrice":1',
        '"type":1,"averagePrice":1',
        '"type":1,"size":-1,"averagePrice":1',
        '"type":1,"size":99999999999,"averagePrice":1',
        '"type":1,"size":1',
        '"type":1,"size":1,"averagePrice":"Infinity"',
        '"type":1,"size":1,"averagePrice":1e400',
    ],
)
def test_a_position_that_may_be_anything_is_misread_not_flat(text: str) -> None:
    with pytest.raises(GatewayMisread):
        position(text)


def test_an_opening_trade_has_no_realized_pnl_and_older_ones_no_commissions() -> None:
    told = trade(',"fees":0.36')
    assert (told.realized_pnl, told.fees, told.commissions, told.voided) == (
        None,
        Decimal("0.36"),
        Decimal(0),
        False,
    )


def test_a_closing_trade_is_gross_with_its_costs_beside() -> None:
    told = trade(',"profitAndLoss":-49,"fees":0.36,"commissions":0.25,"voided":true,"orderId":3000000003')
    assert (told.gross_pnl, told.costs, told.voided, told.order_id) == (Decimal(-49), Decimal("0.61"), True, 3000000003)
    assert told.side is OrderSide.BUY


@pytest.mark.parametrize(
    "text", [',"side":5', ',"creationTimestamp":"?"', ',"profitAndLoss":"-Infinity"', ',"price":"NaN"']
)
def test_a_trade_that_cannot_be_understood_is_misread(text: str) -> None:
    with pytest.raises(GatewayMisread):
        trade(text)


def test_a_trade_tells_the_id_of_its_order() -> None:
    raw = (
        b'{"id":5,"accountId":11,"contractId":"C","creationTimestamp":"2026-08-19T14:16:01Z",'
        b'"price":1,"side":1,"size":1,"orderId":7}'
    )
    payload = payloads.read(payloads.TRADE, raw)
    event = translate.trade_reported(payload, AT)
    assert (event.trade.order_id, event.ours, event.at) == (7, False, AT)


def test_a_sparse_quote_says_nothing_of_what_it_leaves_out() -> None:
    payload = payloads.read(payloads.QUOTE, b'{"symbol":"F.US.MNQ","bestBid":29398.25}')
    event = translate.quote_updated(payload, AT, "CON.F.US.MNQ.U26")
    assert (event.contract_id, event.last, event.bid, event.ask) == (
        "CON.F.US.MNQ.U26",
        None,
        Decimal("29398.25"),
        None,
    )


@pytest.mark.parametrize("text", ["0", "0.0", "0.000000000", "-37.63", "29398.123456789", "1E+3"])
def test_prices_may_be_zero_or_negative(text: str) -> None:
    payload = payloads.read(payloads.QUOTE, b'{"lastPrice":%b}' % text.encode())
    assert translate.quote_updated(payload, AT, "C").last == Decimal(text)


@pytest.mark.parametrize(
    "text", ['"NaN"', '"sNaN"', '"Infinity"', '"-inf"', "1e999999", "1e-999999", "9" * 30, "0e-500"]
)
def test_a_price_that_is_no_price_is_refused(text: str) -> None:
    payload = payloads.read(payloads.QUOTE, b'{"bestAsk":%b}' % text.encode())
    with pytest.raises(GatewayMisread):
        translate.quote_updated(payload, AT, "C")


def test_an_account_event_leaves_out_what_did_not_change() -> None:
    event = translate.account_updated(payloads.read(payloads.ACCOUNT, b'{"id":11,"balance":149848.64}'), AT)
    assert (event.account_id, event.balance, event.can_trade, event.name) == (11, Decimal("149848.64"), None, None)


def test_an_account_is_read() -> None:
    raw = b'{"id":11,"name":"PRAC-V2-1-2","balance":1,"canTrade":false,"isVisible":true,"simulated":true}'
    account = translate.account(payloads.read(payloads.ACCOUNT, raw))
    assert (account.account_id, account.name, account.can_trade, account.simulated) == (11, "PRAC-V2-1-2", False, True)


def test_a_contract_is_read() -> None:
    raw = (
        b'{"id":"CON.F.US.EP.U26","name":"ESU6","description":"E-mini","tickSize":0.25,"tickValue":12.5,'
        b'"activeContract":false,"symbolId":"F.US.EP"}'
    )
    contract = translate.contract(payloads.read(payloads.CONTRACT, raw))
    assert (contract.root, contract.tick_value, contract.active) == ("ES", Decimal("12.5"), False)


@pytest.mark.parametrize(
    "ticks", ['"tickSize":0,"tickValue":1', '"tickSize":1,"tickValue":-1', '"tickSize":"NaN","tickValue":1']
)
def test_a_contract_whose_ticks_are_worth_nothing_is_misread(ticks: str) -> None:
    with pytest.raises(GatewayMisread):
        translate.contract(payloads.read(payloads.CONTRACT, b'{"id":"C",%b}' % ticks.encode()))


@pytest.mark.parametrize(
    ("stamps", "quoted_after"),
    [
        ('"lastUpdated":"2026-08-19T19:59:59+00:00","timestamp":"2026-08-19T19:59:58+00:00"', -1),
        ('"timestamp":"2026-08-19T19:59:58+00:00"', -2),
        ('"lastUpdated":"2026-08-19T20:00:09+00:00"', 0),
        ('"lastUpdated":"2026-08-18T20:00:00+00:00"', -5),
        ('"lastUpdated":"0001-01-01T00:00:00+00:00"', None),
        ('"lastUpdated":{"a":[1]},"timestamp":7', None),
        ('"volume":7', None),
    ],
    ids=["the venue's own", "the exchange's", "of the future", "that stands still", "none", "unreadable", "missing"],
)
def test_a_quote_is_as_old_as_its_stamp_within_what_a_stream_can_lag(stamps: str, quoted_after: int | None) -> None:
    payload = payloads.read(payloads.QUOTE, b'{"lastPrice":1,%s}' % stamps.encode())
    event = translate.quote_updated(payload, AT, "C")
    assert event.last == 1
    assert event.quoted_at == (None if quoted_after is None else AT + timedelta(seconds=quoted_after))
