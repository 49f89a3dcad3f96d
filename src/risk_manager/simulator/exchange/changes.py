"""What the exchange tells after it has changed something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from risk_manager.simulator.exchange.accounts import Account, HalfTrade
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.lots import Position
from risk_manager.simulator.exchange.orders import Order

FLAT, LONG, SHORT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position as it is shown: `type` is long, short or, once flat, neither."""

    id: int
    account_id: int
    contract: Contract
    created_at: datetime
    type: int
    size: int
    average_price: Decimal

    @classmethod
    def of(cls, position: Position) -> Self:
        """The row of a position."""
        kind = FLAT if not position.net_size else LONG if position.net_size > 0 else SHORT
        return cls(
            id=position.id,
            account_id=position.account_id,
            contract=position.contract,
            created_at=position.created_at,
            type=kind,
            size=position.size,
            average_price=position.average_price,
        )


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as it is shown."""

    id: int
    name: str
    balance: Decimal
    can_trade: bool
    is_visible: bool
    simulated: bool

    @classmethod
    def of(cls, account: Account) -> Self:
        """The row of an account."""
        return cls(
            id=account.id,
            name=account.name,
            balance=account.balance,
            can_trade=account.can_trade,
            is_visible=account.is_visible,
            simulated=account.spec.simulated,
        )


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order is new or different; `order` is a copy of that moment."""

    order: Order

    @property
    def account_id(self) -> int:
        """Whose order it is."""
        return self.order.account_id


@dataclass(frozen=True, slots=True)
class TradeMade:
    """A half-trade was booked."""

    trade: HalfTrade

    @property
    def account_id(self) -> int:
        """Whose trade it is."""
        return self.trade.account_id


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position was opened, changed or closed (size 0)."""

    row: PositionRow

    @property
    def account_id(self) -> int:
        """Whose position it is."""
        return self.row.account_id


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Balance or flags of an account changed."""

    row: AccountRow

    @property
    def account_id(self) -> int:
        """Which account it is."""
        return self.row.id


Change = OrderChanged | TradeMade | PositionChanged | AccountChanged
