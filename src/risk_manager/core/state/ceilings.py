"""How much a lock leaves of what was held when it began: a ceiling falls with its position, and never rises."""

from datetime import datetime, timedelta

from risk_manager.core.state.memory import Memory
from risk_manager.core.state.positions import Holding

_ONE_OPENING = timedelta(seconds=1)
"""The venue stamps a position and the fill that opened it one after the other."""


class Ceilings:
    """The ceilings of an account's locks, kept in line with what is learned of its positions."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def contracts(self) -> set[str]:
        """List the contracts that have one."""
        return {contract_id for lock in self._memory.lockouts.by_key.values() for contract_id in lock.ceilings}

    def lower(self, contract_id: str) -> None:
        """Let them fall; they keep room for what is shown, and for what fills will make of it."""
        positions = self._memory.positions
        for lock in self._memory.lockouts.by_key.values():
            if contract_id in lock.ceilings:
                lock.lower_ceiling(contract_id, positions.net_size(contract_id), positions.expected_net(contract_id))

    def follow(self, contract_id: str, before: Holding | None) -> None:
        """Bring them in line with a position that may have changed; `before` was held until then."""
        holding = self._memory.positions.held.get(contract_id)
        for lock in self._memory.lockouts.by_key.values():
            if contract_id in lock.ceilings and _is_reopened(before, holding, since=lock.since):
                del lock.ceilings[contract_id]
        self.lower(contract_id)

    def retrace(self, as_of: datetime) -> None:
        """Let them fall to the least that was held between the lock's beginning and a full picture, by its fills.

        No report has told of what went and came back while nobody listened.
        """
        based_at = self._memory.positions.based_at
        for lock in self._memory.lockouts.by_key.values():
            for contract_id in [one for one in lock.ceilings if based_at.get(one) == as_of]:
                ceiling = lock.ceilings[contract_id]
                path = self._path(contract_id, lock.since, as_of)
                if path[-1] * ceiling >= ceiling * ceiling:  # else fills are missing: it began with less than is left
                    lock.lower_ceiling(contract_id, _least(path, ceiling))

    def at(self, since: datetime, as_of: datetime, contract_id: str) -> int:
        """Tell how much, signed, of what a full picture shows was there when a fill set a lock, and ever since."""
        positions = self._memory.positions
        if positions.based_at.get(contract_id) != as_of:
            return positions.expected_net(contract_id, since)
        if _is_reopened(None, positions.held.get(contract_id), since=since):
            return 0
        path = self._path(contract_id, since, as_of)
        return _least(path, path[0])

    def _path(self, contract_id: str, since: datetime, as_of: datetime) -> list[int]:
        """Go back from what a picture shows, fill by fill, to an instant: list the sizes, signed, the latest first."""
        net_size = self._memory.positions.net_size(contract_id)
        path = self._memory.trades.path_back(contract_id, net_size, since=since, upto=as_of)
        return [size for _, size in path]


def _least(path: list[int], side: int) -> int:
    """Tell the size that was there all along, on the side of a signed size; 0 where it was flat or turned round."""
    return max(0, min(path)) if side > 0 else min(0, max(path))


def _is_reopened(before: Holding | None, now: Holding | None, *, since: datetime) -> bool:
    """Tell whether a position has made way for another since an instant, although no report showed it gone."""
    opened_at = None if now is None else now.position.opened_at
    if now is None or opened_at is None:
        return False
    if before is None:  # nothing is known of what was held, as when what was stored is lost
        return since + _ONE_OPENING < opened_at <= now.since
    return before.incarnation != now.incarnation and opened_at > since
