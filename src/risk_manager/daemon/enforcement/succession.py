"""Which position a close is aimed at: one that is opened after it has gone is a matter of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from risk_manager.daemon.enforcement.goals import Reading

SAME_OPENING = timedelta(milliseconds=10)
"""Stream and REST may write the same instant with different precision."""


@dataclass(slots=True)
class Succession:
    """When the positions that are to be closed were opened, by contract, as far as the venue says so."""

    _aimed_at: dict[str, datetime] = field(default_factory=dict)

    def aim(self, contracts: Iterable[str], seen: Reading) -> None:
        """Aim at the positions that these contracts have now.

        Where orders rest beside one, nobody can say whether what comes later is of their making: it is closed as well.
        """
        for contract_id in contracts:
            opened_at = _opening(contract_id, seen)
            if opened_at is not None and not any(seen.working(contract_id)):
                self._aimed_at[contract_id] = opened_at

    def aim_where_new(self, contracts: Iterable[str], seen: Reading) -> None:
        """Aim at the positions of contracts that were not aimed at, and forget those that are not named."""
        named = tuple(contracts)
        self._aimed_at = {held: self._aimed_at[held] for held in named if held in self._aimed_at}
        self.aim((held for held in named if held not in self._aimed_at), seen)

    def is_over(self, contract_id: str, reading: Reading) -> bool:
        """Tell whether another position stands in the place of the one that was aimed at."""
        opened_at, aimed_at = _opening(contract_id, reading), self._aimed_at.get(contract_id)
        return opened_at is not None and aimed_at is not None and opened_at - aimed_at > SAME_OPENING


def _opening(contract_id: str, reading: Reading) -> datetime | None:
    position = reading.positions.get(contract_id)
    return None if position is None else position.opened_at
