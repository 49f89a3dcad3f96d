"""What was asked of stops and no order report has shown yet, and what a trader has changed of them by hand."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from risk_manager.core.actions import Action, MoveStop, PlaceStop
from risk_manager.core.model.order import Order, OrderType
from risk_manager.core.state.positions import Holding

_ANSWERED_WITHIN = timedelta(seconds=6)
"""A full picture asked for later than this after a request shows what became of it: requests take 5 s at most."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change that was asked of a stop order; price and size None once an order report has answered it."""

    at: datetime
    stop: Decimal | None
    size: int | None


@dataclass(frozen=True, slots=True)
class ChangeByHand:
    """A stop that somebody else moved, and how far its position had come by then; None: no mark was known."""

    incarnation: int
    best_mark: Decimal | None


@dataclass(slots=True)
class StopRequests:
    """When stops were last asked for: new ones by contract, changed ones by order id."""

    placed: dict[str, datetime] = field(default_factory=dict)
    moved: dict[int, Move] = field(default_factory=dict)
    asked: dict[int, Decimal] = field(default_factory=dict)
    """The price last asked for, by order id: an order that is told to stand there was not moved by hand."""
    by_hand: dict[int, ChangeByHand] = field(default_factory=dict)
    """The latest change made by hand, by order id: what was wanted before it is wanted no more."""

    def note(self, action: Action, now: datetime) -> None:
        """Remember that a plan asks for a stop."""
        match action:
            case PlaceStop(contract_id=contract_id):
                self.placed[contract_id] = now
            case MoveStop(order_id=order_id, stop=stop, size=size):
                self.moved[order_id] = Move(now, stop, size)
                self.asked[order_id] = stop
            case _:
                pass

    def answered(self, contract_id: str) -> None:
        """A stop of the daemon has appeared in a contract. One that failed is asked for again after a later picture."""
        self.placed.pop(contract_id, None)

    def follow(self, before: Order | None, now: Order, holding: Holding | None) -> None:
        """Take in what is told of an order: what was asked of it has been answered, in whatever way."""
        move = self.moved.get(now.order_id)
        if move is not None:
            self.moved[now.order_id] = Move(move.at, None, None)
        if not now.is_working:
            self.gone(now.order_id)
        elif before is not None and holding is not None and _has_been_moved(before, now):
            self._changed(now, holding)

    def _changed(self, order: Order, holding: Holding) -> None:
        """Tell a stop that has come to where it was asked to from one that was moved by hand."""
        if self.asked.get(order.order_id) == order.stop_price:
            self.by_hand.pop(order.order_id, None)
        else:
            self.by_hand[order.order_id] = ChangeByHand(holding.incarnation, holding.best_mark)

    def gone(self, order_id: int) -> None:
        """An order has come to its end."""
        self.moved.pop(order_id, None)
        self.asked.pop(order_id, None)
        self.by_hand.pop(order_id, None)

    def pictured(self, as_of: datetime, orders: Container[int]) -> None:
        """A full picture shows what became of all requests that had their answer by then, and which orders are left."""
        for contract_id in [one for one, at in self.placed.items() if as_of - at > _ANSWERED_WITHIN]:
            del self.placed[contract_id]
        for order_id, move in self.moved.items():
            if as_of - move.at > _ANSWERED_WITHIN:
                self.moved[order_id] = Move(move.at, None, None)
        for order_id in [one for one in {*self.moved, *self.by_hand} if one not in orders]:
            self.gone(order_id)


def _has_been_moved(before: Order, now: Order) -> bool:
    """Tell whether a stop stands elsewhere now; a trailing one moves by itself."""
    if now.type is OrderType.TRAILING_STOP or before.stop_price is None:
        return False
    return before.stop_price != now.stop_price
