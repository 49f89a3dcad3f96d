"""The door for screens and commands: opened at the start, or as soon as its port can be had."""

import asyncio
from collections.abc import Callable

from risk_manager.daemon.event_log import EventLog
from risk_manager.local_api.errors import PortTaken
from risk_manager.local_api.server import Server

TRY_EVERY = 10.0
"""Seconds between attempts at a port that another program holds."""

log = EventLog("daemon")


class ApiDoor:
    """`opened` is given the server that listens; `failing` is told why none does, and an empty text once one does."""

    def __init__(
        self,
        make_server: Callable[[], Server],
        *,
        opened: Callable[[Server], None],
        failing: Callable[[str], None],
    ) -> None:
        self._make_server = make_server
        self._opened = opened
        self._failing = failing
        self._why = ""
        self.server: Server | None = None

    @property
    def has_listeners(self) -> bool:
        """Whether anybody listens."""
        return self.server is not None and self.server.listeners > 0

    async def open(self, port: int) -> bool:
        """Listen, unless the port is in use; that takes nothing from the protection."""
        server = self._make_server()
        try:
            await server.start(port)
        except PortTaken as error:
            await server.aclose()
            if str(error) != self._why:
                log.warning("local_api_closed", why=str(error))
            self._tell(str(error))
            return False
        if self._why:
            log.info("local_api_open", port=server.port)
        self._tell("")
        self.server = server
        self._opened(server)
        return True

    async def open_when_free(self, port: int) -> None:
        """Try until it listens."""
        while True:
            await asyncio.sleep(TRY_EVERY)
            if await self.open(port):
                return

    def tell_anew(self) -> None:
        """Tell whoever listens everything anew."""
        if self.server is not None:
            self.server.broadcast_snapshot()

    async def aclose(self) -> None:
        """Close it, if it is open."""
        if self.server is not None:
            await self.server.aclose()

    def _tell(self, why: str) -> None:
        self._why = why
        self._failing(why)
