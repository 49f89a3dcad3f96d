"""The bookkeeping of signs of life: when to send one, when silence means death."""

from typing import Final

# ASP.NET Core's defaults, on both sides of a hub.
DEFAULT_PING_INTERVAL: Final = 15.0
DEFAULT_SILENCE_LIMIT: Final = 30.0


class Keepalive:
    """Knows no clock: every `now` is a reading of one monotonic clock, in seconds.

    Only hub data counts as life. WebSocket-level pings prove a working proxy, not a working hub.
    """

    __slots__ = ("_heard_at", "_ping_interval", "_sent_at", "_silence_limit")

    def __init__(
        self,
        *,
        now: float,
        ping_interval: float = DEFAULT_PING_INTERVAL,
        silence_limit: float = DEFAULT_SILENCE_LIMIT,
    ) -> None:
        self._ping_interval = ping_interval
        self._silence_limit = silence_limit
        self._sent_at = now
        self._heard_at = now

    def heard(self, now: float) -> None:
        """Note that the peer sent something."""
        self._heard_at = now

    def pinged(self, now: float) -> None:
        """Note that a ping of our own left."""
        self._sent_at = now

    @property
    def heard_at(self) -> float:
        """When the peer was last heard."""
        return self._heard_at

    @property
    def ping_due_at(self) -> float:
        """When the next own ping must leave."""
        return self._sent_at + self._ping_interval

    @property
    def dead_at(self) -> float:
        """When the link counts as dead unless the peer is heard before."""
        return self._heard_at + self._silence_limit

    @property
    def due_at(self) -> float:
        """When to look again: the earlier of the two."""
        return min(self.ping_due_at, self.dead_at)
