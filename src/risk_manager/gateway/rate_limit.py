"""The venue's request budget, with a part of it kept for enforcement, and a last part for what changes something.

The venue's docs: 50 bar requests in 30 s, 200 of all others in 60 s. Whether its window slides is not said; one
that slides keeps within a fixed one too.
"""

from collections import deque
from typing import Final

from risk_manager.gateway.port import Urgency

GENERAL_LIMIT: Final = 200
GENERAL_PERIOD: Final = 60.0
BARS_LIMIT: Final = 50
BARS_PERIOD: Final = 30.0
SHARES: Final = {Urgency.ROUTINE: 0.7, Urgency.ENFORCEMENT: 0.9, Urgency.CHANGE: 1.0}
"""What each may use: a trader who keeps the proofs of one account busy must not keep another's close waiting."""
BACK_OFFS: Final = (5.0, 15.0, 30.0, 60.0)
"""Seconds without routine requests after the first, second… 429 in a row."""
_MARGIN: Final = 1.0
"""Seconds by which a window is taken longer: requests travel, and the venue counts when they arrive."""


class RateLimit:
    """A sliding window; every `now` is a reading of one monotonic clock, in seconds."""

    __slots__ = ("_back_offs", "_blocked_until", "_limits", "_period", "_sent")

    def __init__(self, *, limit: int = GENERAL_LIMIT, period: float = GENERAL_PERIOD) -> None:
        self._limits = {urgency: int(limit * share) for urgency, share in SHARES.items()}
        self._period = period + _MARGIN
        self._sent: deque[float] = deque()
        self._blocked_until = float("-inf")
        self._back_offs = 0

    def delay(self, now: float, urgency: Urgency) -> float:
        """Tell how many seconds a request must wait; 0 when it may leave."""
        self._forget_before(now - self._period)
        surplus = len(self._sent) - self._limits[urgency]
        wait = self._sent[surplus] + self._period - now if surplus >= 0 else 0.0
        if urgency is Urgency.ROUTINE:
            wait = max(wait, self._blocked_until - now)
        return max(wait, 0.0)

    def spend(self, now: float) -> None:
        """Count a request that leaves now."""
        self._sent.append(now)

    def exceeded(self, now: float, retry_after: float | None = None) -> None:
        """Note a 429: routine requests pause, the longer the more of them came in a row."""
        pause = max(BACK_OFFS[min(self._back_offs, len(BACK_OFFS) - 1)], retry_after or 0.0)
        if now >= self._blocked_until:
            self._back_offs += 1
        self._blocked_until = max(self._blocked_until, now + min(pause, BACK_OFFS[-1]))

    def answered(self, now: float) -> None:
        """Note that the venue served a request: the next 429 is a first one again."""
        if now >= self._blocked_until:
            self._back_offs = 0

    def used(self, now: float) -> int:
        """Count the requests of the current window."""
        self._forget_before(now - self._period)
        return len(self._sent)

    def _forget_before(self, instant: float) -> None:
        sent = self._sent
        while sent and sent[0] <= instant:
            sent.popleft()
