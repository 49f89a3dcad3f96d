"""What waits to be sent to one listener: bounded, and sent as fast as he reads."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

MOST_WAITING = 2048
"""Frames that may wait for one listener; one that reads slower than that is dropped."""


class Line(Protocol):
    """The way to a listener."""

    def send(self, frame: bytes) -> None:
        """Hand a frame to the socket, which keeps what it cannot send at once."""

    def cut(self) -> None:
        """End the connection without a farewell."""


class Listener:
    """Sends at once while the line is free, and keeps what comes while it is full."""

    def __init__(self, line: Line, *, most: int) -> None:
        self._line = line
        self._most = most
        self._waiting: OrderedDict[Hashable, bytes] = OrderedDict()
        self._count = 0
        self._is_free = True
        self.dropped = False

    def put(self, frame: bytes) -> None:
        """Send a frame, or let it wait; a listener that is too far behind is dropped instead."""
        self._count += 1
        self._send_or_keep(self._count, frame)

    def put_latest(self, key: Hashable, frame: bytes) -> None:
        """Send a frame, or let it wait in the place of what waits under the same key."""
        if key in self._waiting:
            self._waiting[key] = frame
            return
        self._send_or_keep(key, frame)

    def pause(self) -> None:
        """Be told that the line is full."""
        self._is_free = False

    def resume(self) -> None:
        """Be told that the line is free again; what waits leaves, oldest first, until it is full once more."""
        self._is_free = True
        while self._is_free and self._waiting:
            _, frame = self._waiting.popitem(last=False)
            self._line.send(frame)

    def drop(self) -> None:
        """Cut the connection without a farewell: its buffer is full anyway."""
        self.dropped = True
        self._waiting.clear()
        self._line.cut()

    def _send_or_keep(self, key: Hashable, frame: bytes) -> None:
        if self.dropped:
            return
        if self._is_free:
            self._line.send(frame)
        elif len(self._waiting) >= self._most:
            self.drop()
        else:
            self._waiting[key] = frame
