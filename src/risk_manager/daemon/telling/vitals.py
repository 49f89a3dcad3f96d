"""How the daemon's machinery is doing, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.telling.figures import Figures
from risk_manager.daemon.telling.footprint import resident_bytes
from risk_manager.daemon.telling.health import Health


@dataclass(frozen=True, slots=True)
class Vitals:
    """Reads the numbers off the parts that have them."""

    pipeline: Pipeline
    keeper: StoreKeeper
    health: Health
    figures: Figures

    def told(self) -> Mapping[str, object]:
        """Tell them as plain values: counts since the start, queues as they are, milliseconds, bytes."""
        return {
            "handled": self.pipeline.handled,
            "failed": self.pipeline.failed,
            "queue": self.pipeline.waiting,
            "store_queue": self.keeper.waiting,
            "memory_bytes": resident_bytes(),
            "requests_last_minute": {login.username: login.venue.requests_used() for login in self.health.logins},
            **self.figures.told(),
        }
