"""The suspicion that another program keeps ending our session (pure).

Two programs that log in as the same user may throw each other out for ever; seen in live logs of both hubs.
"""

from collections import deque
from typing import Final

TOO_MANY: Final = 5
WITHIN: Final = 120.0
PAUSE: Final = 600.0


class SessionFight:
    """Counts logouts; every `now` is a reading of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._logouts: deque[float] = deque()
        self._paused_until = float("-inf")

    def logged_out(self, now: float) -> None:
        """Note that the venue ended the session; more than five in two minutes are a fight."""
        self._logouts.append(now)
        while self._logouts[0] <= now - WITHIN:
            self._logouts.popleft()
        if len(self._logouts) > TOO_MANY:
            self._paused_until = now + PAUSE
            self._logouts.clear()

    def pause(self, now: float) -> float:
        """Tell how many seconds the streams must still keep away; 0 in peace."""
        return max(self._paused_until - now, 0.0)
