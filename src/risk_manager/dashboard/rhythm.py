"""The beats on which prices are told and painted, and the edges of seconds, at which countdowns change."""

from datetime import datetime, timedelta
from typing import Final

PACE: Final = 0.5
"""Seconds between two beats: nobody reads prices faster, nor what they make of limits."""
_BEAT: Final = timedelta(seconds=PACE)
_SECOND: Final = timedelta(seconds=1)
_PAST: Final = timedelta(milliseconds=5)
"""Past the edge of a second at which the screen looks: a countdown has then changed for sure."""
_LATE: Final = timedelta(milliseconds=100)
"""Past an edge until which the daemon's word is waited for, so that both are painted in one go."""
_LATELY: Final = timedelta(seconds=1.5)


class Rhythm:
    """Counts beats by the daemon's clock, as the daemon does."""

    def __init__(self) -> None:
        self._told_at: datetime | None = None
        self._beat: datetime | None = None

    def is_another(self, now: datetime) -> bool:
        """Note that something was told; tell whether it is the first of its beat."""
        before, self._beat = self._beat, _begin(now, _BEAT)
        self._told_at = now
        return self._beat != before

    def next_second(self, now: datetime) -> datetime:
        """Find the instant at which a second has begun, and the daemon would have told what goes with it."""
        return self._after(_begin(now, _SECOND) + _SECOND, now)

    def next_beat(self, now: datetime) -> datetime:
        """Find the instant at which a beat has begun, and the daemon would have told what goes with it."""
        return self._after(_begin(now, _BEAT) + _BEAT, now)

    def _after(self, edge: datetime, now: datetime) -> datetime:
        is_told = self._told_at is not None and abs(now - self._told_at) < _LATELY
        return edge + (_LATE if is_told else _PAST)


def _begin(now: datetime, length: timedelta) -> datetime:
    return now - timedelta(microseconds=now.microsecond % (length // timedelta(microseconds=1)))
