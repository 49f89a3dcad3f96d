"""One connection: a request out at once, one reply or one error back."""

import asyncio

import pytest

from risk_manager.gateway.errors import GatewayMisread, GatewayUnavailable
from risk_manager.gateway.http_link import REQUEST_TIMEOUT, Link, LinkBroken


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.aborted = False
        self._link = link

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class Ends:
    def __init__(self) -> None:
        self.silences = 0

    def note(self) -> None:
        self.silences += 1


def linked() -> tuple[Link, Wire, Ends]:
    ends = Ends()
    link = Link(asyncio.get_running_loop(), ends.note)
    wire = Wire(link)
    link.connection_made(wire)
    return link, wire, ends


async def test_a_request_is_written_before_send_returns() -> None:
    link, wire, _ = linked()
    answer = link.send(b"request")
    assert wire.written == [b"request"]
    assert not link.is_idle
    link.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert (await answer).status == 200
    assert link.is_idle


async def test_a_busy_link_takes_no_second_request() -> None:
    link, _, _ = linked()
    link.send(b"one")
    with pytest.raises(GatewayUnavailable):
        link.send(b"two")
    link.connection_lost(None)


async def test_a_connection_that_ends_before_a_byte_is_told_apart_from_one_that_ends_in_a_reply() -> None:
    link, _, _ = linked()
    answer = link.send(b"request")
    link.connection_lost(None)
    with pytest.raises(LinkBroken):
        await answer
    link, _, _ = linked()
    answer = link.send(b"request")
    link.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{")
    link.connection_lost(OSError("reset"))
    with pytest.raises(GatewayUnavailable, match="middle of a reply") as caught:
        await answer
    assert not isinstance(caught.value, LinkBroken)


async def test_what_is_no_reply_ends_the_connection() -> None:
    link, wire, _ = linked()
    answer = link.send(b"request")
    link.data_received(b"nonsense\r\n\r\n")
    with pytest.raises(GatewayMisread):
        await answer
    assert wire.aborted


async def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    link, wire, _ = linked()
    link.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert wire.aborted
    assert not link.is_idle


async def test_silence_ends_the_connection_and_is_told_to_the_pool() -> None:
    link, wire, ends = linked()
    answer = link.send(b"request")
    link._time_out()  # what the loop calls after five seconds
    with pytest.raises(GatewayUnavailable, match=f"{REQUEST_TIMEOUT:.0f} s"):
        await answer
    assert (wire.aborted, ends.silences) == (True, 1)


async def test_a_reply_to_somebody_who_has_gone_is_dropped() -> None:
    link, _, _ = linked()
    link.send(b"request").cancel()
    link.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert link.is_idle
