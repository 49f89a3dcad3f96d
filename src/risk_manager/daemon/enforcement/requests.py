"""What can be asked of the venue, as values; `key` tells what a request changes, and only one at a time may."""

from collections.abc import Coroutine
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from risk_manager.core.model.order import OrderSide
from risk_manager.gateway.port import Answer, Venue

Key = tuple[str, str | int]
Answering = Coroutine[Any, Any, Answer]


@dataclass(frozen=True, slots=True)
class ClosePosition:
    """A market order against the whole position."""

    contract_id: str

    @property
    def key(self) -> Key:
        """The position that it changes."""
        return ("position", self.contract_id)

    def send(self, venue: Venue, account_id: int) -> Answering:
        """Send it, and return what waits for the answer."""
        return venue.close(account_id, self.contract_id)


@dataclass(frozen=True, slots=True)
class ReducePosition:
    """A market order against `size` contracts of the position."""

    contract_id: str
    size: int

    @property
    def key(self) -> Key:
        """The position that it changes."""
        return ("position", self.contract_id)

    def send(self, venue: Venue, account_id: int) -> Answering:
        """Send it, and return what waits for the answer."""
        return venue.reduce(account_id, self.contract_id, self.size)


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The end of one order."""

    order_id: int

    @property
    def key(self) -> Key:
        """The order that it changes."""
        return ("order", self.order_id)

    def send(self, venue: Venue, account_id: int) -> Answering:
        """Send it, and return what waits for the answer."""
        return venue.cancel(account_id, self.order_id)


@dataclass(frozen=True, slots=True)
class ResizeOrder:
    """A smaller total size for one order, what is filled included."""

    order_id: int
    size: int

    @property
    def key(self) -> Key:
        """The order that it changes."""
        return ("order", self.order_id)

    def send(self, venue: Venue, account_id: int) -> Answering:
        """Send it, and return what waits for the answer."""
        return venue.modify(account_id, self.order_id, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceStopOrder:
    """A new stop order under a tag of its own."""

    contract_id: str
    side: OrderSide
    size: int
    stop: Decimal
    tag: str

    @property
    def key(self) -> Key:
        """The contract's stop: no second one may leave before the fate of this one is known."""
        return ("stop", self.contract_id)

    def send(self, venue: Venue, account_id: int) -> Answering:
        """Send it, and return what waits for the answer."""
        return venue.place_stop(
            account_id, self.contract_id, side=self.side, size=self.size, stop=self.stop, tag=self.tag
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStopOrder:
    """A new stop price, and with a size a new total size, for one order."""

    order_id: int
    stop: Decimal
    size: int | None = None

    @property
    def key(self) -> Key:
        """The order that it changes."""
        return ("order", self.order_id)

    def send(self, venue: Venue, account_id: int) -> Answering:
        """Send it, and return what waits for the answer."""
        return venue.modify(account_id, self.order_id, size=self.size, stop=self.stop)


Request = ClosePosition | ReducePosition | CancelOrder | ResizeOrder | PlaceStopOrder | MoveStopOrder
EXITS = (ClosePosition, ReducePosition)
