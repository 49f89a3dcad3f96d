"""A trading account as the venue lists it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; None where the venue has not said. `balance` is realized, in dollars."""

    account_id: int
    name: str = ""
    balance: Decimal | None = None
    can_trade: bool | None = None
    simulated: bool | None = None
