"""The beat on which listeners are told what changes all the time: all of it together, so that they wake once."""

import asyncio
import math
from collections.abc import Callable, Hashable
from typing import Final

from risk_manager.local_api.frames import Message, encode_message
from risk_manager.local_api.listener import Listener

SHORTEST: Final = 0.2
"""Seconds between two beats for who does not ask for another pace."""
LONGEST: Final = 1.0
"""The slowest pace: who hears nothing for longer takes the daemon for hung."""
_PAST: Final = 0.02
"""Seconds past the edge of a second at which its beat is: the clock of a listener, set by what travelled, is late."""
_SLACK: Final = 0.1
"""Of a pace: the clock is set right while it goes, and two beats lie nearer to each other once."""

Produce = Callable[[], Message | None]
"""Makes what is told when it is told; None is nothing to tell."""


class Beat:
    """Tells those who listen at one pace (seconds) the latest under each key.

    `seconds` is a clock whose whole seconds are beats; only its fractions count, so it may jump.
    """

    def __init__(self, pace: float, *, seconds: Callable[[], float]) -> None:
        self._pace = pace
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[Hashable, tuple[Produce, float]] = {}
        self._sent_at: dict[Hashable, float] = {}
        self._last = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self.listeners: set[Listener] = set()

    def tell(self, key: Hashable, produce: Produce, *, every: float) -> None:
        """Tell on a beat what `produce` then says, once in `every` seconds at most."""
        earliest = self._sent_at.get(key, -math.inf) + max(every, self._pace) - self._pace * _SLACK
        self._waiting[key] = produce, earliest
        self._await_next()

    def stop(self) -> None:
        """Tell nothing more."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _await_next(self) -> None:
        if self._timer is None and self._waiting and self.listeners:
            now = self._loop.time()
            ahead = self._seconds() - now - _PAST
            soonest = max(now, self._last + self._pace / 2)  # a timer may be early, and its beat is over then
            due = math.ceil((soonest + ahead) / self._pace - 1e-4) * self._pace - ahead
            self._timer = self._loop.call_at(due, self._send, due)

    def _send(self, due: float) -> None:
        self._timer, self._last = None, due
        early: dict[Hashable, tuple[Produce, float]] = {}
        while self._waiting:  # what is made for one may ask for another to be told
            key = next(iter(self._waiting))
            produce, earliest = self._waiting.pop(key)
            if earliest > due:
                early[key] = produce, earliest
                continue
            message = produce()
            if message is None:
                continue
            self._sent_at[key] = due
            frame = encode_message(message)
            for listener in tuple(self.listeners):
                listener.put_latest(key, frame)
        self._waiting = early
        self._await_next()
