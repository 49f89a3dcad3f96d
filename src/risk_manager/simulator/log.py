"""What the venue saw and said, with the instants, so that others can judge and measure."""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import Any

from risk_manager.simulator.clock import VenueClock

MOST_ENTRIES = 500_000


class VenueLog:
    """A bounded list of numbered entries: request, reply, event, connect, disconnect, fault, control."""

    def __init__(self, clock: VenueClock) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._entries: deque[dict[str, Any]] = deque(maxlen=MOST_ENTRIES)

    def note(self, kind: str, **fields: Any) -> int:
        """Write an entry; returns its number. Raw JSON may stand as a value."""
        number = next(self._numbers)
        stamps = {"monotonic": self._clock.monotonic(), "at": self._clock.now()}
        self._entries.append({"number": number, "kind": kind, **stamps, **fields})
        return number

    def since(self, number: int, kinds: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Entries after that number, of these kinds or, when there are none, of all."""
        return [entry for entry in self._entries if entry["number"] > number and (not kinds or entry["kind"] in kinds)]
