"""What waits for one listener."""

import asyncio

from aiohttp import WSMsgType, web

from risk_manager.local_api.listener import Listener


class Socket(web.WebSocketResponse):
    """Remembers what was sent; `gone` makes it a connection that broke."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.gone = False

    async def send_frame(self, message: bytes, opcode: WSMsgType, compress: int | None = None) -> None:
        del compress
        assert opcode is WSMsgType.TEXT
        if self.gone:
            raise ConnectionResetError
        self.sent.append(message)


class Line(asyncio.Transport):
    """Remembers that it was cut."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = False

    def abort(self) -> None:
        self.cut = True


async def _written(listener: Listener) -> None:
    """Let it write what waits."""
    writing = asyncio.create_task(listener.write())
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


async def test_frames_are_sent_in_their_order() -> None:
    socket = Socket()
    listener = Listener(socket, None, most=10)
    for frame in (b"1", b"2", b"3"):
        listener.put(frame)

    await _written(listener)

    assert socket.sent == [b"1", b"2", b"3"]


async def test_of_the_frames_under_one_key_only_the_latest_waits() -> None:
    socket = Socket()
    listener = Listener(socket, None, most=10)
    listener.put_latest("ES", b"1")
    listener.put(b"lock")
    listener.put_latest("ES", b"2")

    await _written(listener)

    assert socket.sent == [b"2", b"lock"]


async def test_at_the_bound_it_stays_and_beyond_it_is_cut_off() -> None:
    line = Line()
    listener = Listener(Socket(), line, most=2)
    listener.put(b"1")
    listener.put(b"2")
    listener.put_latest("ES", b"3")

    assert listener.dropped
    assert line.cut


async def test_the_latest_of_a_key_needs_no_more_room() -> None:
    listener = Listener(Socket(), None, most=2)
    listener.put(b"1")
    for price in range(100):
        listener.put_latest("ES", b"%d" % price)

    assert not listener.dropped


async def test_one_that_was_dropped_is_told_nothing_more() -> None:
    socket = Socket()
    listener = Listener(socket, None, most=2)
    listener.drop()
    listener.put(b"1")

    await _written(listener)

    assert socket.sent == []


async def test_a_connection_that_broke_ends_the_writing() -> None:
    socket = Socket()
    socket.gone = True
    listener = Listener(socket, None, most=2)
    listener.put(b"1")

    async with asyncio.timeout(5):
        await listener.write()
