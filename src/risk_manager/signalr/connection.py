"""A client's open connection to one hub, from the handshake to its end."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, Self

import msgspec
from picows import WSCloseCode, WSMsgType, WSTransport

from risk_manager.signalr.dial import Frames, dial, websocket_url
from risk_manager.signalr.endings import (
    ConnectFailed,
    ConnectionEnded,
    Ending,
    HandshakeRefused,
    InvocationRefused,
    InvocationTimedOut,
    LocallyClosed,
    PeerSilent,
    ReceiverFailed,
    ServerClosed,
    TransportLost,
    Unreachable,
)
from risk_manager.signalr.keepalive import DEFAULT_PING_INTERVAL, DEFAULT_SILENCE_LIMIT, Keepalive
from risk_manager.signalr.messages import Close, Completion, Invocation, Malformed, Ping, Unknown
from risk_manager.signalr.protocol import ClientProtocol, Event, HandshakeAccepted, HandshakeFailed, State
from risk_manager.signalr.records import DEFAULT_MAX_RECORD_BYTES

Delivery = Invocation | Completion | Unknown | Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """The patience of a connection, in seconds, and the largest record it takes, in bytes."""

    connect_timeout: float = 10.0
    invocation_timeout: float = 10.0
    ping_interval: float = DEFAULT_PING_INTERVAL
    silence_limit: float = DEFAULT_SILENCE_LIMIT
    close_timeout: float = 2.0
    max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES


DEFAULT_SETTINGS: Final = HubSettings()


async def open_hub(
    url: str,
    *,
    access_token: Callable[[], Awaitable[str]],
    on_message: Callable[[Delivery], None],
    settings: HubSettings = DEFAULT_SETTINGS,
    ssl_context: ssl.SSLContext | None = None,
) -> "HubConnection":
    """Connect, without negotiation, and shake hands.

    `access_token` is asked for each connection, and what it raises passes through. `on_message` is
    called straight from the socket's callback, possibly before this returns; it must be quick and
    must not raise. A connection that ends right after its handshake is returned, ended.

    Raises:
        ConnectFailed: the handshake was never accepted; why is in `ending`, and nothing is left open.
    """
    target = websocket_url(url, await access_token())
    connection = HubConnection(on_message=on_message, settings=settings)
    try:
        async with asyncio.timeout(settings.connect_timeout):
            await connection._dial(target, ssl_context)  # noqa: SLF001  its only other author
    except TimeoutError:
        raise ConnectFailed(Unreachable(f"no handshake within {settings.connect_timeout:g} s")) from None
    return connection


class HubConnection:
    """Open from birth (see `open_hub`) to its one ending; it does not reconnect.

    Whoever opened it closes it, also when it ended by itself: only `close` waits for the socket.
    """

    def __init__(self, *, on_message: Callable[[Delivery], None], settings: HubSettings) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_message = on_message
        self._settings = settings
        self._protocol = ClientProtocol(max_record_bytes=settings.max_record_bytes)
        self._keepalive = Keepalive(
            now=self._loop.time(), ping_interval=settings.ping_interval, silence_limit=settings.silence_limit
        )
        self._timer: asyncio.TimerHandle | None = None
        self._transport: WSTransport | None = None
        self._opened: asyncio.Future[bool] = self._loop.create_future()
        self._ended: asyncio.Future[Ending] = self._loop.create_future()
        self._gone = asyncio.Event()
        self._ids = count(1)
        self._waiting: dict[str, asyncio.Future[Completion | None]] = {}

    @property
    def ending(self) -> Ending | None:
        """Why it ended; None while it is open."""
        return self._ended.result() if self._ended.done() else None

    @property
    def heard_at(self) -> float:
        """When the hub was last heard, pings included, in seconds of the loop's clock."""
        return self._keepalive.heard_at

    async def wait_ended(self) -> Ending:
        """Wait for the end and tell why it came."""
        return await asyncio.shield(self._ended)

    async def invoke(self, target: str, *arguments: object) -> msgspec.Raw | None:
        """Call a method of the hub and return its raw result, None if it returns nothing.

        Raises:
            InvocationRefused: the hub answered with an error.
            InvocationTimedOut: it did not answer in `invocation_timeout`.
            ConnectionEnded: the connection is over.
            TypeError: an argument has no JSON form.
        """
        if self._ended.done():
            raise ConnectionEnded(self._ended.result())
        invocation_id = str(next(self._ids))
        frame = self._protocol.send_invocation(target, arguments, invocation_id=invocation_id)
        answer: asyncio.Future[Completion | None] = self._loop.create_future()
        self._waiting[invocation_id] = answer
        self._send(frame)
        try:
            async with asyncio.timeout(self._settings.invocation_timeout):
                completion = await answer
        except TimeoutError:
            raise InvocationTimedOut(target, self._settings.invocation_timeout) from None
        finally:
            self._waiting.pop(invocation_id, None)
        if completion is None:
            raise ConnectionEnded(self._ended.result())
        if completion.error is not None:
            raise InvocationRefused(target, completion.error)
        return completion.result

    async def close(self) -> None:
        """Say goodbye and wait until the socket is gone, at most `close_timeout`. May be called twice."""
        self._end(LocallyClosed())
        try:
            async with asyncio.timeout(self._settings.close_timeout):
                await self._gone.wait()
        except TimeoutError:
            await self._vanish()
        except asyncio.CancelledError:
            self._abort()
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _dial(self, url: str, ssl_context: ssl.SSLContext | None) -> None:
        frames = Frames(
            opened=self._socket_opened,
            received=self._socket_received,
            closing=self._socket_closing,
            lost=self._socket_lost,
        )
        # A frame may hold several records, each of which may be as large as allowed.
        max_frame_bytes = 2 * self._settings.max_record_bytes
        try:
            await dial(url, frames, max_frame_bytes=max_frame_bytes, ssl_context=ssl_context)
            opened = await asyncio.shield(self._opened)
        except asyncio.CancelledError:
            self._end(LocallyClosed())
            await self._vanish()
            raise
        if not opened:
            await self._vanish()
            raise ConnectFailed(self._ended.result())

    async def _vanish(self) -> None:
        if self._transport is not None:
            self._abort()
            await self._gone.wait()

    # -- the socket's side

    def _socket_opened(self, transport: WSTransport) -> None:
        self._transport = transport
        self._send(self._protocol.send_handshake())

    def _socket_received(self, payload: bytes) -> None:
        if self._ended.done():
            return
        self._keepalive.heard(self._loop.time())
        for event in self._protocol.receive_data(payload):
            if self._ended.done():
                return
            self._take(event)

    def _socket_closing(self, detail: str) -> None:
        self._end(TransportLost(detail))
        self._hang_up()

    def _socket_lost(self, detail: str) -> None:
        self._end(TransportLost(detail))
        self._gone.set()

    def _take(self, event: Event) -> None:
        match event:
            case Invocation():
                self._deliver(event)
                if event.invocation_id is not None and not self._ended.done():
                    # Some hubs await results of their clients: tell at once that there is none.
                    refusal = f"the client does not answer {event.target[:100]}"
                    self._send(self._protocol.send_completion_error(event.invocation_id, refusal))
            case Completion() if answer := self._waiting.pop(event.invocation_id, None):
                if not answer.done():  # else it timed out in this very turn of the loop
                    answer.set_result(event)
            case Completion() | Unknown() | Malformed():
                self._deliver(event)
            case HandshakeAccepted():
                self._opened.set_result(True)
                self._rest_until(self._keepalive.due_at)
            case HandshakeFailed():
                self._end(HandshakeRefused(event.reason))
                self._hang_up()
            case Close():
                self._end(ServerClosed(error=event.error, allow_reconnect=event.allow_reconnect))
                self._hang_up()
            case Ping():
                pass  # being heard was its purpose

    def _deliver(self, message: Delivery) -> None:
        try:
            self._on_message(message)
        except Exception as error:  # noqa: BLE001  whatever it is, it ends this connection
            # The ending carries it to whoever waits; picows would leave it in a future that nobody reads.
            self._end(ReceiverFailed(error))
            self._hang_up()

    # -- signs of life

    def _rest_until(self, when: float) -> None:
        self._timer = self._loop.call_at(when, self._wake, when)

    def _wake(self, planned: float) -> None:
        # A coarse clock may wake us a little early; planned time keeps us from spinning until it ticks.
        now = max(self._loop.time(), planned)
        if now >= self._keepalive.dead_at:
            self._end(PeerSilent(self._settings.silence_limit))
            self._abort()
            return
        if now >= self._keepalive.ping_due_at:
            self._send(self._protocol.send_ping())
            self._keepalive.pinged(now)
        self._rest_until(self._keepalive.due_at)

    # -- the end

    def _end(self, ending: Ending) -> None:
        if self._ended.done():
            return
        if isinstance(ending, LocallyClosed):
            self._say_goodbye()
        self._ended.set_result(ending)
        if self._timer is not None:
            self._timer.cancel()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result(None)
        self._waiting.clear()
        if not self._opened.done():
            self._opened.set_result(False)

    def _say_goodbye(self) -> None:
        if self._protocol.state is State.OPEN:
            self._send(self._protocol.send_close())
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)

    def _send(self, frame: str) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, frame)

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
