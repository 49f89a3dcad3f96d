"""A futures contract: one product in one month."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from risk_manager.core.model.product import BY_CODE

_ID_PARTS = 5  # CON.F.US.<code>.<month letter and two-digit year>
_MONTH_AND_YEAR = 2  # the tail of a name: "ESU6"


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as the gateway lists it; tick size in price points, tick value in dollars a contract."""

    contract_id: str
    name: str
    symbol_id: str
    tick_size: Decimal
    tick_value: Decimal
    active: bool = True

    @property
    def root(self) -> str:
        """The trader's product symbol: `ES` for `CON.F.US.EP.U26`."""
        return root_of_name(self.name) or root_of_id(self.contract_id)

    def tick_at_or_above(self, price: Decimal) -> Decimal:
        """Find the lowest price on a tick that is not below `price`."""
        return (price / self.tick_size).to_integral_value(ROUND_CEILING) * self.tick_size

    def tick_at_or_below(self, price: Decimal) -> Decimal:
        """Find the highest price on a tick that is not above `price`."""
        return (price / self.tick_size).to_integral_value(ROUND_FLOOR) * self.tick_size


def root_of_name(name: str) -> str:
    """Cut month and year off a contract's name (`ESU6` → `ES`); empty when nothing is left."""
    return name.lstrip("/").upper()[:-_MONTH_AND_YEAR]


def code_of_id(contract_id: str) -> str:
    """Read the gateway's product code out of a contract id; the whole id where it has another form."""
    parts = contract_id.split(".")
    return parts[3].upper() if len(parts) == _ID_PARTS else contract_id.upper()


def root_of_id(contract_id: str) -> str:
    """Translate a contract id to the trader's root by the table; an unknown product keeps its code."""
    code = code_of_id(contract_id)
    product = BY_CODE.get(code)
    return product.root if product else code


def contract_of_id(contract_id: str) -> Contract | None:
    """Build a contract from the product table alone, for a month that the gateway has not told of."""
    product = BY_CODE.get(code_of_id(contract_id))
    if product is None:
        return None
    month = contract_id.rpartition(".")[2]
    return Contract(
        contract_id=contract_id,
        name=f"{product.root}{month[:1]}{month[-1:]}",
        symbol_id=f"F.US.{product.code}",
        tick_size=product.tick_size,
        tick_value=product.tick_value,
    )
