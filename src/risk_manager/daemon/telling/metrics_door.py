"""The door for Prometheus: opened where the file asks for it, and not even loaded elsewhere."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from risk_manager.daemon.event_log import EventLog
from risk_manager.local_api.messages import Snapshot

if TYPE_CHECKING:
    from risk_manager.daemon.telling.metrics_endpoint import MetricsEndpoint

log = EventLog("daemon")


class MetricsDoor:
    """`failing` is told why the numbers cannot be read; that takes nothing from the protection."""

    def __init__(
        self,
        *,
        snapshot: Callable[[], Snapshot],
        vitals: Callable[[], Mapping[str, Any]],
        failing: Callable[[str], None],
    ) -> None:
        self._snapshot = snapshot
        self._vitals = vitals
        self._failing = failing
        self.endpoint: MetricsEndpoint | None = None

    def open(self, port: int | None) -> None:
        """Let the numbers be read at a port; None: nobody asked for that."""
        if port is None:
            return
        from risk_manager.daemon.telling.metrics_endpoint import MetricsEndpoint  # noqa: PLC0415  few ask for it; it takes 4 MB

        try:
            self.endpoint = MetricsEndpoint(port, snapshot=self._snapshot, vitals=self._vitals)
        except OSError as error:
            self._failing(f"metrics: port {port} cannot be had ({error.strerror or error})")
            log.warning("metrics_closed", why=str(error))

    async def aclose(self) -> None:
        """Close it, if it is open."""
        if self.endpoint is not None:
            await self.endpoint.aclose()
