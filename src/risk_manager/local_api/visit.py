"""One connection to the daemon's WebSocket, from the upgrade to its end."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from risk_manager.local_api.listener import Listener

_HEAD: Final = 14
"""Bytes before a frame for what picows writes there.

Its `send` gives the head of a long frame away as a view that the next one overwrites, and asyncio (3.12, 3.13) neither
copies what waits of such pieces nor counts it: a screen that hangs would never be dropped.
"""
FAREWELL: Final = 1.0
"""Seconds that the other side has for its own farewell."""


class Host(Protocol):
    """Who is visited."""

    def came(self, visit: "Visit") -> None:
        """Take note of a connection that stands."""

    def left(self, visit: "Visit") -> None:
        """Take note of one that is gone."""

    async def answer(self, visit: "Visit", request: bytes | None) -> None:
        """Answer a request; None is a frame that is none. One at a time, in their order."""


class Visit(WSListener):
    """A WebSocket as a listener and a row of requests; `pace` is how often it wants prices, in seconds."""

    def __init__(self, host: Host, *, most_waiting: int, is_flood: Callable[[], bool], pace: float) -> None:
        super().__init__()
        self.pace = pace
        self._host = host
        self._is_flood = is_flood
        self._loop = asyncio.get_running_loop()
        self._transport: WSTransport | None = None
        self._requests: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._answering: asyncio.Task[None] | None = None
        self._is_ending = False
        self.gone = self._loop.create_future()
        self.listener = Listener(self, most=most_waiting)

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin."""
        self._transport = transport
        self._answering = self._loop.create_task(self._answer_all())
        self._host.came(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame; what is no whole text is no request."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG and not self._is_ending:
            is_text = frame.msg_type == WSMsgType.TEXT and frame.fin
            self._requests.put_nowait(frame.get_payload_as_bytes() if is_text else None)
            if self._is_flood():
                self.say_goodbye(WSCloseCode.POLICY_VIOLATION, b"too much that is no request")

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """End."""
        if self._answering is not None:
            self._answering.cancel()
        if not self.gone.done():
            self.gone.set_result(None)
        self._host.left(self)

    def pause_writing(self) -> None:
        """Be told that the socket's buffer is full."""
        self.listener.pause()

    def resume_writing(self) -> None:
        """Be told that the socket's buffer has room again."""
        self.listener.resume()

    def send(self, frame: bytes) -> None:
        """Hand a frame to the socket."""
        if self._transport is not None and not self._is_ending:
            self._transport.send_reuse_external_bytearray(WSMsgType.TEXT, bytearray(_HEAD) + frame, _HEAD)

    def cut(self) -> None:
        """End the connection without a farewell."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    def say_goodbye(self, code: WSCloseCode, reason: bytes) -> None:
        """Close in good manners; one who does not answer is cut off."""
        if self._transport is None or self._is_ending:
            return
        self._is_ending = True
        self._transport.send_close(code, reason)
        self._loop.call_later(FAREWELL, self.cut)

    async def _answer_all(self) -> None:
        while True:
            await self._host.answer(self, await self._requests.get())
