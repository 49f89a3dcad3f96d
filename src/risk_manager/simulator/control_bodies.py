"""The request bodies of the control interface; what they do not name is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from risk_manager.simulator.exchange.accounts import BracketMode
from risk_manager.simulator.exchange.sessions import Gate
from risk_manager.simulator.faults import Deed


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No values are needed."""


class PlaceDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The trader places an order; `contract` is a root like ES, a name or a full id."""

    account: int
    contract: str
    side: str
    size: int = 1
    type: str = "market"
    limit: Decimal | None = None
    stop: Decimal | None = None
    trail: Decimal | None = None
    tag: str | None = None
    stop_loss_ticks: int | None = None
    take_profit_ticks: int | None = None


class OrderDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The trader cancels an order."""

    account: int
    order: int


class ModifyDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The trader changes an order."""

    account: int
    order: int
    size: int | None = None
    limit: Decimal | None = None
    stop: Decimal | None = None
    trail: Decimal | None = None


class CloseDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The trader closes a position, or `size` contracts of it."""

    account: int
    contract: str
    size: int | None = None


class PriceDeed(msgspec.Struct, forbid_unknown_fields=True):
    """A price goes somewhere, or `ticks` further."""

    contract: str
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    ticks: int | None = None


class ClockDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The venue's clock is set, or moved by seconds."""

    at: datetime | None = None
    advance: float | None = None


class SessionDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The market is open, closed, or goes by the clock."""

    gate: Gate


class AccountDeed(msgspec.Struct, forbid_unknown_fields=True):
    """Flags and balance of an account change."""

    account: int
    can_trade: bool | None = None
    deposit: Decimal | None = None
    bracket_mode: BracketMode | None = None


class ByAccountDeed(msgspec.Struct, forbid_unknown_fields=True):
    """Something happens to an account as a whole."""

    account: int


class VoidDeed(msgspec.Struct, forbid_unknown_fields=True):
    """A half-trade is declared void."""

    account: int
    trade: int


class CutDeed(msgspec.Struct, forbid_unknown_fields=True):
    """The next close fills only so many contracts."""

    contracts: int


class HubDeed(msgspec.Struct, forbid_unknown_fields=True):
    """Something happens to a hub: user, market or both."""

    deed: Deed
    hub: str = "both"


class RawDeed(msgspec.Struct, forbid_unknown_fields=True):
    """A hub sends text that no venue should: it goes out as it is, `times` over."""

    text: str
    hub: str = "user"
    times: int = 1


class SessionEndDeed(msgspec.Struct, forbid_unknown_fields=True):
    """Sessions of a user, or of all, end."""

    user: str | None = None
