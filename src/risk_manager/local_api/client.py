"""The listening side of the local API: connect, read the snapshot, follow what happens."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from risk_manager.local_api.commands import Login, Result, Session
from risk_manager.local_api.errors import DaemonAway, DaemonMisread, LocalApiError
from risk_manager.local_api.frames import (
    DEFAULT_PORT,
    HOST,
    Message,
    decode_envelope,
    decode_snapshot,
    recalled,
)
from risk_manager.local_api.messages import Snapshot

_LONGEST_FRAME = 16 * 1024 * 1024
_PING_EVERY = 10.0  # seconds; without an answer for half of it the daemon counts as away
_ANSWER_WITHIN = 10.0
_FIRST_WAIT = 0.25
_LONGEST_WAIT = 5.0
_UNREADABLE = (msgspec.DecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Away:
    """The daemon does not answer now; the next try is in `next_try` seconds."""

    why: str
    next_try: float


class Connection:
    """An open connection: the snapshot it began with, and everything after it."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, *, port: int, snapshot: Snapshot) -> None:
        self._ws = ws
        self._port = port
        self.snapshot = snapshot

    async def messages(self) -> AsyncIterator[Message | Snapshot]:
        """Tell what happens; a new snapshot replaces all; what this version cannot read is left out.

        Raises:
            DaemonAway: the connection ended.
        """
        while True:
            frame = await _next_frame(self._ws, self._port)
            try:
                envelope = decode_envelope(frame)
                message = decode_snapshot(envelope) if envelope.type == "snapshot" else recalled(envelope)
            except _UNREADABLE:
                continue
            if message is not None:
                yield message

    async def log_in(self, password: str) -> Session | Result:
        """Exchange the admin's password for a session; a `Result` says why not."""
        return await self._ask({"type": "login", **msgspec.to_builtins(Login(password=password))})

    async def command(self, token: str, command: str, arguments: Mapping[str, Any] | None = None) -> Result:
        """Have the daemon carry out a command, and tell what became of it."""
        reply = await self._ask({**(arguments or {}), "type": "command", "token": token, "command": command})
        if isinstance(reply, Session):
            raise DaemonMisread(self._port, "a session where a result was due")
        return reply

    async def _ask(self, request: Mapping[str, Any]) -> Session | Result:
        """Send a request and wait for its reply; events in between are passed over."""
        try:
            await self._ws.send_str(msgspec.json.encode(request).decode())
        except ConnectionError as error:
            raise DaemonAway(self._port, "the connection ended") from error
        while True:
            frame = await _next_frame(self._ws, self._port)
            try:
                if decode_envelope(frame).type in ("session", "result"):
                    return msgspec.json.decode(frame, type=Session | Result)
            except _UNREADABLE as error:
                raise DaemonMisread(self._port, str(error)) from error


@asynccontextmanager
async def connect(
    port: int = DEFAULT_PORT, *, patience: float = 5.0, prices_every: float | None = None
) -> AsyncIterator[Connection]:
    """Connect to the daemon on this machine and read its snapshot, within `patience` seconds.

    `prices_every` asks for prices at this pace (seconds), all together.

    Raises:
        DaemonAway: nobody answers.
        DaemonMisread: what answers does not speak this language.
    """
    address = f"ws://{HOST}:{port}/" + ("" if prices_every is None else f"?prices_every={prices_every:g}")
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(patience):
                session = await stack.enter_async_context(aiohttp.ClientSession())
                ws = await stack.enter_async_context(
                    session.ws_connect(address, max_msg_size=_LONGEST_FRAME, heartbeat=_PING_EVERY)
                )
                snapshot = await _read_snapshot(ws, port)
        except TimeoutError as error:
            raise DaemonAway(port, f"no answer within {patience:g} s") from error
        except aiohttp.WSServerHandshakeError as error:
            raise DaemonMisread(port, f"HTTP {error.status}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise DaemonAway(port, "nobody listens there") from error
        yield Connection(ws, port=port, snapshot=snapshot)


async def wish_lock(wish: Mapping[str, Any], port: int = DEFAULT_PORT) -> Result:
    """Ask the daemon to lock at the trader's own wish (`voluntary_lock`); raises as `connect` does."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN), connect(port) as connection:
            return await connection.command("", "voluntary_lock", wish)
    except TimeoutError as error:
        raise DaemonAway(port, f"no answer within {_ANSWER_WITHIN:g} s") from error


async def fetch_snapshot(port: int = DEFAULT_PORT, *, patience: float = 5.0) -> Snapshot:
    """Take one look at the daemon; raises as `connect` does."""
    async with connect(port, patience=patience) as connection:
        return connection.snapshot


async def follow(
    port: int = DEFAULT_PORT,
    *,
    prices_every: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[Snapshot | Message | Away, None]:
    """Tell a snapshot, then what happens; `Away` when the daemon is gone, a new snapshot when it is back.

    It never ends by itself. Tries again after a quarter of a second, later every five seconds.
    """
    wait = _FIRST_WAIT
    while True:
        try:
            async with connect(port, prices_every=prices_every) as connection:
                wait = _FIRST_WAIT
                yield connection.snapshot
                async for message in connection.messages():
                    yield message
        except LocalApiError as error:
            why = str(error)
        next_try = wait * random.uniform(0.8, 1.2)  # noqa: S311  spreads reconnects, guards nothing
        yield Away(why, next_try)
        await sleep(next_try)
        wait = min(wait * 2, _LONGEST_WAIT)


async def _read_snapshot(ws: aiohttp.ClientWebSocketResponse, port: int) -> Snapshot:
    frame = await _next_frame(ws, port)
    try:
        envelope = decode_envelope(frame)
        if envelope.type != "snapshot":
            raise DaemonMisread(port, f"it began with {envelope.type!r}")
        return decode_snapshot(envelope)
    except _UNREADABLE as error:
        raise DaemonMisread(port, str(error)) from error


async def _next_frame(ws: aiohttp.ClientWebSocketResponse, port: int) -> str:
    while True:
        frame = await ws.receive()
        match frame.type:
            case aiohttp.WSMsgType.TEXT:
                return str(frame.data)
            case aiohttp.WSMsgType.BINARY:
                continue
            case _:
                raise DaemonAway(port, "the connection ended")
