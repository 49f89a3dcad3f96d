"""One connection to the daemon's WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from picows import WSCloseCode, ws_create_server

from risk_manager.local_api.visit import Visit
from tests.patience import patience

PATIENCE = patience(5)


class Host:
    """Repeats what it is asked, and remembers who came and left."""

    def __init__(self) -> None:
        self.port = 0
        self.visits: list[Visit] = []
        self.left_again = asyncio.Event()
        self.requests = 0

    def open(self, _request: object) -> Visit:
        return Visit(self, most_waiting=10, is_flood=self._is_flood, pace=0.2)

    def came(self, visit: Visit) -> None:
        self.visits.append(visit)
        visit.send(b"welcome")

    def left(self, visit: Visit) -> None:
        self.visits.remove(visit)
        self.left_again.set()

    async def answer(self, visit: Visit, request: bytes | None) -> None:
        await asyncio.sleep(0)  # another request must not overtake this one
        visit.send(request or b"none")

    def _is_flood(self) -> bool:
        self.requests += 1
        return self.requests >= 4


@asynccontextmanager
async def visiting() -> AsyncIterator[tuple[Host, aiohttp.ClientWebSocketResponse]]:
    host = Host()
    server = await ws_create_server(host.open, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://127.0.0.1:{host.port}") as ws,
    ):
        assert await ws.receive_str() == "welcome"
        yield host, ws
    server.close()


async def test_requests_are_answered_in_their_order() -> None:
    async with visiting() as (_, ws):
        await ws.send_str("1")
        await ws.send_str("2")

        assert [await ws.receive_str(), await ws.receive_str()] == ["1", "2"]


async def test_a_frame_that_is_no_whole_text_is_no_request() -> None:
    async with visiting() as (_, ws):
        await ws.send_bytes(b"1")

        assert await ws.receive_str() == "none"


async def test_a_flood_is_shown_the_door() -> None:
    async with visiting() as (_, ws):
        for _ in range(4):
            await ws.send_str("1")
        while (frame := await ws.receive()).type is aiohttp.WSMsgType.TEXT:
            pass

        assert frame.data == WSCloseCode.POLICY_VIOLATION


async def test_who_says_goodbye_is_answered_and_forgotten() -> None:
    async with visiting() as (host, ws):
        await ws.close()
        await host.left_again.wait()

        assert ws.close_code == WSCloseCode.OK.value
        assert host.visits == []


async def test_after_a_farewell_nothing_more_is_sent() -> None:
    async with visiting() as (host, ws):
        visit = host.visits[0]
        visit.say_goodbye(WSCloseCode.GOING_AWAY, b"the daemon stops")
        visit.send(b"too late")

        assert (await ws.receive()).data == WSCloseCode.GOING_AWAY
        await visit.gone


async def test_one_that_is_cut_is_gone_without_a_farewell() -> None:
    async with visiting() as (host, ws):
        visit = host.visits[0]
        visit.cut()
        await visit.gone

        assert (await ws.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE)
