"""A lock that the trader asks for himself: for anybody on this machine, because it can only tighten."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from risk_manager.core.actions import LockMode
from risk_manager.core.events import LockRequested
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import ADMIN
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.local_api.commands import Result

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)
MOST_WISHES, WITHIN = 6, 60.0
"""So many wishes are heard within so many seconds."""
ACTS_LATER = "what is held or working is closed as soon as the account has been read"
"""Said while the venue has not told what there is: the lock itself is set and stored."""
TOO_MANY = Result(ok=False, message="too many wishes to lock: wait a minute")


class VoluntaryLock:
    """Locks accounts at a wish `{account_id, seconds}` or `{account_id, until: "reset"}`; without an id, all."""

    def __init__(self, *, pipeline: Pipeline, clock: Clock) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._heard: deque[float] = deque(maxlen=MOST_WISHES)

    def is_too_soon(self) -> bool:
        """Count one more wish; tell whether there were too many lately."""
        now = self._clock.monotonic()
        if len(self._heard) == MOST_WISHES and now - self._heard[0] < WITHIN:
            return True
        self._heard.append(now)
        return False

    def __call__(self, wish: Mapping[str, Any]) -> Result:
        """Lock, or say why not; a lock in force is lengthened and never shortened."""
        account_id = wish.get("account_id")
        chosen = list(self._pipeline.accounts) if account_id is None else [account_id]
        states = {one: self._pipeline.state(one) for one in chosen if type(one) is int}
        if not states or None in states.values():
            return Result(ok=False, message=f"no watched account {account_id}")
        if wish.get("until") != "reset" and _length(wish) is None:
            return Result(ok=False, message="choose a length from a minute to seven days, or the next reset")
        return self._lock({one: state for one, state in states.items() if state is not None}, _length(wish))

    def _lock(self, states: Mapping[int, AccountState], length: timedelta | None) -> Result:
        now = self._clock.now()
        locked, longer = [], []
        for account_id, state in states.items():
            until = state.policy.calendar.day_of(now).ends_at if length is None else now + length
            if _holds_until(state, until):
                longer.append(account_id)
                continue
            self._pipeline.post(LockRequested(at=now, account_id=account_id, until=until))
            locked.append(account_id)
        said = [f"locked: {', '.join(map(str, locked))}"] if locked else []
        said += [f"locked for longer already: {', '.join(map(str, longer))}"] if longer else []
        if not all(self._pipeline.is_live(one) for one in locked):
            said.append(ACTS_LATER)
        if any(states[one].policy.shadow for one in locked):
            said.append("the mode is shadow, so nothing is closed")
        return Result(ok=True, message="; ".join(said))


def _length(wish: Mapping[str, Any]) -> timedelta | None:
    """Read how long; None where that is no length that may be chosen."""
    seconds = wish.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return timedelta(seconds=seconds) if SHORTEST.total_seconds() <= seconds <= LONGEST.total_seconds() else None


def _holds_until(state: AccountState, until: datetime) -> bool:
    """Tell whether the account is locked by hand at least as long already."""
    locks = [lock for lock in state.lockouts.of_rule(ADMIN) if lock.root is None and lock.mode is LockMode.FLAT]
    return any(lock.until is None or lock.until >= until for lock in locks)
