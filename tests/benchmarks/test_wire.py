"""The bytes of the load venue, read by the daemon's own decoders."""

from msgspec.json import encode

from benchmarks.wire import (
    BREACH_MARK,
    BREACH_SIZE,
    contract_json,
    dated,
    http_reply,
    invocation,
    position_json,
    position_record,
    quote_records,
    reply,
    stop_json,
    token_of,
    trades_json,
)
from risk_manager.gateway import payloads, translate
from risk_manager.gateway.http_reply import ReplyReader, date_of
from risk_manager.signalr.messages import Invocation, decode_message

ACCOUNT, CONTRACT = 101, "CON.F.US.B101.Z26"


def test_only_a_breach_bears_the_mark_of_one() -> None:
    assert BREACH_MARK in position_record(ACCOUNT, CONTRACT, BREACH_SIZE)
    assert BREACH_MARK not in position_record(ACCOUNT, CONTRACT, 0)
    assert not any(BREACH_MARK in record for record in quote_records(CONTRACT, count=8))


def test_a_record_is_an_invocation_that_the_daemon_reads() -> None:
    message = decode_message(position_record(ACCOUNT, CONTRACT, BREACH_SIZE)[:-1])

    assert isinstance(message, Invocation)
    told = payloads.WRAPPED_POSITION.decode(message.arguments[0])
    assert told.data is not None
    assert translate.position(told.data, told.action).net_size == BREACH_SIZE
    assert decode_message(invocation("GatewayLogout")[:-1]) == Invocation("GatewayLogout")


def test_every_row_is_one_that_the_daemon_reads() -> None:
    assert translate.position(payloads.read(payloads.POSITION, encode(position_json(ACCOUNT, CONTRACT, 0)))).size == 0
    assert translate.order(payloads.read(payloads.ORDER, encode(stop_json(ACCOUNT, CONTRACT)))).is_working
    assert translate.contract(payloads.read(payloads.CONTRACT, encode(contract_json(CONTRACT)))).root == "B101"
    trades = [translate.trade(payloads.read(payloads.TRADE, encode(row))) for row in trades_json(1, CONTRACT, count=4)]
    assert len({trade.trade_id for trade in trades}) == 4


def test_quotes_differ_from_one_to_the_next() -> None:
    records = quote_records(CONTRACT, count=3)

    assert len(set(records)) == 3


def test_a_reply_tells_success_and_its_date() -> None:
    told = ReplyReader().feed(dated(reply(token=token_of(ACCOUNT))))

    assert told is not None
    assert date_of(told) is not None
    assert payloads.read_envelope(told.body).success is True


def test_a_refusal_keeps_its_status() -> None:
    told = ReplyReader().feed(http_reply(b"", "401 Unauthorized"))

    assert told is not None
    assert told.status == 401
