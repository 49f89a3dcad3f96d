"""Faults that a test orders: on endpoints, on hubs and on events."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class RestFault(msgspec.Struct):
    """What shall go wrong with the next `times` requests of an endpoint.

    `delay` passes before the request is executed and `hold` after it, so that events overtake the
    reply; both in seconds. `hang` never answers. With a `status` or a `code` the request is not
    executed, unless `executes` says so; `leaves_rejected` records a rejected close order.
    """

    endpoint: str = "*"
    times: int = 1
    status: int | None = None
    code: int | None = None
    text: str | None = None
    body: str | None = None
    retry_after: int | None = None
    delay: float = 0
    hold: float = 0
    hang: bool = False
    executes: bool = False
    leaves_rejected: bool = False

    def concerns(self, path: str) -> bool:
        """Whether it is meant for that path."""
        return self.endpoint == "*" or path.lower().endswith(self.endpoint.lower())


class Deed(StrEnum):
    """What can be done to a hub."""

    DROP = "drop"
    CLOSE = "close"
    CLOSE_FOR_GOOD = "close_for_good"
    FREEZE = "freeze"
    FREEZE_EVENTS = "freeze_events"
    THAW = "thaw"
    REFUSE = "refuse"
    ADMIT = "admit"


class EventFault(msgspec.Struct):
    """What shall happen to the next `times` events: swallowed, delayed by seconds, or told again."""

    deed: EventDeed
    target: str = "*"
    times: int = 1
    seconds: float = 0

    def concerns(self, target: str) -> bool:
        """Whether it is meant for events of that name."""
        return self.target in {"*", target}


class EventDeed(StrEnum):
    """What can be done to an event."""

    SWALLOW = "swallow"
    DELAY = "delay"
    DUPLICATE = "duplicate"


class Faults:
    """Everything that is ordered and has not happened yet."""

    def __init__(self) -> None:
        self.rest: list[RestFault] = []
        self.events: list[EventFault] = []

    def take_rest(self, path: str) -> RestFault | None:
        """The fault of this request; it counts as used."""
        for fault in self.rest:
            if fault.concerns(path):
                fault.times -= 1
                if fault.times <= 0:
                    self.rest.remove(fault)
                return fault
        return None

    def take_event(self, target: str) -> EventFault | None:
        """The fault of this event; it counts as used."""
        for fault in self.events:
            if fault.concerns(target):
                fault.times -= 1
                if fault.times <= 0:
                    self.events.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self.rest.clear()
        self.events.clear()
