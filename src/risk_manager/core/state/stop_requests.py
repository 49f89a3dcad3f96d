"""Stops that were asked for and that no order report has shown yet."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from risk_manager.core.actions import Action, MoveStop, PlaceStop

_ANSWERED_WITHIN = timedelta(seconds=6)
"""A full picture asked for later than this after a request shows what became of it: requests take 5 s at most."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change that was asked of a stop order; price and size None once an order report has answered it."""

    at: datetime
    stop: Decimal | None
    size: int | None


@dataclass(slots=True)
class StopRequests:
    """When stops were last asked for: new ones by contract, changed ones by order id."""

    placed: dict[str, datetime] = field(default_factory=dict)
    moved: dict[int, Move] = field(default_factory=dict)

    def note(self, action: Action, now: datetime) -> None:
        """Remember that a plan asks for a stop."""
        match action:
            case PlaceStop(contract_id=contract_id):
                self.placed[contract_id] = now
            case MoveStop(order_id=order_id, stop=stop, size=size):
                self.moved[order_id] = Move(now, stop, size)
            case _:
                pass

    def answered(self, contract_id: str) -> None:
        """A stop of the daemon has appeared in a contract. One that failed is asked for again after a later picture."""
        self.placed.pop(contract_id, None)

    def reported(self, order_id: int) -> None:
        """An order has been told of anew: what was asked of it has been answered, in whatever way."""
        move = self.moved.get(order_id)
        if move is not None:
            self.moved[order_id] = Move(move.at, None, None)

    def gone(self, order_id: int) -> None:
        """An order has come to its end."""
        self.moved.pop(order_id, None)

    def pictured(self, as_of: datetime) -> None:
        """A full picture shows what became of all requests that had their answer by then."""
        for contract_id in [one for one, at in self.placed.items() if as_of - at > _ANSWERED_WITHIN]:
            del self.placed[contract_id]
        for order_id in [one for one, move in self.moved.items() if as_of - move.at > _ANSWERED_WITHIN]:
            del self.moved[order_id]
