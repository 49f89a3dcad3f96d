"""Whether working stops cover a position."""

from collections.abc import Callable, Iterable

from risk_manager.core.model.order import STOPS, Order, OrderStatus
from risk_manager.core.model.position import Position

_PROTECTING = frozenset({OrderStatus.OPEN, OrderStatus.PENDING, OrderStatus.PENDING_CANCELLATION})
"""Working statuses that protect; a suspended child protects as far as its parent has filled, an unknown one never."""


Filled = Callable[[int], int]
"""Tells how many contracts of an order, by its id, have filled: 0 of one that is not known."""


def protected_size(position: Position, orders: Iterable[Order], filled: Filled) -> int:
    """Tell how many contracts of a position stops would close; `filled` is asked of the parents of bracket children."""
    return size_of(stops_of(position, orders), filled)


def stops_of(position: Position, orders: Iterable[Order]) -> list[Order]:
    """List the stop orders that can close a position."""
    contract_id, side = position.contract_id, position.closing_side
    return [one for one in orders if one.contract_id == contract_id and one.side is side and one.type in STOPS]


def size_of(stops: Iterable[Order], filled: Filled) -> int:
    """Tell how many contracts working stops would close."""
    return sum([_protects(stop, filled) for stop in stops])


def _protects(stop: Order, filled: Filled) -> int:
    if stop.status in _PROTECTING:
        return stop.remaining
    if stop.status is not OrderStatus.SUSPENDED or stop.parent_id is None:
        return 0
    return min(stop.remaining, filled(stop.parent_id))
