"""Where Prometheus scrapes the daemon: HTTP on the loopback interface, in a thread of its own, off unless asked for."""

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from risk_manager.daemon.telling.metrics import Numbers
from risk_manager.local_api.frames import HOST
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.server import LOOPBACK_NAMES

_PATIENCE: Final = 2.0
"""Seconds that a scrape waits for the daemon, which has better things to do than being scraped."""

_Read = tuple[Snapshot, Mapping[str, Any]]
_T = TypeVar("_T")


class MetricsEndpoint:
    """Serves the numbers at `http://127.0.0.1:PORT/metrics` until closed."""

    def __init__(self, port: int, *, snapshot: Callable[[], Snapshot], vitals: Callable[[], Mapping[str, Any]]) -> None:
        """Listen. Raises `OSError` when the port is taken (0: any free one, see `port`)."""
        loop = asyncio.get_running_loop()
        registry = CollectorRegistry()
        registry.register(Numbers(lambda: _in_loop(loop, lambda: (snapshot(), vitals()))))
        self._server = make_server(HOST, port, make_wsgi_app(registry), _Server, _Visitor)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    async def aclose(self) -> None:
        """Stop listening; a scrape under way is not waited for."""
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingWSGIServer):
    allow_reuse_address = sys.platform != "win32"  # there it would let another program share the port


class _Visitor(WSGIRequestHandler):
    """Refuses what a web page could have sent: an Origin, or a name that merely resolves to this machine."""

    timeout = 10.0  # seconds for which a caller may say nothing

    def parse_request(self) -> bool:
        """Read a request's head; answer it here if it is refused."""
        if not super().parse_request():
            return False
        host = self.headers.get("Host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if "Origin" in self.headers or name not in LOOPBACK_NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "only for programs on this machine")
            return False
        return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        """Write nothing: a scrape is no news."""


def _in_loop(loop: asyncio.AbstractEventLoop, read: Callable[[], _T]) -> _T:
    """Read in the daemon's own thread, where nothing changes under the reader's hands."""

    async def reading() -> _T:
        return read()

    return asyncio.run_coroutine_threadsafe(reading(), loop).result(_PATIENCE)
