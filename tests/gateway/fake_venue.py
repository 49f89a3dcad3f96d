"""A venue of a few lines on a real socket: replies as told, hubs that say what a test says."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from tests.patience import patience

SEPARATOR = "\x1e"


@dataclass
class Response:
    """What a route answers; `hang` never answers, `cut` closes the connection instead."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False


@dataclass
class Request:
    path: str
    token: str
    body: Any
    connection: object


def ok(**fields: object) -> Response:
    return Response(msgspec.json.encode({"success": True, "errorCode": 0, "errorMessage": None, **fields}))


def no(code: int, message: str | None = None, **fields: object) -> Response:
    return Response(msgspec.json.encode({"success": False, "errorCode": code, "errorMessage": message, **fields}))


class Peer:
    """One client on one hub."""

    def __init__(self, hub: str, token: str, socket: web.WebSocketResponse) -> None:
        self.hub, self.token, self.socket = hub, token, socket
        self.calls: list[tuple[str, list[Any]]] = []

    async def say(self, *records: str) -> None:
        await self.socket.send_str("".join(record + SEPARATOR for record in records))

    async def tell(self, target: str, *arguments: str) -> None:
        """Send an invocation; the arguments are JSON."""
        await self.say(f'{{"type":1,"target":"{target}","arguments":[{",".join(arguments)}]}}')


class FakeVenue:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: dict[str, deque[Response]] = defaultdict(deque)
        self.standing: dict[str, Response] = {}
        self.peers: list[Peer] = []
        self.refused_calls: set[str] = set()
        self.refuse_hubs_with: dict[str, int] = {}
        self.tokens = 0
        self.port = 0
        self.changed = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hub_url(self, hub: str) -> str:
        return f"{self.url}/hubs/{hub}"

    def answer(self, path: str, *responses: Response) -> None:
        """Answer with these in turn, then with the last one for ever."""
        self.replies[path] = deque(responses[:-1])
        self.standing[path] = responses[-1]

    def paths(self) -> list[str]:
        return [request.path for request in self.requests if request.path != "/api/Status/ping"]

    async def until(self, met: Callable[[], object]) -> None:
        """Wait until something holds that the venue can see."""
        async with asyncio.timeout(patience(5)), self.changed:
            await self.changed.wait_for(met)

    async def peer(self, hub: str, *, number: int = 1, calls: int = 0) -> Peer:
        """Wait for the client's `number`th connection to a hub, and for its calls."""

        def found() -> list[Peer]:
            return [peer for peer in self.peers if peer.hub == hub][number - 1 :]

        await self.until(lambda: bool(found()) and len(found()[0].calls) >= calls)
        return found()[0]

    async def rest(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        body = msgspec.json.decode(raw) if raw else None
        async with self.changed:
            self.requests.append(Request(request.path, token, body, request.transport))
            self.changed.notify_all()
        if request.path == "/api/Status/ping":
            return web.Response(text="pong")
        response = self._response(request.path)
        if response.hang:
            await asyncio.Event().wait()
        if response.cut:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(
            body=response.body, status=response.status, headers=response.headers, content_type="text/plain"
        )

    def _response(self, path: str) -> Response:
        if self.replies[path]:
            return self.replies[path].popleft()
        if path in self.standing:
            return self.standing[path]
        if path == "/api/Auth/loginKey":
            self.tokens += 1
            return ok(token=f"token-{self.tokens}")
        return Response(b"", status=404)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        hub = request.match_info["hub"]
        if hub in self.refuse_hubs_with:
            return web.Response(status=self.refuse_hubs_with[hub])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        peer = Peer(hub, request.query.get("access_token", ""), socket)
        await socket.receive_str()
        await peer.say("{}")
        async with self.changed:
            self.peers.append(peer)
            self.changed.notify_all()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(peer, message.data)
        return socket

    async def _hear(self, peer: Peer, text: str) -> None:
        for record in text.split(SEPARATOR)[:-1]:
            message = msgspec.json.decode(record)
            if message["type"] != 1:
                continue
            target = message["target"]
            error = ',"error":"no such thing"' if target in self.refused_calls else ',"result":0'
            await peer.say(f'{{"type":3,"invocationId":"{message["invocationId"]}"{error}}}')
            async with self.changed:
                peer.calls.append((target, message["arguments"]))
                self.changed.notify_all()


async def until(met: Callable[[], object]) -> None:
    """Wait until something holds that only the client can see."""
    async with asyncio.timeout(patience(5)):
        while not met():  # noqa: ASYNC110  the client has no event for its tests
            await asyncio.sleep(0)


@asynccontextmanager
async def fake_venue() -> AsyncIterator[FakeVenue]:
    venue = FakeVenue()
    app = web.Application()
    app.router.add_get("/hubs/{hub}", venue.socket)
    app.router.add_route("*", "/{path:.*}", venue.rest)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    venue.port = runner.addresses[0][1]
    try:
        yield venue
    finally:
        for peer in venue.peers:
            await peer.socket.close()
        await runner.cleanup()
