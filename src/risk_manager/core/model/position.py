"""A position: what an account holds of one contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from risk_manager.core.model.contract import Contract
from risk_manager.core.model.money import ZERO, to_cents
from risk_manager.core.model.order import BUY, SELL, OrderSide
from risk_manager.core.model.trade import Trade


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


def open_pnl_of_rest(position: Position, exits: Sequence[Trade], *, mark: Decimal, contract: Contract) -> Decimal:
    """Dollars that what `exits` have left of a position is up at `mark`.

    The average price still is that of the whole. What all of it is up, less what the exits have realized, is right
    whichever contracts the venue took them from.
    """
    left = position.size - sum(one.size for one in exits)
    worth = left * mark + sum((one.size * one.price for one in exits), ZERO)
    points = worth - position.size * position.average_price
    sign = 1 if position.net_size > 0 else -1
    return to_cents(points / contract.tick_size * contract.tick_value * sign) - sum(
        (one.gross_pnl for one in exits), ZERO
    )


def open_pnl(position: Position, *, mark: Decimal, contract: Contract) -> Decimal:
    """Dollars that the position is up (or down, negative) at `mark`, rounded half-even to the cent."""
    points = mark - position.average_price
    return to_cents(points / contract.tick_size * contract.tick_value * position.net_size)
