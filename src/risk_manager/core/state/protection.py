"""Whether working stops cover a position."""

from collections.abc import Iterable, Mapping

from risk_manager.core.model.order import STOPS, Order, OrderStatus
from risk_manager.core.model.position import Position

_PROTECTING = frozenset({OrderStatus.OPEN, OrderStatus.PENDING, OrderStatus.PENDING_CANCELLATION})
"""Working statuses that protect; a suspended child protects as far as its parent has filled, an unknown one never."""


def protected_size(position: Position, orders: Iterable[Order], known: Mapping[int, Order]) -> int:
    """Tell how many contracts of a position stops would close; `known` finds the parents of bracket children."""
    return size_of(stops_of(position, orders), known)


def stops_of(position: Position, orders: Iterable[Order]) -> list[Order]:
    """List the stop orders that can close a position."""
    contract_id, side = position.contract_id, position.closing_side
    return [one for one in orders if one.contract_id == contract_id and one.side is side and one.type in STOPS]


def size_of(stops: Iterable[Order], known: Mapping[int, Order]) -> int:
    """Tell how many contracts working stops would close."""
    return sum([_protects(stop, known) for stop in stops])


def _protects(stop: Order, known: Mapping[int, Order]) -> int:
    if stop.status in _PROTECTING:
        return stop.remaining
    if stop.status is not OrderStatus.SUSPENDED or stop.parent_id is None:
        return 0
    parent = known.get(stop.parent_id)
    return min(stop.remaining, parent.filled_size) if parent else 0
