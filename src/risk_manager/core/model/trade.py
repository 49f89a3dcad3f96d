"""A trade: one half-turn fill of an order, as the venue books it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from risk_manager.core.model.money import ZERO
from risk_manager.core.model.order import OrderSide


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One fill at its own time `at`; `realized_pnl` gross in dollars, None when it opened; costs positive."""

    trade_id: int
    account_id: int
    contract_id: str
    order_id: int
    side: OrderSide
    size: int
    price: Decimal
    at: datetime
    realized_pnl: Decimal | None = None
    fees: Decimal = ZERO
    commissions: Decimal = ZERO
    voided: bool = False

    @property
    def gross_pnl(self) -> Decimal:
        """Dollars realized before costs; nothing for an opening fill."""
        return ZERO if self.realized_pnl is None else self.realized_pnl

    @property
    def costs(self) -> Decimal:
        """Fees and commissions in dollars."""
        return self.fees + self.commissions
