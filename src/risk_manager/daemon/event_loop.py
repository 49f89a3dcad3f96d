"""The loop that the daemon runs on: a caller who hangs up before he is let in closes its doors to nobody else."""

import asyncio
import sys

if sys.platform == "win32":
    import socket
    from typing import Any

    class _Doorman(asyncio.IocpProactor):
        """Takes the next caller where Python's own would close the listening socket for good (CPython #93821)."""

        _welcome: socket.socket

        def accept(self, listener: socket.socket) -> asyncio.Future[Any]:
            """Wait for a caller who is still there."""
            return asyncio.ensure_future(self._let_in(listener))

        async def _let_in(self, listener: socket.socket) -> Any:
            while True:
                caller = super().accept(listener)  # what fails here is the door's own trouble
                welcome = self._welcome
                try:
                    return await caller
                except OSError:  # Windows has many numbers for one who is gone
                    welcome.close()
                    if listener.fileno() < 0:
                        raise

        def _get_accept_socket(self, family: int) -> socket.socket:
            """Keep at hand what Python's own only drops when the caller is gone."""
            welcome: socket.socket = super()._get_accept_socket(family)  # type: ignore[misc]  # in no stub
            self._welcome = welcome
            return welcome

    def make_loop() -> asyncio.AbstractEventLoop:
        """Make Python's own loop for Windows, with a door that stays open."""
        return asyncio.ProactorEventLoop(_Doorman())

else:
    make_loop = asyncio.new_event_loop
