"""The contracts that the venue has told of, and the product table for those that it has not."""

from dataclasses import dataclass, field
from decimal import Decimal

from risk_manager.core.model.contract import Contract, contract_of_id, root_of_id


@dataclass(slots=True)
class Contracts:
    """Contracts by id; what the venue says wins over the table."""

    told: dict[str, Contract] = field(default_factory=dict)
    derived: dict[str, Contract | None] = field(default_factory=dict)
    _roots: dict[str, str] = field(default_factory=dict)

    def learn(self, contract: Contract) -> None:
        """Remember a contract as the venue describes it; one whose ticks are worth nothing is no description."""
        if _is_positive(contract.tick_size) and _is_positive(contract.tick_value):
            self.told[contract.contract_id] = contract
            self._roots.pop(contract.contract_id, None)

    def get(self, contract_id: str) -> Contract | None:
        """Find a contract; None when neither the venue nor the table knows its product."""
        known = self.told.get(contract_id)
        if known is not None:
            return known
        if contract_id not in self.derived:
            self.derived[contract_id] = contract_of_id(contract_id)
        return self.derived[contract_id]

    def root(self, contract_id: str) -> str:
        """Tell the trader's root of a contract; an unknown product has its code for a root."""
        root = self._roots.get(contract_id)
        if root is None:
            contract = self.get(contract_id)
            root = self._roots[contract_id] = contract.root if contract else root_of_id(contract_id)
        return root


def _is_positive(amount: Decimal) -> bool:
    return amount.is_finite() and amount > 0
