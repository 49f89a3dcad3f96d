"""The oddities of the venue's JSON."""

from decimal import Decimal

import msgspec
import pytest

from risk_manager.gateway import payloads
from risk_manager.gateway.errors import GatewayMisread
from risk_manager.gateway.payloads import Item

ORDER = b'{"id":1,"accountId":11,"contractId":"CON.F.US.MNQ.U26"}'


class Reports:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __call__(self, excerpt: str, reason: str) -> None:
        self.told.append((excerpt, reason))


def items(raw: bytes) -> tuple[list[tuple[int | None, bytes]], list[tuple[str, str]]]:
    reports = Reports()
    found: list[Item] = list(payloads.items_of(raw, misread=reports))
    return [(item.action, bytes(item.data)) for item in found], reports.told


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (ORDER, [(None, ORDER)]),
        (b'{"action":1,"data":' + ORDER + b"}", [(1, ORDER)]),
        (b'{"action":"2","data":' + ORDER + b"}", [(2, ORDER)]),
        (b'{"action":"update","data":' + ORDER + b"}", [(None, ORDER)]),
        (b'{"data":' + ORDER + b"}", [(None, ORDER)]),
        (b"[" + ORDER + b", null, " + ORDER + b"]", [(None, ORDER), (None, ORDER)]),
        (b'[{"action":0,"data":' + ORDER + b'},{"action":2,"data":' + ORDER + b"}]", [(0, ORDER), (2, ORDER)]),
        (b'{"action":1,"data":[' + ORDER + b"," + ORDER + b"]}", [(1, ORDER), (1, ORDER)]),
        (b"null", []),
        (b"[]", []),
    ],
)
def test_events_come_wrapped_bare_and_in_lists(raw: bytes, expected: list[tuple[int | None, bytes]]) -> None:
    assert items(raw) == (expected, [])


@pytest.mark.parametrize(
    "raw", [b"1", b'"text"', b"true", b"[" * 3000 + b"]" * 3000, b'{"action":{}}', b'{"action":2,"data":null}']
)
def test_what_is_no_event_is_reported(raw: bytes) -> None:
    found, told = items(raw)
    assert found == []
    assert len(told) == 1
    assert len(told[0][0]) <= payloads.EXCERPT_BYTES


def test_a_bad_element_does_not_cost_its_neighbours() -> None:
    found, told = items(b"[" + ORDER + b",5," + ORDER + b"]")
    assert found == [(None, ORDER), (None, ORDER)]
    assert told == [("5", "expected an object or a list of objects")]


def test_ids_may_be_strings_and_larger_than_31_bits() -> None:
    order = payloads.read(payloads.ORDER, b'{"orderId":"3400000001","accountId":"11","contractId":"C"}')
    assert (order.id, order.order_id, order.account_id) == (None, 3400000001, 11)


def test_nulls_may_be_printed_or_left_out() -> None:
    printed = payloads.read(
        payloads.ORDER,
        b'{"id":1,"accountId":1,"contractId":"C","limitPrice":null,"stopPrice":null,"customTag":null,"status":null}',
    )
    assert printed == payloads.read(payloads.ORDER, b'{"id":1,"accountId":1,"contractId":"C"}')


def test_numbers_keep_every_digit_of_the_text() -> None:
    quote = payloads.read(payloads.QUOTE, b'{"lastPrice":0.0000005,"bestBid":29547,"bestAsk":110.015625001}')
    assert quote.last_price == Decimal("0.0000005")
    assert quote.best_bid == Decimal(29547)
    assert str(quote.best_ask) == "110.015625001"


def test_unknown_properties_are_passed_over() -> None:
    assert payloads.read(payloads.ACCOUNT, b'{"id":1,"brandNew":{"a":[1]}}').id == 1


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":"x","accountId":1,"contractId":"C"}',
        b'{"id":-1,"accountId":1,"contractId":"C"}',
        b'{"id":1e40,"accountId":1,"contractId":"C"}',
        b'{"id":1,"accountId":1.5,"contractId":"C"}',
        b'{"id":1,"accountId":1,"contractId":""}',
        b'{"id":1,"accountId":1,"contractId":"' + b"C" * 1_000_000 + b'"}',
        b'{"id":1,"accountId":1,"contractId":"C","size":99999999999}',
        b'{"id":1,"accountId":1,"contractId":"C","limitPrice":NaN}',
        b'{"id":1,"accountId":1,"contractId":"C\xff"}',
        b'{"id":1,"accountId":1',
        b"",
    ],
)
def test_what_no_order_can_be_is_misread(raw: bytes) -> None:
    with pytest.raises(GatewayMisread):
        payloads.read(payloads.ORDER, raw)


def test_a_reply_is_read_whatever_lists_it_has() -> None:
    envelope = payloads.read_envelope(b'{"positions":[],"success":true,"errorCode":0,"errorMessage":null}')
    assert envelope.positions == []
    assert envelope.orders is None


@pytest.mark.parametrize("body", [b"", b"pong", b"[]", b'{"success":"perhaps"}', b'{"positions":{}}', b"[" * 100_000])
def test_a_body_that_is_no_envelope_is_misread(body: bytes) -> None:
    with pytest.raises(GatewayMisread):
        payloads.read_envelope(body)


def test_an_excerpt_shows_the_beginning_only() -> None:
    assert payloads.excerpt(msgspec.Raw(b"x" * 5000)) == "x" * 200
