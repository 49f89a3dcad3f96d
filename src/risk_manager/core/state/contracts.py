"""The contracts that the venue has told of, and the product table for those that it has not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from risk_manager.core.model.contract import Contract, contract_of_id, root_of_id


@dataclass(slots=True)
class Contracts:
    """Contracts by id; what the venue says wins over the table."""

    told: dict[str, Contract] = field(default_factory=dict)
    derived: dict[str, Contract | None] = field(default_factory=dict)
    _roots: "_Roots" = field(init=False)

    def __post_init__(self) -> None:
        self._roots = _Roots(self.get)

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

    @property
    def root(self) -> Callable[[str], str]:
        """Tells the trader's root of a contract; an unknown product has its code for a root."""
        return self._roots.__getitem__


class _Roots(dict[str, str]):
    """Roots by contract id, each found once: every report asks for them a dozen times."""

    def __init__(self, contract_of: Callable[[str], Contract | None]) -> None:
        super().__init__()
        self._contract_of = contract_of

    def __missing__(self, contract_id: str) -> str:
        contract = self._contract_of(contract_id)
        root = self[contract_id] = contract.root if contract else root_of_id(contract_id)
        return root


def _is_positive(amount: Decimal) -> bool:
    return amount.is_finite() and amount > 0
