"""An account at the venue, with what trading costs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.lots import Position
from risk_manager.simulator.exchange.orders import Side


class BracketMode(StrEnum):
    """What an account's owner has chosen on the platform; only the first takes brackets from the API."""

    AUTO_OCO = "auto_oco"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class HalfTrade:
    """One row of the trade list: a fill, or the part of it that closed one lot."""

    id: int
    account_id: int
    contract: Contract
    created_at: datetime
    price: Decimal
    profit_and_loss: Decimal | None
    fees: Decimal
    commissions: Decimal
    side: Side
    size: int
    order_id: int
    voided: bool = False


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """How an account begins; limits in dollars below the start of the day (DLL) and the high (MLL)."""

    id: int = 1001
    name: str = "PRAC-V2-1001-1"
    balance: Decimal = Decimal(50000)
    owner: str = "trader"
    bracket_mode: BracketMode = BracketMode.AUTO_OCO
    daily_loss_limit: Decimal | None = None
    maximum_loss_limit: Decimal | None = None
    max_position: int | None = None
    position_stop_ticks: int | None = None
    position_target_ticks: int | None = None
    simulated: bool = True


@dataclass(slots=True)
class Account:
    """One account with its positions, trades and used tags; `balance` is realized and net of costs."""

    spec: AccountSpec
    id: int
    name: str
    balance: Decimal
    start_balance: Decimal
    bracket_mode: BracketMode
    can_trade: bool = True
    is_locked_for_the_day: bool = False
    is_visible: bool = True
    day: date | None = None
    day_start_balance: Decimal = Decimal(0)
    day_costs: Decimal = Decimal(0)
    high_balance: Decimal = Decimal(0)
    positions: dict[str, Position] = field(default_factory=dict)
    trades: list[HalfTrade] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)

    @classmethod
    def opened(cls, spec: AccountSpec) -> Account:
        """A fresh account after its specification."""
        return cls(
            spec=spec,
            id=spec.id,
            name=spec.name,
            balance=spec.balance,
            start_balance=spec.balance,
            bracket_mode=spec.bracket_mode,
            day_start_balance=spec.balance,
            high_balance=spec.balance,
        )

    @property
    def owner(self) -> str:
        """The login that it belongs to."""
        return self.spec.owner

    def begin(self, day: date) -> None:
        """Enter a trading day: the loss limits count from this balance."""
        if self.day == day:
            return
        if self.day is not None:
            self.high_balance = max(self.high_balance, self.balance)
        self.day = day
        self.day_start_balance = self.balance
        self.day_costs = Decimal(0)


@dataclass(frozen=True, slots=True)
class Costs:
    """Dollars per contract and side."""

    fees: Decimal
    commissions: Decimal

    @classmethod
    def of(cls, contract: Contract) -> Costs:
        """What the venue charges for the contract; rates of micros and MCL were seen in 2026."""
        if contract.root == "MCL":
            return cls(Decimal("0.51"), Decimal("0.25"))
        if contract.root.startswith("M") or contract.root == "SIL":
            return cls(Decimal("0.36"), Decimal("0.25"))
        return cls(Decimal("1.40"), Decimal("0.50"))
