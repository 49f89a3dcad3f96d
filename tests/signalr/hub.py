"""A small real hub for the tests of the client: one aiohttp server on 127.0.0.1, told what to do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, web

from risk_manager.signalr.protocol import Event, ServerProtocol
from tests.patience import patience


class Call:
    """One client at the hub, as the scenario of a test sees it."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.request = request
        self.socket = socket
        self.protocol = ServerProtocol()
        self._events: list[Event] = []

    async def hear(self) -> Event | None:
        """The next thing the client says; None once it hung up."""
        while not self._events:
            frame = await self.socket.receive()
            if frame.type is not WSMsgType.TEXT:
                return None
            self._events = self.protocol.receive_data(frame.data)
        return self._events.pop(0)

    async def accept(self, more: str = "") -> None:
        await self.hear()
        await self.say(self.protocol.accept_handshake() + more)

    async def say(self, frame: str) -> None:
        await self.socket.send_str(frame)

    async def hear_until_hung_up(self) -> list[Event]:
        heard: list[Event] = []
        while (event := await self.hear()) is not None:
            heard.append(event)
        return heard


Scenario = Callable[[Call], Awaitable[None]]


@asynccontextmanager
async def hub(scenario: Scenario) -> AsyncIterator[str]:
    """Serve the scenario to every client; yields the hub's URL."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        await scenario(Call(request, socket))
        return socket

    async with served(serve) as url:
        yield url


@asynccontextmanager
async def served(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]], *, ssl_context: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/hubs/user", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        async with asyncio.timeout(patience(20)):  # a guard, never the point of a test
            yield f"{'https' if ssl_context else 'http'}://{host}:{port}/hubs/user"
    finally:
        await runner.cleanup()
