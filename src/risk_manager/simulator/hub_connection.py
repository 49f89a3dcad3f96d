"""One client's WebSocket at a hub of the venue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

import msgspec
from aiohttp import WSMsgType, web

from risk_manager.signalr.keepalive import Keepalive
from risk_manager.signalr.messages import Close, Invocation
from risk_manager.signalr.protocol import Event, HandshakeFailed, HandshakeRequested, ServerProtocol, State
from risk_manager.simulator.tokens import Session

Topic = tuple[str, int | str]
Invoked = Callable[["HubConnection", Invocation], None]

LARGEST_FRAME = 4 * 1024 * 1024
_numbers = count(1)


class HubConnection:
    """Reads invocations, writes events in the order given, pings, and drops a silent client."""

    def __init__(
        self, hub: str, session: Session, *, ping_interval: float, client_timeout: float, invoked: Invoked
    ) -> None:
        self.hub = hub
        self.session = session
        self.number = next(_numbers)
        self.topics: set[Topic] = set()
        self.needs_full_quote: set[str] = set()
        self._frozen: frozenset[str] = frozenset()
        self.ended_by = "client"
        self._socket = web.WebSocketResponse(compress=False, autoping=True, max_msg_size=LARGEST_FRAME)
        self._transport: asyncio.Transport | None = None
        self._protocol = ServerProtocol()
        self._invoked = invoked
        self._timing = (ping_interval, client_timeout)
        self._queue: list[bytes] = []
        self._wake = asyncio.Event()
        self._is_ending = False
        self._loop = asyncio.get_running_loop()

    @property
    def caller(self) -> str:
        """Whose connection it is."""
        return self.session.caller

    @property
    def socket(self) -> web.WebSocketResponse:
        """The response that aiohttp wants back."""
        return self._socket

    async def run(self, request: web.Request) -> None:
        """Serve the client until either side ends it."""
        try:
            await self._socket.prepare(request)
        except ConnectionError:  # the client died while it was welcomed
            return
        transport = request.transport
        self._transport = transport if isinstance(transport, asyncio.Transport) else None
        interval, timeout = self._timing
        keepalive = Keepalive(now=self._loop.time(), ping_interval=interval, silence_limit=timeout)
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self._write())
            watch = group.create_task(self._keep_alive(keepalive))
            try:
                await self._read(keepalive)
            finally:
                watch.cancel()
                self._is_ending = True
                self._wake.set()
                await writer
                await self._socket.close()

    def send(self, record: bytes) -> None:
        """Queue an event; several that are queued together leave in one frame."""
        if not self._frozen:
            self._put(record)

    def freeze(self, *, pings_too: bool) -> None:
        """Lose all events from now on, and the pings as well or not."""
        self._frozen = frozenset({"events", "pings"} if pings_too else {"events"})

    def thaw(self) -> None:
        """Tell events again; what was lost is lost."""
        self._frozen = frozenset()

    def _put(self, record: bytes) -> None:
        if self._is_ending:
            return
        self._queue.append(record)
        self._wake.set()

    def answer(self, invocation: Invocation, error: str | None = None) -> None:
        """Complete an invocation, if its caller wants to know."""
        if invocation.invocation_id is None:
            return
        if error is None:
            self._put(self._protocol.send_completion(invocation.invocation_id, 0).encode())
            return
        self._put(self._protocol.send_completion_error(invocation.invocation_id, error).encode())

    def drop(self, reason: str) -> None:
        """Cut the connection without a word."""
        self.ended_by = reason
        if self._transport is not None:
            self._transport.abort()

    def close(self, reason: str, *, may_return: bool, error: str | None = None) -> None:
        """Say farewell and close after what is queued has left."""
        if self._protocol.state is not State.OPEN or self._is_ending:
            self.drop(reason)
            return
        self.ended_by = reason
        say = self._protocol.send_close_reconnectable if may_return else self._protocol.send_close
        self._put(say(error).encode())
        self._is_ending = True

    async def _read(self, keepalive: Keepalive) -> None:
        async for frame in self._socket:
            if frame.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                continue
            keepalive.heard(self._loop.time())
            for event in self._protocol.receive_data(frame.data):
                self._on_event(event)

    def _on_event(self, event: Event) -> None:
        match event:
            case HandshakeRequested():
                self._put(self._protocol.accept_handshake().encode())
            case HandshakeFailed(reason=reason):
                self._put(self._protocol.refuse_handshake(reason).encode())
                self._is_ending = True
            case Invocation():
                self._invoked(self, event)
            case Close():
                self._is_ending = True
                self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            records, self._queue = self._queue, []
            try:
                if records:
                    await self._socket.send_frame(b"".join(records), WSMsgType.TEXT)
                if self._is_ending and not self._queue:
                    await self._socket.close()
                    return
            except (ConnectionError, RuntimeError):  # the client has gone: aiohttp says it in either way
                return

    async def _keep_alive(self, keepalive: Keepalive) -> None:
        while True:
            await asyncio.sleep(max(0.0, keepalive.due_at - self._loop.time()))
            now = self._loop.time()
            if now >= keepalive.dead_at:
                self.drop("silence")
                return
            if now >= keepalive.ping_due_at:
                keepalive.pinged(now)
                if self._protocol.state is State.OPEN and "pings" not in self._frozen:
                    self._put(self._protocol.send_ping().encode())


def argument(invocation: Invocation, kind: type[int | str]) -> int | str | None:
    """The only argument of an invocation if it is of that kind, else None."""
    if len(invocation.arguments) != 1:
        return None
    try:
        value: int | str = msgspec.json.decode(invocation.arguments[0], type=kind)
    except msgspec.DecodeError:
        return None
    return value
