"""The way from a URL to an upgraded WebSocket."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from picows import WSError, WSFrame, WSInvalidStatusError, WSListener, WSMsgType, WSTransport, ws_connect
from picows.url import WSParsedURL

from risk_manager.signalr.endings import ConnectFailed, Unreachable, UpgradeRefused

# Below INFO picows writes the request line, and the access token with it.
_SOCKET_LOG: Final = logging.getLogger("risk_manager.signalr.socket")
_SOCKET_LOG.setLevel(logging.INFO)

_WEBSOCKET_SCHEME: Final = {"http": "ws", "https": "wss"}


def websocket_url(url: str, access_token: str) -> str:
    """Turn a hub's URL (http, https, ws or wss) into the one to dial, with the token in its query.

    A browser's WebSocket cannot send headers, hence the query: it is SignalR's convention.
    """
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("access_token", access_token)]
    scheme = _WEBSOCKET_SCHEME.get(parts.scheme, parts.scheme)
    return urlunsplit(parts._replace(scheme=scheme, query=urlencode(query), fragment=""))


class Frames(WSListener):
    """A WebSocket as four callbacks: opened, data received, close announced, gone."""

    def __init__(
        self,
        *,
        opened: Callable[[WSTransport], None],
        received: Callable[[bytes], None],
        closing: Callable[[str], None],
        lost: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._opened = opened
        self._received = received
        self._closing = closing
        self._lost = lost

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Take the upgraded socket."""
        self._opened(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Pass on what a frame says; WebSocket pings are answered by picows."""
        if frame.msg_type == WSMsgType.CLOSE:
            self._closing(_why(transport))
        elif frame.msg_type != WSMsgType.PONG:
            self._received(frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell that the socket is gone."""
        self._lost(_why(transport))


def _why(transport: WSTransport) -> str:
    """Who closed first: picows, on a frame that breaks the rules, the server, or nobody."""
    closing = transport.close_handshake
    if closing is None:
        return "connection lost"
    if closing.recv is not None and (closing.sent is None or closing.recv_then_sent):
        return f"closed by the server: {closing.recv.code:d} {closing.recv.reason or ''}".rstrip()
    return f"given up: {closing.sent.code:d} {closing.sent.reason}" if closing.sent else "given up"


async def dial(
    url: str, listener: WSListener, *, max_frame_bytes: int, ssl_context: ssl.SSLContext | None
) -> WSTransport:
    """Connect and upgrade; leaves no socket behind when it fails or is cancelled.

    Redirects are not followed: they would carry the token to a host that nobody configured.

    Raises:
        ConnectFailed: with `UpgradeRefused` or `Unreachable`.
    """
    line = _Line()
    attempt = asyncio.create_task(
        ws_connect(
            lambda _request, _response: listener,
            url,
            ssl_context=ssl_context,
            websocket_handshake_timeout=None,
            max_frame_size=max_frame_bytes,
            max_redirects=0,
            logger_name=_SOCKET_LOG,
            socket_factory=line.connect,
        )
    )
    try:
        transport, answered = await asyncio.shield(attempt)
    except WSInvalidStatusError as problem:
        status = problem.response.status.value if problem.response else 0
        raise ConnectFailed(UpgradeRefused(status=status)) from problem
    except (OSError, WSError) as problem:
        raise ConnectFailed(Unreachable(detail=str(problem) or type(problem).__name__)) from problem
    except asyncio.CancelledError:
        await line.hang_up(attempt)
        raise
    if answered is None:
        raise ConnectFailed(Unreachable(detail="connection lost before the WebSocket upgrade was answered"))
    return transport


class _Line:
    """The TCP connection of one attempt, kept at hand so that the attempt can be broken off.

    picows waits for the upgrade behind a shield: a cancelled attempt would leave its socket open
    until the server speaks.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    async def connect(self, url: WSParsedURL) -> socket.socket:
        """Try the host's addresses in turn."""
        loop = asyncio.get_running_loop()
        failure = OSError(f"no address for {url.host}")
        for family, kind, protocol, _, address in await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM):
            try:
                self._socket = await _connected_socket(family, kind, protocol, address)
            except OSError as problem:
                failure = problem
            else:
                return self._socket
        raise failure

    async def hang_up(self, attempt: asyncio.Task[tuple[WSTransport, WSListener]]) -> None:
        """End the attempt wherever it stands, and see it end."""
        if self._socket is None:
            attempt.cancel()
        else:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        await asyncio.wait([attempt])
        if not attempt.cancelled() and attempt.exception() is None:
            transport, _ = attempt.result()
            transport.disconnect(graceful=False)


async def _connected_socket(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    candidate = socket.socket(family, kind, protocol)
    try:
        candidate.setblocking(False)  # noqa: FBT003  the standard library takes it by position
        await asyncio.get_running_loop().sock_connect(candidate, address)
    except BaseException:
        candidate.close()
        raise
    return candidate
