"""An order as the venue reports it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class OrderSide(Enum):
    """The side of an order or a fill."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for buying, −1 for selling."""
        return 1 if self is OrderSide.BUY else -1

    @property
    def opposite(self) -> "OrderSide":
        """The other side."""
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


class OrderType(Enum):
    """How an order fills; `UNKNOWN` stands for any number that the venue may add."""

    UNKNOWN = "unknown"
    LIMIT = "limit"
    MARKET = "market"
    STOP_LIMIT = "stop_limit"
    STOP = "stop"
    TRAILING_STOP = "trailing_stop"
    JOIN_BID = "join_bid"
    JOIN_ASK = "join_ask"

    # Members are their own and only instances. Enum's hash, of the name, is Python code: every quote would pay for it.
    __hash__ = object.__hash__


class OrderStatus(Enum):
    """Where an order stands; `NONE` and `UNKNOWN` may still fill, but never protect."""

    NONE = "none"
    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    PENDING = "pending"
    PENDING_CANCELLATION = "pending_cancellation"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # as above


TERMINAL = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order; sizes in contracts, prices in points, `updated_at` by the venue's clock."""

    order_id: int
    account_id: int
    contract_id: str
    type: OrderType
    side: OrderSide
    size: int
    status: OrderStatus
    filled_size: int = 0
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    tag: str | None = None
    parent_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_working(self) -> bool:
        """It may still fill: open, pending, suspended, or in a state nobody knows."""
        return self.status not in TERMINAL

    @property
    def remaining(self) -> int:
        """Contracts that may still fill."""
        return max(self.size - self.filled_size, 0)
