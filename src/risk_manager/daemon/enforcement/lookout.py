"""When to look at an account under enforcement: soon after what may have moved it, more rarely while nothing does."""

import asyncio
from dataclasses import dataclass, field

from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.pursuit import Pursuit
from risk_manager.daemon.enforcement.refusals import Refusals

FIRST_LOOK = 0.02
"""Seconds after the answers before the first proof is read: a fill needs a moment; and a clock's tick is shorter."""
HANGING_LOOK = 0.25
"""Seconds between readings, at the least, while no request is answered."""
ANSWERS_TOGETHER = 0.25
"""Seconds to wait for further answers once one has come, so that one reading judges them all."""
UNCLEAR_LOOK = 0.25
"""Seconds between readings, at the least, while an answer that told nothing waits for its next attempt."""
UNREAD_LOOK = 2.0
"""Seconds until REST is asked again, at the most, after it did not tell."""


@dataclass(slots=True)
class Lookout:
    """The waits between two readings of one account's enforcement."""

    pursuit: Pursuit
    refusals: Refusals
    clock: Clock
    _pause: float = FIRST_LOOK
    _looked_at: float = float("-inf")
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Note that a look may be worth it now: an answer came, or a word of the stream."""
        self._woken.set()

    def begin(self) -> None:
        """Begin anew with short waits."""
        self._pause = FIRST_LOOK

    def looked(self, *, moved: bool, was_read: bool) -> None:
        """Note what a look led to: whether something was sent or proven, and whether REST told anything at all."""
        slowest = self.refusals.slowest_look(self.clock.now()) if was_read else UNREAD_LOOK
        self._pause = FIRST_LOOK if moved else min(self._pause * 2, slowest)

    async def wait(self) -> None:
        """Wait for an answer, a word of the stream, or the pause; then a moment for the other answers.

        An answer that hangs is not waited for longer than a reading may need to show the outcome.
        """
        self._woken.clear()
        while (at := self.pursuit.worth_reading_at) is not None:
            left = at - self.clock.monotonic()
            if left <= 0:
                await self._rest(max(self._pause, HANGING_LOOK))
                return
            await self._rest(left)
        if self.pursuit.is_unanswered:
            await self._rest(ANSWERS_TOGETHER)
        await self._rest(self._pause_before_an_attempt())
        self._looked_at = self.clock.monotonic()

    def _pause_before_an_attempt(self) -> float:
        """Tell the pause, cut short where the next attempt at something unclear is due before its end.

        Due is also what fell due while the last reading was on its way, which was too young to allow it.
        """
        repeat_at = self.pursuit.may_repeat_after(self._looked_at)
        if repeat_at is None:
            return self._pause
        left = max(repeat_at - self.clock.monotonic(), FIRST_LOOK)
        return min(max(self._pause, UNCLEAR_LOOK), left)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
