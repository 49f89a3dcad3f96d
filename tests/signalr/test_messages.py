"""Hub messages: what is read as what, and what survives unread."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.signalr.messages import (
    Close,
    Completion,
    Invocation,
    Malformed,
    Ping,
    Unknown,
    decode_message,
    encode_message,
    encode_value,
)


def raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


def test_an_invocation_keeps_its_arguments_as_raw_json() -> None:
    message = decode_message(b'{"type":1,"target":"GatewayQuote","arguments":["CON.F.US.EP.U26",{"bestBid":6512.25}]}')

    assert message == Invocation(
        target="GatewayQuote", arguments=(raw('"CON.F.US.EP.U26"'), raw('{"bestBid":6512.25}'))
    )


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            '{"type":1,"invocationId":"7","target":"SubscribeAccounts","arguments":[]}',
            Invocation(target="SubscribeAccounts", invocation_id="7"),
        ),
        ('{"type":1,"target":"GatewayLogout"}', Invocation(target="GatewayLogout")),
        ('{"arguments":[],"target":"x","invocationId":null,"type":1}', Invocation(target="x")),
        ('{"type":1,"target":"x","headers":{"a":"b"},"streamIds":[],"arguments":[]}', Invocation(target="x")),
        ('{"type":3,"invocationId":"1","result":0}', Completion(invocation_id="1", result=raw("0"))),
        ('{"type":3,"invocationId":"1"}', Completion(invocation_id="1")),
        ('{"type":3,"invocationId":"1","result":null}', Completion(invocation_id="1", result=raw("null"))),
        ('{"type":3,"invocationId":"1","error":"no"}', Completion(invocation_id="1", error="no")),
        ('{"type":6}', Ping()),
        ('{"type":7}', Close()),
        ('{"type":7,"error":"bye","allowReconnect":true}', Close(error="bye", allow_reconnect=True)),
    ],
)
def test_each_kind_of_message_is_read(record: str, message: object) -> None:
    assert decode_message(record.encode()) == message


@pytest.mark.parametrize("kind", [0, 2, 4, 5, 8, 9, 255])
def test_a_kind_without_use_here_survives_as_unknown(kind: int) -> None:
    record = b'{"type":%d,"invocationId":"1","item":3}' % kind

    assert decode_message(record) == Unknown(kind=kind, record=record)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"null",
        b"[]",
        b"6",
        b'"type"',
        b"{}",
        b"{",
        b'{"type":null}',
        b'{"type":true}',
        b'{"type":"1"}',
        b'{"type":1.5}',
        b'{"type":-1}',
        b'{"type":256}',
        b'{"type":1e400}',
        b'{"type":' + b"9" * 5000 + b"}",
        b'{"type":1,"arguments":[]}',
        b'{"type":1,"target":5,"arguments":[]}',
        b'{"type":1,"target":"x","arguments":{}}',
        b'{"type":1,"target":"x","arguments":[NaN]}',
        b'{"type":1,"target":"x","arguments":[Infinity]}',
        b'{"type":1,"target":"x","arguments":[1}',
        b'{"type":1,"target":"x","arguments":[],"invocationId":7}',
        b'{"type":1,"target":"\xff","arguments":[]}',
        b'{"type":1,"target":"x","arguments":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"type":6}',
        b'{"type":3}',
        b'{"type":3,"invocationId":"1","error":{}}',
        b'{"type":6}{"type":6}',
        b'{"type":7,"allowReconnect":"yes"}',
        b'\xef\xbb\xbf{"type":6}',
        b"\x00\xff\xfe",
    ],
)
def test_a_hostile_record_becomes_malformed_with_its_beginning_and_a_reason(record: bytes) -> None:
    message = decode_message(record)

    assert isinstance(message, Malformed)
    assert message.record_excerpt == record[:200].decode(errors="replace")
    assert message.reason


def test_a_string_of_a_megabyte_is_only_a_long_string() -> None:
    text = "x" * 1_000_000

    message = decode_message(b'{"type":1,"target":"x","arguments":["%s"]}' % text.encode())

    assert message == Invocation(target="x", arguments=(raw(f'"{text}"'),))


@given(st.binary(max_size=200))
def test_no_bytes_make_decoding_raise(record: bytes) -> None:
    decode_message(record)


def test_a_decimal_argument_is_written_as_a_number() -> None:
    assert bytes(encode_value({"price": Decimal("6512.25")})) == b'{"price":6512.25}'


def test_raw_json_is_written_as_it_is() -> None:
    value = raw("[1,  2]")

    assert encode_value(value) is value


def test_a_value_without_json_form_is_refused() -> None:
    with pytest.raises(TypeError):
        encode_value(object())


@pytest.mark.parametrize(
    ("message", "record"),
    [
        (Invocation(target="x", arguments=(raw("1"),)), '{"type":1,"target":"x","arguments":[1]}'),
        (Completion(invocation_id="1", result=raw("[]")), '{"type":3,"invocationId":"1","result":[]}'),
        (Ping(), '{"type":6}'),
        (Close(), '{"type":7}'),
        (Close(allow_reconnect=True), '{"type":7,"allowReconnect":true}'),
    ],
)
def test_messages_are_written_without_what_is_not_set(
    message: Invocation | Completion | Ping | Close, record: str
) -> None:
    assert encode_message(message) == record.encode()


def test_an_invocation_without_arguments_is_written_with_an_empty_list() -> None:
    assert b'"arguments":[]' in encode_message(Invocation(target="SubscribeAccounts", invocation_id="1"))
