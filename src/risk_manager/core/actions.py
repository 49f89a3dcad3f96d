"""What can be asked for: the imperatives of a plan."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from risk_manager.core.model.order import OrderSide


class LockMode(Enum):
    """What a lock forbids: everything, or only more risk than there was."""

    FLAT = "flat"
    NO_NEW_RISK = "no_new_risk"

    # as in core/model/order.py: it is part of every lock's key
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Close:
    """Cancel every working order of the contract and close its position."""

    contract_id: str


@dataclass(frozen=True, slots=True)
class Reduce:
    """Bring a position down to `to` contracts (unsigned), and orders against it down with it."""

    contract_id: str
    to: int


@dataclass(frozen=True, slots=True)
class CloseAll:
    """Close every contract that has a position."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel one order."""

    order_id: int


@dataclass(frozen=True, slots=True)
class CancelSymbol:
    """Cancel every working order of a root."""

    root: str


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Cancel every working order, suspended ones too."""


@dataclass(frozen=True, slots=True)
class Resize:
    """Modify an order's total size (what is filled included), so that it can only reduce its position."""

    order_id: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Set a standing order. `root` None is the account, less `except_roots`; `until` None has no end."""

    rule: str
    code: str
    mode: LockMode
    until: datetime | None
    root: str | None = None
    except_roots: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """End the locks that a rule set (for a root, or all of them), except those of `STRICT_MODE`."""

    rule: str
    root: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceStop:
    """Place a protective stop order."""

    contract_id: str
    side: OrderSide
    size: int
    stop: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStop:
    """Move a stop order to a new price; `size` None leaves its size as it is."""

    order_id: int
    stop: Decimal
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """Tell people, touch nothing."""

    code: str


Action = (
    Close | Reduce | CloseAll | Cancel | CancelSymbol | CancelAll | Resize | Lock | Unlock | PlaceStop | MoveStop | Warn
)
