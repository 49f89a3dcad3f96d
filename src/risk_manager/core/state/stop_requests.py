"""Stops that were asked for and that no order report has shown yet."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from risk_manager.core.actions import Action, MoveStop, PlaceStop

_ANSWERED_WITHIN = timedelta(seconds=6)
"""A full picture asked for later than this after a request shows what became of it: requests take 5 s at most."""


@dataclass(slots=True)
class StopRequests:
    """When stops were last asked for: new ones by contract, changed ones by order id."""

    placed: dict[str, datetime] = field(default_factory=dict)
    moved: dict[int, datetime] = field(default_factory=dict)

    def note(self, action: Action, now: datetime) -> None:
        """Remember that a plan asks for a stop."""
        match action:
            case PlaceStop(contract_id=contract_id):
                self.placed[contract_id] = now
            case MoveStop(order_id=order_id):
                self.moved[order_id] = now
            case _:
                pass

    def answered(self, contract_id: str) -> None:
        """A stop of the daemon has appeared in a contract, or the request for it has failed."""
        self.placed.pop(contract_id, None)

    def gone(self, order_id: int) -> None:
        """An order has come to its end."""
        self.moved.pop(order_id, None)

    def pictured(self, as_of: datetime) -> None:
        """A full picture shows what became of all requests that had their answer by then."""
        for contract_id in [one for one, at in self.placed.items() if as_of - at > _ANSWERED_WITHIN]:
            del self.placed[contract_id]
