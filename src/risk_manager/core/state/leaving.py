"""Exits that trades have told, with their results, and no position report has shown yet."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from risk_manager.core.model.money import to_cents
from risk_manager.core.model.order import OrderSide
from risk_manager.core.model.trade import Trade


@dataclass(slots=True)
class Leaving:
    """What is leaving, contract by contract; contracts that nothing leaves are absent."""

    by_contract: dict[str, list[Trade]] = field(default_factory=dict)

    def size(self, contract_id: str) -> int:
        """Tell how many contracts are known to be gone that reports still show."""
        return sum(one.size for one in self.by_contract.get(contract_id, ()))

    def add(self, trade: Trade, size: int) -> None:
        """Take note of an exit, or of so many contracts of it."""
        self.by_contract.setdefault(trade.contract_id, []).append(_part(trade, size))

    def revise(self, trade: Trade) -> None:
        """Take a corrected exit in; one that was declared void is none."""
        exits = self.by_contract.get(trade.contract_id, ())
        revised = [_part(trade, one.size) if one.trade_id == trade.trade_id else one for one in exits]
        self._keep(trade.contract_id, [one for one in revised if not one.voided])

    def show_gone(self, contract_id: str, size: int, *, left: int) -> None:
        """Take exits off, the earliest first, as many as a report has shown gone; it leaves the position at `left`.

        Of one that turned the position round, the rest has opened what is there now.
        """
        exits = []
        for one in self.by_contract.get(contract_id, ()):
            shown = min(one.size, max(0, size))
            size -= shown
            if shown < one.size and one.side.sign * left < 0:
                exits.append(_part(one, one.size - shown))
        self._keep(contract_id, exits)

    def keep_after(self, contract_id: str, instant: datetime) -> bool:
        """Keep the exits of after an instant; tell whether there were others."""
        exits = self.by_contract.get(contract_id, ())
        left = [one for one in exits if one.at > instant]
        self._keep(contract_id, left)
        return len(left) < len(exits)

    def keep_on(self, contract_id: str, side: OrderSide | None) -> None:
        """Keep the exits on one side (None: on neither)."""
        self._keep(contract_id, [one for one in self.by_contract.get(contract_id, ()) if one.side is side])

    def _keep(self, contract_id: str, exits: list[Trade]) -> None:
        if exits:
            self.by_contract[contract_id] = exits
        else:
            self.by_contract.pop(contract_id, None)


def _part(trade: Trade, size: int) -> Trade:
    """Give a part of an exit, with its part of the result."""
    if size == trade.size:
        return trade
    return replace(trade, size=size, realized_pnl=to_cents(trade.gross_pnl * size / trade.size))
