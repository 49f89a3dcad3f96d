"""The daemon's WebSocket on the loopback interface: a snapshot to everyone who connects, then what happens."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from risk_manager.local_api.commands import Command, Login, Result, Session
from risk_manager.local_api.errors import PortTaken
from risk_manager.local_api.frames import DEFAULT_PORT, HOST, Message, encode_message, encode_snapshot
from risk_manager.local_api.listener import MOST_WAITING, Listener
from risk_manager.local_api.messages import MarketQuote, Snapshot
from risk_manager.local_api.sessions import LIFETIME, LoginRefused, Sessions

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
QUOTE_INTERVAL: Final = 0.1
"""Seconds between two messages about one contract's price."""

_MOST_LISTENERS = 32
_LONGEST_REQUEST = 64 * 1024
_MOST_BAD_REQUESTS = 5
_MOST_REQUESTS = 200  # of one connection in the window below; a person's screen sends a handful
_REQUEST_WINDOW = 10.0

OnCommand = Callable[[str, Mapping[str, Any]], Awaitable[Result]]
"""Carries out a command by name with its arguments; raises nothing, and journals what it did."""


class Server:
    """Tells listeners what happens, and takes commands from those who know the password.

    `snapshot` is asked whenever somebody connects, in the loop's thread. Telling never waits: it queues for each
    listener, and one that reads too slowly is dropped. `check_password` is run in a thread.
    """

    def __init__(
        self,
        *,
        snapshot: Callable[[], Snapshot],
        on_command: OnCommand,
        check_password: Callable[[str], bool] | None = None,
        monotonic: Callable[[], float] | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._snapshot = snapshot
        self._on_command = on_command
        self._loop = asyncio.get_running_loop()
        self._monotonic = monotonic or self._loop.time
        self._sessions = Sessions(check_password=check_password, monotonic=self._monotonic)
        self._most_waiting = most_waiting
        self._listeners: set[Listener] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        self._produce: dict[Hashable, Callable[[], Message | None]] = {}
        self._sent_at: dict[Hashable, float] = {}
        self._timers: dict[Hashable, asyncio.Handle] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def listeners(self) -> int:
        """How many listen; with none, nothing needs to be told."""
        return len(self._listeners)

    async def start(self, port: int = DEFAULT_PORT) -> None:
        """Listen on the port (0: any free one, see `port`).

        Raises:
            PortTaken: another program listens there.
        """
        app = web.Application()
        app.router.add_get("/", self._serve)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        self._runner = runner
        try:
            listening = _listening_socket(port)
        except OSError as error:
            await self.aclose()
            raise PortTaken(port, error.strerror or str(error)) from error
        self.port = listening.getsockname()[1]
        await web.SockSite(runner, listening).start()

    async def aclose(self) -> None:
        """Say goodbye to every listener and stop listening."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._produce.clear()
        await asyncio.gather(*(_farewell(ws) for ws in self._sockets))
        for listener in tuple(self._listeners):
            listener.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def broadcast(self, message: Message) -> None:
        """Tell every listener; of a contract's quotes only the latest, ten times a second at most."""
        if not self._listeners:
            return
        match message.data:
            case MarketQuote(contract_id=contract_id):
                self.broadcast_latest(("quote", contract_id), lambda: message)
            case _:
                frame = encode_message(message)
                for listener in tuple(self._listeners):
                    listener.put(frame)

    def broadcast_snapshot(self) -> None:
        """Tell everything anew, as after a reload that added accounts."""
        if not self._listeners:
            return
        frame = encode_snapshot(self._snapshot())
        for listener in tuple(self._listeners):
            listener.put(frame)

    def broadcast_latest(self, key: Hashable, produce: Callable[[], Message | None]) -> None:
        """Tell soon what `produce` then says: the latest under this key, ten times a second at most.

        `produce` is called only when it is sent, so that what changes with every quote costs nothing until then;
        None is nothing to tell. No timer runs while nothing comes.
        """
        if not self._listeners:
            return
        self._produce[key] = produce
        if key in self._timers:
            return
        due = self._sent_at.get(key, float("-inf")) + QUOTE_INTERVAL
        if due <= self._loop.time():
            self._timers[key] = self._loop.call_soon(self._flush, key)
        else:
            self._timers[key] = self._loop.call_at(due, self._flush, key)

    def _flush(self, key: Hashable) -> None:
        self._timers.pop(key, None)
        produce = self._produce.pop(key, None)
        message = produce() if produce is not None and self._listeners else None
        if message is None:
            return
        self._sent_at[key] = self._loop.time()
        frame = encode_message(message)
        for listener in tuple(self._listeners):
            listener.put_latest(key, frame)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        _refuse_strangers(request)
        if len(self._sockets) >= _MOST_LISTENERS:
            raise web.HTTPServiceUnavailable(text="too many listeners")
        ws = web.WebSocketResponse(max_msg_size=_LONGEST_REQUEST, compress=False, timeout=1.0)
        await ws.prepare(request)
        listener = Listener(ws, request.transport, most=self._most_waiting)
        listener.put(encode_snapshot(self._snapshot()))
        self._sockets.add(ws)
        self._listeners.add(listener)
        writer = asyncio.create_task(listener.write())
        try:
            await self._read(ws, listener)
        finally:
            self._listeners.discard(listener)
            self._sockets.discard(ws)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return ws

    async def _read(self, ws: web.WebSocketResponse, listener: Listener) -> None:
        bad = 0
        window_start, in_window = self._loop.time(), 0
        async for frame in ws:
            in_window += 1
            if self._loop.time() - window_start > _REQUEST_WINDOW:
                window_start, in_window = self._loop.time(), 1
            reply = await self._answer(frame.data) if frame.type is WSMsgType.TEXT else None
            if reply is None:
                bad += 1
                reply = Result(ok=False, message="not understood: send a text frame with a login or a command")
            listener.put(msgspec.json.encode(reply))
            if bad >= _MOST_BAD_REQUESTS or in_window >= _MOST_REQUESTS:
                await ws.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too much that is no request")

    async def _answer(self, text: str) -> Session | Result | None:
        """Answer a request; None when it is none."""
        try:
            request = msgspec.json.decode(text, type=Login | Command)
            arguments = msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return None
        if isinstance(request, Login):
            return await self._log_in(request.password, request.id)
        if not self._sessions.holds(request.token):
            return Result(ok=False, message="log in first: this token does not hold any more", id=request.id)
        for name in ("type", "token", "command", "id"):
            arguments.pop(name, None)
        result = await self._on_command(request.command, arguments)
        return msgspec.structs.replace(result, id=request.id)

    async def _log_in(self, password: str, request_id: int | str | None) -> Session | Result:
        try:
            token = await self._sessions.log_in(password)
        except LoginRefused as refusal:
            return Result(ok=False, message=str(refusal), id=request_id)
        return Session(token=token, expires_in=LIFETIME, id=request_id)


async def _farewell(ws: web.WebSocketResponse) -> None:
    """Close in good manners, for a second at most: a listener that does not read cannot be told."""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(1.0):
            await ws.close(code=WSCloseCode.GOING_AWAY, message=b"the daemon stops")


def _refuse_strangers(request: web.Request) -> None:
    """Refuse what a web page could send: an Origin, or a name that merely resolves to this machine."""
    if "Origin" in request.headers:
        raise web.HTTPForbidden(text="no browsers")
    host = request.headers.get("Host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in LOOPBACK_NAMES:
        raise web.HTTPForbidden(text="only by a loopback name")
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise web.HTTPUpgradeRequired(text="this is a WebSocket")


def _listening_socket(port: int) -> socket.socket:
    """Bind so that nobody can share the port (Windows lets them unless told) and a restart need not wait."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(16)
    except OSError:
        listening.close()
        raise
    return listening
