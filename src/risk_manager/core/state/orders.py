"""The orders of an account as last heard of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from risk_manager.core.model.order import Order, OrderType


@dataclass(slots=True)
class Orders:
    """Orders by id: an end is final, and what is older than what is known changes nothing."""

    by_id: dict[int, Order] = field(default_factory=dict)
    working: dict[int, Order] = field(default_factory=dict)
    """Those that may still fill, except the market orders with which the daemon itself closes."""
    exiting: dict[int, Order] = field(default_factory=dict)
    """Those: beside one that may still fill, also one of an earlier life, no other close may leave."""
    seen_at: dict[int, datetime] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    """Ids of orders that the daemon sent."""
    _by_contract: dict[str, dict[int, Order]] = field(default_factory=dict)
    """The working ones once more: with every price it is asked which of them protect a position."""

    def learn(self, order: Order, at: datetime) -> bool:
        """Take an order's state in, heard at `at`; tell whether it taught anything."""
        known = self.by_id.get(order.order_id)
        if known is not None:
            if known == order or not known.is_working or _is_older(order, known):
                return False
            if order.filled_size < known.filled_size:
                order = replace(order, filled_size=known.filled_size)
        self.by_id[order.order_id] = order
        self.seen_at[order.order_id] = at
        self._sort_in(order)
        return True

    def restore(self, orders: Iterable[Order]) -> None:
        """Take in what was stored."""
        for order in orders:
            self.by_id[order.order_id] = order
            self._sort_in(order)

    def _sort_in(self, order: Order) -> None:
        self._take_out(order.order_id)
        self.exiting.pop(order.order_id, None)
        if not order.is_working:
            return
        if order.type is OrderType.MARKET and order.order_id in self.own:
            self.exiting[order.order_id] = order
            return
        self.working[order.order_id] = order
        self._by_contract.setdefault(order.contract_id, {})[order.order_id] = order

    def _take_out(self, order_id: int) -> None:
        order = self.working.pop(order_id, None)
        if order is None:
            return
        siblings = self._by_contract[order.contract_id]
        del siblings[order_id]
        if not siblings:
            del self._by_contract[order.contract_id]

    def drop_missing(self, present: frozenset[int], as_of: datetime) -> None:
        """Forget working orders that a full picture no longer shows, unless they were heard of after it."""
        for order_id in [one for one in self.working if one not in present and self.seen_at[one] <= as_of]:
            self._take_out(order_id)
            del self.by_id[order_id], self.seen_at[order_id]
        for order_id in [one for one in self.exiting if one not in present and self.seen_at[one] <= as_of]:
            del self.exiting[order_id]

    def of_contract(self, contract_id: str) -> Collection[Order]:
        """List the working orders of a contract."""
        orders = self._by_contract.get(contract_id)
        return () if orders is None else orders.values()

    def parents(self) -> set[int]:
        """Name the orders of which working ones are children."""
        return {order.parent_id for order in self.working.values() if order.parent_id is not None}

    def forget_before(self, instant: datetime) -> None:
        """Drop ended orders last heard of before an instant; not parents, for by their fills a child protects."""
        alive = self.working.keys() | self.exiting.keys() | self.parents()
        for order_id in [one for one, at in self.seen_at.items() if at < instant and one not in alive]:
            del self.by_id[order_id], self.seen_at[order_id]
            self.own.discard(order_id)


def _is_older(order: Order, known: Order) -> bool:
    return order.updated_at is not None and known.updated_at is not None and order.updated_at < known.updated_at
