"""What has become of the locks of each account since it was last told."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from risk_manager.core.events import LockCleared
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import LockKey, Lockout


class Cause(Enum):
    """Why a lock has ended; RULE is whatever is neither time nor an admin."""

    EXPIRED = "expired"
    ADMIN = "admin"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class LockChange:
    """A lock that has begun or ends at another time (`ended` None), or that has ended."""

    lock: Lockout
    ended: Cause | None = None


class LockChanges:
    """The locks as they were told; copies, because a lock in force is lengthened in its place."""

    def __init__(self) -> None:
        self._told: dict[int, dict[LockKey, Lockout]] = {}
        self._cleared: set[tuple[int, str]] = set()

    def remember(self, state: AccountState) -> None:
        """Take the locks of an account that nothing was told of yet as known: they are restored ones."""
        if state.account_id not in self._told:
            self._told[state.account_id] = _copies(state)

    def hear(self, cleared: LockCleared) -> None:
        """Note that an admin has ended what will be found ended."""
        self._cleared.add((cleared.account_id, cleared.rule))

    def since_told(self, state: AccountState, *, now: datetime) -> list[LockChange]:
        """List what has changed; asked again, it is known."""
        account_id = state.account_id
        before, after = self._told.get(account_id, {}), _copies(state)
        self._told[account_id] = after
        changes = [
            LockChange(lock) for key, lock in after.items() if key not in before or before[key].until != lock.until
        ]
        changes += [
            LockChange(lock, self._cause(account_id, lock, now)) for key, lock in before.items() if key not in after
        ]
        self._cleared = {one for one in self._cleared if one[0] != account_id}
        return changes

    def _cause(self, account_id: int, lock: Lockout, now: datetime) -> Cause:
        if (account_id, lock.rule) in self._cleared:
            return Cause.ADMIN
        return Cause.EXPIRED if lock.until is not None and lock.until <= now else Cause.RULE


def _copies(state: AccountState) -> dict[LockKey, Lockout]:
    return {key: replace(lock) for key, lock in state.lockouts.by_key.items()}
