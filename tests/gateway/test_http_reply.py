"""HTTP replies out of bytes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.gateway.errors import GatewayMisread
from risk_manager.gateway.http_reply import Reply, ReplyReader, date_of

PLAIN = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 16\r\n\r\n{"success":true}'
CHUNKED = (
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n{"suc\r\nB\r\ncess":true}\r\n0\r\nX: y\r\n\r\n'
)
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + PLAIN


def read(stream: bytes) -> Reply:
    reply = ReplyReader().feed(stream)
    assert reply is not None
    return reply


@pytest.mark.parametrize("stream", [PLAIN, CHUNKED, INTERIM])
def test_a_body_is_the_same_however_it_is_sent(stream: bytes) -> None:
    reply = read(stream)
    assert (reply.status, reply.body, reply.keep_alive) == (200, b'{"success":true}', True)


@given(st.sampled_from([PLAIN, CHUNKED, INTERIM]), st.lists(st.integers(1, 200), max_size=20))
def test_a_reply_is_the_same_however_the_stream_is_cut(stream: bytes, cuts: list[int]) -> None:
    reader, rest, replies = ReplyReader(), stream, list[Reply]()
    for cut in [*cuts, len(stream)]:
        piece, rest = rest[:cut], rest[cut:]
        reply = reader.feed(piece) if piece else None
        replies += [reply] if reply else []
    assert [reply.body for reply in replies] == [b'{"success":true}']


def test_one_reader_reads_one_reply_after_the_other() -> None:
    reader = ReplyReader()
    assert reader.feed(CHUNKED) is not None
    assert reader.feed(PLAIN) is not None
    assert not reader.has_begun


def test_a_reply_without_a_length_ends_with_the_stream() -> None:
    reader = ReplyReader()
    assert reader.feed(b"HTTP/1.1 502 Bad Gateway\r\n\r\noops") is None
    reply = reader.end()
    assert reply is not None
    assert (reply.status, reply.body, reply.keep_alive) == (502, b"oops", False)


def test_a_stream_that_ends_too_early_brings_no_reply() -> None:
    reader = ReplyReader()
    reader.feed(PLAIN[:-3])
    assert reader.end() is None
    assert reader.has_begun


@pytest.mark.parametrize("head", [b"HTTP/1.1 401 \r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"])
def test_a_reply_may_have_no_body(head: bytes) -> None:
    assert read(head).body == b""


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore than was said",
    ],
)
def test_a_connection_that_is_to_end_is_not_used_again(head: bytes) -> None:
    assert not read(head).keep_alive


@pytest.mark.parametrize(
    "stream",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
        b"x" * 100_000,
    ],
)
def test_what_is_no_reply_is_told_so(stream: bytes) -> None:
    with pytest.raises(GatewayMisread):
        ReplyReader().feed(stream)


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("Tue, 24 Nov 2026 00:42:04 GMT", datetime(2026, 11, 24, 0, 42, 4, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 23:59:60 GMT", datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 00:42:04 CET", None),
        ("Tuesday, 24-Nov-26 00:42:04 GMT", None),
        ("Tue, 31 Feb 2026 00:42:04 GMT", None),
        ("Tue, 24 Nov 2026 00:42 GMT", None),
        ("", None),
    ],
)
def test_the_date_of_a_reply_is_read_to_the_second(date: str, instant: datetime | None) -> None:
    assert date_of(Reply(status=200, headers={"date": date}, body=b"", keep_alive=True)) == instant
