"""An order at the venue, through all its states."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from risk_manager.simulator.exchange.contracts import Contract


class Status(IntEnum):
    """Where an order is in its life, numbered as on the wire."""

    NONE = 0
    OPEN = 1
    FILLED = 2
    CANCELLED = 3
    EXPIRED = 4
    REJECTED = 5
    PENDING = 6
    PENDING_CANCELLATION = 7
    SUSPENDED = 8


class Type(IntEnum):
    """What makes an order execute, numbered as on the wire."""

    UNKNOWN = 0
    LIMIT = 1
    MARKET = 2
    STOP_LIMIT = 3
    STOP = 4
    TRAILING_STOP = 5
    JOIN_BID = 6
    JOIN_ASK = 7


class Side(IntEnum):
    """Bid buys, ask sells, numbered as on the wire."""

    BUY = 0
    SELL = 1

    @property
    def sign(self) -> int:
        """Plus one for a buy, minus one for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        """The side that undoes this one."""
        return Side.SELL if self is Side.BUY else Side.BUY


TERMINAL = frozenset({Status.FILLED, Status.CANCELLED, Status.EXPIRED, Status.REJECTED})
IN_THE_MARKET = frozenset({Status.OPEN, Status.PENDING_CANCELLATION})


@dataclass(frozen=True, slots=True)
class Bracket:
    """A protective order asked for with its entry; ticks are signed and count from the entry's fill."""

    ticks: int
    type: int


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a trader asks for; nothing in it has been checked."""

    account_id: int
    contract_id: str
    type: int
    side: int
    size: int
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    custom_tag: str | None = None
    stop_loss: Bracket | None = None
    take_profit: Bracket | None = None


@dataclass(slots=True)
class Order:
    """One order with its fills so far; prices in points, `trail_distance` in ticks."""

    id: int
    account_id: int
    contract: Contract
    created_at: datetime
    updated_at: datetime
    status: Status
    type: Type
    side: Side
    size: int
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_distance: int | None = None
    custom_tag: str | None = None
    parent_id: int | None = None
    linked_id: int | None = None
    sibling_id: int | None = None
    ticks: int = 0
    fill_volume: int = 0
    filled_value: Decimal = field(default_factory=Decimal)
    revision: int = 0
    is_triggered: bool = False
    is_closing: bool = False
    fills_at_most: int | None = None

    @property
    def remaining(self) -> int:
        """Contracts not filled yet."""
        return self.size - self.fill_volume

    @property
    def filled_price(self) -> Decimal | None:
        """Average price of the fills; None before the first."""
        if not self.fill_volume:
            return None
        return self.filled_value / self.fill_volume

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in TERMINAL

    @property
    def is_leg(self) -> bool:
        """Whether it is one of two orders of which only one may fill."""
        return self.parent_id is not None or self.sibling_id is not None
