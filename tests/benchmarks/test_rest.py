"""The REST side of the load venue."""

import asyncio

from msgspec.json import encode

from benchmarks.rest import Counter, Desk
from benchmarks.seats import Seat
from benchmarks.wire import token_of
from risk_manager.gateway.payloads import Envelope, read_envelope


def ask(desk: Desk, path: str, **body: object) -> Envelope:
    head = f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {token_of(101)}".encode()
    return read_envelope(desk.answer(path, head, encode(body), 5_000).partition(b"\r\n\r\n")[2])


async def test_the_list_of_positions_shows_the_breach_until_it_is_closed() -> None:
    seat = Seat(101, is_breached=True)
    desk = Desk({101: seat})

    before = ask(desk, "/api/Position/searchOpen", accountId=101).positions
    closed = ask(desk, "/api/Position/closeContract", accountId=101, contractId=seat.breached)
    after = ask(desk, "/api/Position/searchOpen", accountId=101).positions

    assert closed.success is True
    assert [len(rows or ()) for rows in (before, after)] == [2, 1]
    assert seat.requests == 3


async def test_closing_what_is_not_open_is_refused_with_the_venues_number() -> None:
    assert ask(Desk({101: Seat(101)}), "/api/Position/closeContract", contractId="X").error_code == 2


def test_who_has_no_token_of_this_venue_is_refused() -> None:
    answer = Desk({}).answer("/api/Account/search", b"POST / HTTP/1.1", b"{}", 0)

    assert answer.startswith(b"HTTP/1.1 401")


class Transport(asyncio.Transport):
    """Remembers what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))


def test_requests_are_answered_one_by_one_however_they_are_cut() -> None:
    counter, transport = Counter(Desk({})), Transport()
    counter.connection_made(transport)
    body = encode({"userName": "bench-101"})
    login = b"POST /api/Auth/loginKey HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    stream = login + b"GET /api/Status/ping HTTP/1.1\r\n\r\n"

    for start in range(0, len(stream), 7):
        counter.data_received(stream[start : start + 7])

    assert len(transport.written) == 2
    assert token_of(101).encode() in transport.written[0]
    assert transport.written[1].endswith(b"pong")
