"""HTTP/1.1 replies, read from bytes without I/O.

Only what a JSON service behind a proxy sends: a length, chunks or the end of the stream; interim replies are
skipped. Compression is not asked for.
"""

from datetime import UTC, datetime
from typing import Final, NoReturn

import msgspec

from risk_manager.gateway.errors import GatewayMisread

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_BODY_BYTES: Final = 32 * 1024 * 1024
_STATUS_LINE_PARTS: Final = 2
_FIRST_FINAL_STATUS: Final = 200
_BODILESS: Final = frozenset({204, 304})
_MAX_DIGITS: Final = 10
_DATE_PARTS: Final = 6
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Reply(msgspec.Struct, frozen=True):
    """A whole reply; header names in lower case. `keep_alive`: another request may follow on the connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    keep_alive: bool


class _Head(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    keep_alive: bool
    length: int | None
    chunked: bool


class ReplyReader:
    """Reads one reply at a time, however the stream is cut; raises `GatewayMisread` for what is no HTTP."""

    __slots__ = ("_body", "_buffer", "_head")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body = bytearray()
        self._head: _Head | None = None

    def feed(self, chunk: bytes) -> Reply | None:
        """Take the next bytes; return the reply that they complete."""
        self._buffer += chunk
        while self._head is None:
            head = self._take_head()
            if head is None:
                return None
            if head.status >= _FIRST_FINAL_STATUS:
                self._head = head
        return self._take_body(self._head)

    def end(self) -> Reply | None:
        """Note the end of the stream; return the reply that only this completes."""
        head = self._head
        if head is None or head.chunked or head.length is not None:
            return None
        return self._finish(head, bytes(self._buffer))

    @property
    def has_begun(self) -> bool:
        """Something of a reply arrived."""
        return self._head is not None or bool(self._buffer)

    def _take_head(self) -> _Head | None:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > MAX_HEAD_BYTES:
                raise GatewayMisread("the venue's reply has headers without an end; is the address right?")
            return None
        head = _read_head(bytes(buffer[:end]))
        del buffer[: end + 4]
        return head

    def _take_body(self, head: _Head) -> Reply | None:
        if head.chunked:
            return self._finish(head, bytes(self._body)) if self._take_chunks() else None
        if max(len(self._buffer), head.length or 0) > MAX_BODY_BYTES:
            raise GatewayMisread("the venue's reply is larger than 32 MiB")
        if head.length is None or len(self._buffer) < head.length:
            return None
        body = bytes(self._buffer[: head.length])
        del self._buffer[: head.length]
        return self._finish(head, body)

    def _take_chunks(self) -> bool:
        """Move whole chunks to the body; tell whether the last one came, with its trailers."""
        buffer = self._buffer
        while (end := buffer.find(b"\r\n")) >= 0:
            size = _number(bytes(buffer[:end]).partition(b";")[0].strip(), 16)
            if size == 0:
                return self._take_trailers(end)
            if len(self._body) + size > MAX_BODY_BYTES:
                raise GatewayMisread("the venue's reply is larger than 32 MiB")
            if len(buffer) < end + 2 + size + 2:
                return False
            self._body += buffer[end + 2 : end + 2 + size]
            del buffer[: end + 2 + size + 2]
        return False

    def _take_trailers(self, start: int) -> bool:
        end = self._buffer.find(b"\r\n\r\n", start)
        if end < 0:
            return False
        del self._buffer[: end + 4]
        return True

    def _finish(self, head: _Head, body: bytes) -> Reply:
        if head.headers.get("content-encoding", "identity") != "identity":
            raise GatewayMisread("the venue's reply is compressed, which was not asked for")
        # What follows a reply that nobody asked for cannot be told from the next one: such a connection ends.
        clean = head.keep_alive and not self._buffer
        self._buffer.clear()
        self._body.clear()
        self._head = None
        return Reply(status=head.status, headers=head.headers, body=body, keep_alive=clean)


def date_of(reply: Reply) -> datetime | None:
    """Read when the venue dated a reply, to the second; None where it did not, or in a form of its own."""
    parts = reply.headers.get("date", "").split()
    if len(parts) != _DATE_PARTS or parts[2] not in _MONTHS or parts[5] != "GMT":
        return None
    try:
        day, year = int(parts[1]), int(parts[3])
        hour, minute, second = map(int, parts[4].split(":"))
        return datetime(year, _MONTHS.index(parts[2]) + 1, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None


def _read_head(head: bytes) -> _Head:
    status_line, *lines = head.decode("latin-1").split("\r\n")
    parts = status_line.split(" ", _STATUS_LINE_PARTS)
    if len(parts) < _STATUS_LINE_PARTS or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
        raise GatewayMisread("what answers at the venue's address does not speak HTTP; check gateway.api")
    status = int(parts[1][:3])
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    length = 0 if status in _BODILESS else _length(headers)
    closing = "close" in headers.get("connection", "").lower() or parts[0] == "HTTP/1.0"
    keep_alive = not closing and (chunked or length is not None)
    return _Head(status=status, headers=headers, keep_alive=keep_alive, length=length, chunked=chunked)


def _length(headers: dict[str, str]) -> int | None:
    text = headers.get("content-length")
    return None if text is None else _number(text.encode("latin-1"), 10)


def _number(digits: bytes, radix: int) -> int:
    try:
        return int(digits[: _MAX_DIGITS + 1], radix) if digits.isalnum() else _unreadable_length()
    except ValueError:
        return _unreadable_length()


def _unreadable_length() -> NoReturn:
    raise GatewayMisread("the venue's reply does not tell its length")
