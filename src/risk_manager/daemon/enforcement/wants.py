"""What is still to be asked for: the goals of an account against what a reading shows (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from risk_manager.core.model.order import Order, OrderStatus
from risk_manager.daemon.enforcement.goals import Goals, Reading
from risk_manager.daemon.enforcement.requests import (
    CancelOrder,
    ClosePosition,
    Key,
    ReducePosition,
    Request,
    ResizeOrder,
)

EXIT_PATIENCE = 10.0
"""Seconds for which a market order that is still working is waited for, before it is cancelled like any other."""


@dataclass(slots=True)
class Wants:
    """Keeps nothing but since when each working exit has been seen (monotonic seconds)."""

    _exits_seen: dict[int, float] = field(default_factory=dict)

    def note_exits(self, goals: Goals, reading: Reading) -> None:
        """Note which exits are working, and since when."""
        working = {order.order_id for held in goals.targets for order in reading.exits(held)}
        self._exits_seen = {order_id: self._exits_seen.get(order_id, reading.sent_at) for order_id in working}

    def requests(self, goals: Goals, seen: Reading) -> list[Request]:
        """List what is wanted: exits first, then cancels, then sizes; one request for each position and order."""
        wanted: dict[Key, Request] = {}
        for contract_id, most in goals.targets.items():
            size = seen.size(contract_id)
            if size > most and not seen.exits(contract_id):
                exit_request = ClosePosition(contract_id) if most == 0 else ReducePosition(contract_id, size - most)
                wanted[exit_request.key] = exit_request
        for order_id in sorted(goals.cancels & seen.orders.keys()):
            wanted.setdefault(("order", order_id), CancelOrder(order_id))
        for contract_id, most in goals.targets.items():
            for request in self.leftovers(contract_id, most, seen):
                wanted.setdefault(request.key, request)
        for order_id, most in goals.sizes.items():
            if not fits(seen.orders.get(order_id), most):
                wanted.setdefault(("order", order_id), ResizeOrder(order_id, most))
        return [request for request in wanted.values() if not _is_ending(request, seen)]

    def leftovers(self, contract_id: str, most: int, reading: Reading) -> Iterator[Request]:
        """Tell what of a contract's orders must still be cancelled or made smaller, so that `most` contracts remain."""
        position = reading.positions.get(contract_id)
        exits = {order.order_id for order in reading.exits(contract_id)}
        for order in reading.working(contract_id):
            if order.order_id in exits:
                if reading.sent_at >= self._exits_seen.get(order.order_id, reading.sent_at) + EXIT_PATIENCE:
                    yield CancelOrder(order.order_id)
            elif most == 0:
                yield CancelOrder(order.order_id)
            elif position is not None and order.side is position.closing_side and order.remaining > most:
                yield ResizeOrder(order.order_id, order.filled_size + most)


def fits(order: Order | None, most: int) -> bool:
    """Tell whether an order can fill no more than that; one that is gone fits."""
    return order is None or not order.is_working or order.size <= most


def _is_ending(request: Request, seen: Reading) -> bool:
    """Tell whether an order is being cancelled already, which needs no second request."""
    if not isinstance(request, CancelOrder):
        return False
    order = seen.orders.get(request.order_id)
    return order is not None and order.status is OrderStatus.PENDING_CANCELLATION
