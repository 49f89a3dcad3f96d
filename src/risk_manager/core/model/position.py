"""A position: what an account holds of one contract."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from risk_manager.core.model.contract import Contract
from risk_manager.core.model.money import to_cents
from risk_manager.core.model.order import BUY, SELL, OrderSide


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Contracts held, signed (long positive, 0 flat), at an average price in points."""

    account_id: int
    contract_id: str
    net_size: int
    average_price: Decimal
    position_id: int | None = None
    opened_at: datetime | None = None

    @property
    def size(self) -> int:
        """Contracts held, without the sign."""
        return abs(self.net_size)

    @property
    def closing_side(self) -> OrderSide:
        """The side that an order must have to reduce it."""
        return SELL if self.net_size > 0 else BUY


def open_pnl(position: Position, *, mark: Decimal, contract: Contract) -> Decimal:
    """Dollars that the position is up (or down, negative) at `mark`, rounded half-even to the cent."""
    points = mark - position.average_price
    return to_cents(points / contract.tick_size * contract.tick_value * position.net_size)
