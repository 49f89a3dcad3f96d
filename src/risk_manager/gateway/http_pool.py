"""The warm connections to the venue's REST address."""

import asyncio
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from risk_manager.gateway.errors import GatewayError, GatewayRefused, GatewayUnavailable
from risk_manager.gateway.http_link import REQUEST_TIMEOUT, Link
from risk_manager.gateway.http_reply import Reply

WARM_LINKS: Final = 3
"""A position and its two bracket legs are closed and cancelled side by side."""
MAX_LINKS: Final = 16
PING_EVERY: Final = 30.0
"""Seconds; the usual proxies and routers forget a silent connection after a minute or more."""
KEEP_EXTRA: Final = 60.0
"""Seconds for which a connection more than the warm ones is kept."""
_NEXT_ADDRESS_AFTER: Final = 0.25
"""Seconds until the next address of a name is tried beside the first."""
_PORTS: Final = {"http": 80, "https": 443}


class HttpPool:
    """Sends requests over kept-alive connections, opening more when all are busy."""

    def __init__(self, base: str, *, warm_links: int = WARM_LINKS) -> None:
        address = urlsplit(base)
        if address.scheme not in _PORTS or not address.hostname:
            raise GatewayRefused(f"gateway.api is no address: {base!r}; write it as https://api.topstepx.com")
        self._host = address.hostname
        self._port = address.port or _PORTS[address.scheme]
        self._tls = ssl.create_default_context() if address.scheme == "https" else None
        self._warm_links = warm_links
        self._links: list[Link] = []
        self._opening = 0
        self._is_closed = False
        self.prefix = address.path.rstrip("/")
        self.host_header = address.netloc.rpartition("@")[2]

    def send(self, request: bytes) -> Awaitable[Reply]:
        """Write a request, at once where a warm connection is free; await the reply.

        Awaiting raises `GatewayUnavailable` or `GatewayMisread`, `GatewayUnavailable` also when it takes
        longer than 5 s.
        """
        # The connection used last is the one least likely to be gone: it stands at the end.
        for link in reversed(self._links):
            if link.is_idle:
                return link.send(request)
        return self._open_and_send(request)

    async def keep_warm(self, ping: Callable[[], Awaitable[object]]) -> None:
        """Hold the warm connections open for ever, with `ping` where nothing else was sent."""
        while True:
            self._drop_surplus()
            pause = PING_EVERY / 3
            try:
                await self._warm_up(ping)
            except GatewayError:  # who needs the venue learns it from his own request
                pause = REQUEST_TIMEOUT
            await asyncio.sleep(pause)

    async def aclose(self) -> None:
        """Close every connection."""
        self._is_closed = True
        links, self._links = self._links, []
        for link in links:
            link.close()
        for link in links:
            await link.wait_closed()

    async def _warm_up(self, ping: Callable[[], Awaitable[object]]) -> None:
        now = asyncio.get_running_loop().time()
        self._links = [link for link in self._links if link.is_open]
        for link in [link for link in self._links if link.is_idle and now - link.idle_since >= PING_EVERY]:
            # the next request takes the last idle connection: move the silent one there
            self._links.remove(link)
            self._links.append(link)
            await ping()
        while len(self._links) + self._opening < self._warm_links:
            await self._open()

    def _drop_idle(self) -> None:
        """Part with connections that are as silent as the one that just failed: after a sleep all are dead."""
        for link in self._links:
            if link.is_idle:
                link.close()

    def _drop_surplus(self) -> None:
        now = asyncio.get_running_loop().time()
        for link in self._links[self._warm_links :]:
            if link.is_idle and now - link.idle_since >= KEEP_EXTRA:
                link.close()

    async def _open_and_send(self, request: bytes) -> Reply:
        if len(self._links) + self._opening >= MAX_LINKS:
            self._links = [link for link in self._links if link.is_open]
        if len(self._links) + self._opening >= MAX_LINKS:
            raise GatewayUnavailable(f"all {MAX_LINKS} connections to the venue are busy", retry_after=1.0)
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                link = await self._open()
                return await link.send(request)
        except TimeoutError as problem:
            raise GatewayUnavailable(f"the venue gave no reply within {REQUEST_TIMEOUT:.0f} s") from problem

    async def _open(self) -> Link:
        if self._is_closed:
            raise GatewayUnavailable("the connection to the venue was closed")
        loop = asyncio.get_running_loop()
        self._opening += 1
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                _, link = await loop.create_connection(
                    lambda: Link(loop, self._drop_idle),
                    self._host,
                    self._port,
                    ssl=self._tls,
                    happy_eyeballs_delay=None if _is_address(self._host) else _NEXT_ADDRESS_AFTER,
                )
        except (OSError, TimeoutError) as problem:
            reason = "it gave no answer within 5 s" if isinstance(problem, TimeoutError) else str(problem)
            raise GatewayUnavailable(f"{self._host}:{self._port} cannot be reached: {reason}") from problem
        finally:
            self._opening -= 1
        if self._is_closed:
            link.close()
            raise GatewayUnavailable("the connection to the venue was closed")
        self._links.append(link)
        return link


def _is_address(host: str) -> bool:
    """Tell an address from a name: it has no second one to try, and a race of one leaks its socket when cancelled."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
