"""When each account of a login is read next: as often as is configured and the venue's budget bears, or when wanted."""

import asyncio
from collections.abc import Collection
from datetime import timedelta

from risk_manager.daemon.clock import Clock
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watching.last_look import BEFORE_DEADLINE, is_near_deadline
from risk_manager.daemon.watching.watched_login import WatchedLogin

FAST_REQUESTS_PER_SECOND = 1.5
"""What polling may use of the venue's 200 requests a minute; enforcement needs the rest."""
FULL_REQUESTS_PER_SECOND = 0.5
"""What full pictures may use beside it: more would eat up the routine share, and then all reading stands still."""
REQUESTS_PER_PICTURE, REQUESTS_PER_LOOK = 4, 2
"""A look reads orders and positions of an account with exposure; positions alone serve for one that is flat."""


class Rounds:
    """The slow round over all accounts, and what is to be read before its turn."""

    def __init__(self, login: WatchedLogin, *, pipeline: Pipeline, clock: Clock) -> None:
        self._login = login
        self._pipeline = pipeline
        self._clock = clock
        self._looked_at: dict[int, float] = {}
        self._full_at: dict[int, float] = {}
        self._wanted: set[int] = set()
        self._wake = asyncio.Event()

    async def pause(self) -> None:
        """Wait until an account may be due, or somebody hurries."""
        shortest = min((polling.fast for polling in self._login.polling.values()), default=timedelta(seconds=5))
        seconds = shortest.total_seconds()
        if not self._login.user_stream_is_live.is_set():  # a deadline may come near at any time
            seconds = min(seconds, BEFORE_DEADLINE / 2)
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def hurry(self) -> None:
        """End the pause."""
        self._wake.set()

    def want(self, account_ids: Collection[int]) -> None:
        """Want a full picture of some accounts now."""
        self._wanted.update(account_ids)
        if account_ids:
            self.hurry()

    def look_soon(self, account_id: int) -> None:
        """Let an account be due now."""
        self._looked_at.pop(account_id, None)
        self.hurry()

    def begin_anew(self) -> None:
        """Let every account be due."""
        self._looked_at.clear()

    def looked(self, account_id: int) -> None:
        """Note that an account is being read."""
        self._looked_at[account_id] = self._clock.monotonic()

    def read_in_full(self, account_id: int, *, asked_at: float) -> None:
        """Note that a full picture has come, asked for at an instant of the machine's seconds."""
        self._wanted.discard(account_id)
        self._full_at[account_id] = asked_at

    def is_due(self, account_id: int) -> bool:
        """Tell whether an account is to be read now."""
        stream_is_live = self._login.user_stream_is_live.is_set()
        if account_id in self._wanted and stream_is_live:
            return True
        age = self._clock.monotonic() - self._looked_at.get(account_id, float("-inf"))
        is_last = not stream_is_live and is_near_deadline(self._pipeline.accounts[account_id], self._clock.now())
        return (is_last and age >= BEFORE_DEADLINE) or age >= self._interval(account_id).total_seconds()

    def wants_everything(self, account_id: int) -> bool:
        """Tell whether it is to be a full picture, with orders and trades."""
        if account_id in self._wanted:
            return True
        full_at = self._full_at.get(account_id)
        affordable = len(self._login.known) * REQUESTS_PER_PICTURE / FULL_REQUESTS_PER_SECOND
        slow = max(self._login.polling[account_id].slow.total_seconds(), affordable)
        return full_at is None or self._clock.monotonic() - full_at >= slow

    def is_exposed(self, account_id: int) -> bool:
        """Tell whether an account holds something, or may come to."""
        state = self._pipeline.state(account_id)
        return state is not None and bool(state.holdings or state.working_orders)

    def _interval(self, account_id: int) -> timedelta:
        """Tell how often an account is read: as configured, unless all accounts together would cost too much."""
        known = self._login.known
        exposed = [one for one in known if self.is_exposed(one)] if self._login.user_stream_is_live.is_set() else known
        requests = len(exposed) * REQUESTS_PER_LOOK + len(known) - len(exposed)
        affordable = timedelta(seconds=requests / FAST_REQUESTS_PER_SECOND)
        return max(self._login.polling[account_id].fast - timedelta(milliseconds=50), affordable)
