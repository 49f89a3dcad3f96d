"""One connected listener: what waits to be sent to it, bounded, and the task that sends it."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable

from aiohttp import WSMsgType, web

MOST_WAITING = 2048
"""Frames that may wait for one listener; one that reads slower than that is dropped."""


class Listener:
    """The queue between `put`, which never waits, and `write`, which waits as long as the listener needs."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, *, most: int) -> None:
        self._socket = socket
        self._transport = transport
        self._most = most
        self._waiting: OrderedDict[Hashable, bytes] = OrderedDict()
        self._something = asyncio.Event()
        self._count = 0
        self.dropped = False

    def put(self, frame: bytes) -> None:
        """Queue a frame; a listener that is too far behind is dropped instead."""
        self._count += 1
        self._append(self._count, frame)

    def put_latest(self, key: Hashable, frame: bytes) -> None:
        """Queue a frame that replaces what still waits under the same key."""
        if key in self._waiting:
            self._waiting[key] = frame
            return
        self._append(key, frame)

    def _append(self, key: Hashable, frame: bytes) -> None:
        if self.dropped:
            return
        if len(self._waiting) >= self._most:
            self.drop()
            return
        self._waiting[key] = frame
        self._something.set()

    def drop(self) -> None:
        """Cut the connection without a farewell: its buffer is full anyway."""
        self.dropped = True
        self._waiting.clear()
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Send what waits, oldest first, until cancelled or the connection is gone."""
        try:
            while not self.dropped:
                await self._something.wait()
                while self._waiting:
                    _, frame = self._waiting.popitem(last=False)
                    await self._socket.send_frame(frame, WSMsgType.TEXT)
                self._something.clear()
        except ConnectionError:
            return
