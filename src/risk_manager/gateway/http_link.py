"""One kept-alive connection to the venue, on which a request is written the moment it is made.

A general HTTP client needs 150 µs of this machine's time between a call and its first byte; enforcement does not
wait for that (docs/adr/0008-own-rest-connections.md).
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from risk_manager.gateway.errors import GatewayError, GatewayMisread, GatewayUnavailable
from risk_manager.gateway.http_reply import Reply, ReplyReader

REQUEST_TIMEOUT: Final = 5.0


class LinkBroken(GatewayUnavailable):
    """The connection ended before a single byte of the reply came: the request may not have been seen."""


class Link(asyncio.Protocol):
    """Carries one request at a time; `on_silence` is called when one got no reply in time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, on_silence: Callable[[], None]) -> None:
        self._loop = loop
        self._on_silence = on_silence
        self._transport: asyncio.Transport | None = None
        self._reader = ReplyReader()
        self._waiter: asyncio.Future[Reply] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._closed = loop.create_future()
        self.idle_since = loop.time()

    @property
    def is_idle(self) -> bool:
        """A request can be written at once."""
        return self._waiter is None and self.is_open

    @property
    def is_open(self) -> bool:
        """The connection stands, as far as anybody told."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes) -> asyncio.Future[Reply]:
        """Write a request now; the future fails with `GatewayUnavailable` or `GatewayMisread`."""
        if self._transport is None or self._waiter is not None:
            raise GatewayUnavailable("the connection to the venue is not free")
        self._transport.write(request)
        self._waiter = self._loop.create_future()
        self._deadline = self._loop.call_later(REQUEST_TIMEOUT, self._time_out)
        return self._waiter

    def close(self) -> None:
        """End the connection; a request under way fails."""
        if self._transport is not None:
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Wait until nothing of it is left."""
        if self._transport is not None:
            await self._closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be told by asyncio that the connection stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Be handed bytes by asyncio."""
        if self._waiter is None:  # a reply that nobody asked for, or one that came too late
            self.close()
            return
        try:
            reply = self._reader.feed(data)
        except GatewayMisread as problem:
            self._fail(problem)
            self.close()
            return
        if reply is not None:
            self._answer(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be told by asyncio that the connection is gone."""
        if self._waiter is not None:
            self._end_waiting(exc)
        if not self._closed.done():
            self._closed.set_result(None)

    def _end_waiting(self, exc: Exception | None) -> None:
        try:
            reply = self._reader.end() if exc is None else None
        except GatewayMisread as problem:
            self._fail(problem)
            return
        if reply is not None:
            self._answer(reply)
        elif self._reader.has_begun:
            self._fail(GatewayUnavailable("the venue broke off in the middle of a reply; it will be asked again"))
        else:
            self._fail(LinkBroken("the venue ended the connection without a reply; it will be asked again"))

    def _answer(self, reply: Reply) -> None:
        waiter = self._release()
        if waiter is not None and not waiter.done():
            waiter.set_result(reply)
        self.idle_since = self._loop.time()
        if not reply.keep_alive:
            self.close()

    def _fail(self, problem: GatewayError) -> None:
        waiter = self._release()
        if waiter is not None and not waiter.done():
            waiter.set_exception(problem)

    def _time_out(self) -> None:
        self._fail(GatewayUnavailable(f"the venue gave no reply within {REQUEST_TIMEOUT:.0f} s"))
        self.close()
        self._on_silence()

    def _release(self) -> "asyncio.Future[Reply] | None":
        waiter, self._waiter = self._waiter, None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        return waiter
