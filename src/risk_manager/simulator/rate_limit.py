"""The venue's request limits: 200 in 60 s, and 50 in 30 s for bars."""

from __future__ import annotations

from collections import deque
from enum import Enum


class Window(Enum):
    """How the venue counts; which of the two it does is not documented."""

    SLIDING = "sliding"
    FIXED = "fixed"


class RequestLimit:
    """Requests allowed within some seconds; readings of a monotonic clock come in as arguments."""

    def __init__(self, most: int, seconds: float, window: Window = Window.SLIDING) -> None:
        self._most = most
        self._seconds = seconds
        self._window = window
        self._taken: deque[float] = deque()

    def admit(self, now: float) -> bool:
        """Count a request; False when it is one too many, and then it does not count."""
        oldest = now - self._seconds if self._window is Window.SLIDING else now - now % self._seconds
        while self._taken and self._is_over(self._taken[0], oldest):
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return False
        self._taken.append(now)
        return True

    def _is_over(self, taken_at: float, oldest: float) -> bool:
        return taken_at <= oldest if self._window is Window.SLIDING else taken_at < oldest


class Limits:
    """The limits of everyone who calls."""

    def __init__(self) -> None:
        self._by_caller: dict[tuple[str, str], RequestLimit] = {}

    def admit(self, caller: str, path: str, now: float, *, window: Window) -> bool:
        """Count a request of a caller; False when it must be answered with 429."""
        scope = "bars" if path.lower().endswith("/history/retrievebars") else "general"
        limit = self._by_caller.get((caller, scope))
        if limit is None:
            limit = RequestLimit(50, 30, window) if scope == "bars" else RequestLimit(200, 60, window)
            self._by_caller[caller, scope] = limit
        return limit.admit(now)

    def forget(self) -> None:
        """Start counting anew."""
        self._by_caller.clear()
