"""The wait for another login or venue while no venue tells the time: counted by the machine, which nobody can set.

Without it an address that is gone for good, or a key that is refused for good, would hold its accounts for ever:
only an accepted login tells the time by which changes come due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from risk_manager.config.terms import GATEWAY, LOGIN, Change, Held
from risk_manager.daemon.clock import Clock

PATIENCE = timedelta(hours=24)
"""No shorter than any wait for a reset."""


@dataclass(slots=True)
class Unheard:
    """Since when each change has been waiting in this life of the daemon."""

    clock: Clock
    _ends: dict[tuple[int, Change], float] = field(default_factory=dict)
    """When each wait is over, in seconds by the machine."""

    def follow(self, held: Mapping[int, Held]) -> None:
        """Count on for what still waits, and begin with what is new."""
        now = self.clock.monotonic()
        self._ends = {
            (account_id, one.change): self._ends.get((account_id, one.change), now + _wait(of))
            for account_id, of in held.items()
            for one in of.pending
            if one.change.what in (LOGIN, GATEWAY)
        }

    def over(self) -> frozenset[tuple[int, Change]]:
        """Name what has waited for long enough."""
        now = self.clock.monotonic()
        return frozenset(one for one, ends in self._ends.items() if ends <= now)

    def seconds_left(self) -> float | None:
        """Tell how long it is until the next wait ends; None where nothing waits."""
        ends = min(self._ends.values(), default=None)
        return None if ends is None else max(ends - self.clock.monotonic(), 0.0)


def _wait(held: Held) -> float:
    after = held.terms.loosen_after
    return max(after, PATIENCE).total_seconds() if isinstance(after, timedelta) else PATIENCE.total_seconds()
