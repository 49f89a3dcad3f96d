"""What an account must come to look like at the venue: the actions of its plans as one set of aims."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Reduce,
    Resize,
)
from risk_manager.core.model.order import Order, OrderStatus, OrderType
from risk_manager.core.model.position import Position

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An account's positions and working orders as known at one instant.

    `sent_at` (monotonic seconds) is when the first of its requests left: what it tells is at least that young.
    """

    sent_at: float
    positions: Mapping[str, Position] = field(default_factory=dict)
    orders: Mapping[int, Order] = field(default_factory=dict)
    closing: Mapping[int, Order] = field(default_factory=dict)
    """Closes of the daemon's own that may still fill, where known apart: waited for, and no order to cancel."""
    doubtful: frozenset[str] = frozenset()
    """Contracts whose position and fills disagree for the moment: a late report may be the reason."""

    def size(self, contract_id: str) -> int:
        """Contracts held, unsigned."""
        position = self.positions.get(contract_id)
        return 0 if position is None else position.size

    def net_size(self, contract_id: str) -> int:
        """Contracts held, long positive."""
        position = self.positions.get(contract_id)
        return 0 if position is None else position.net_size

    def working(self, contract_id: str) -> tuple[Order, ...]:
        """The orders of a contract that may still fill."""
        return tuple(order for order in self.orders.values() if order.contract_id == contract_id and order.is_working)

    def market_orders(self, contract_id: str) -> tuple[Order, ...]:
        """Working market orders without a tag: what a close request turns into at the venue.

        A suspended one, the child of an entry, is none: it fills when its parent has, which may be never.
        """
        orders = {**self.orders, **self.closing} if self.closing else self.orders
        return tuple(
            [
                order
                for order in orders.values()
                if order.contract_id == contract_id
                and order.type is OrderType.MARKET
                and order.tag is None
                and order.is_working
                and order.status is not OrderStatus.SUSPENDED
            ]
        )

    def exits(self, contract_id: str) -> tuple[Order, ...]:
        """Working market orders that may be taking the position down, ours or the trader's own.

        While the position is gone already and its order not, either side may be the one.
        """
        orders = self.market_orders(contract_id)
        position = self.positions.get(contract_id) if orders else None
        if position is None or not position.net_size:
            return orders
        return tuple(order for order in orders if order.side is position.closing_side)


@dataclass(frozen=True, slots=True)
class Goals:
    """Aims that are not proven yet.

    `targets`: the most contracts that a contract may hold (0: flat, without working orders). `cancels`: orders
    that must be gone. `sizes`: the largest total size of an order. `every_position` and `every_order` stand for
    what the next reading finds; it gives them names, and what appears later is a matter of its own.
    """

    targets: Mapping[str, int] = field(default_factory=dict)
    cancels: frozenset[int] = frozenset()
    sizes: Mapping[int, int] = field(default_factory=dict)
    every_position: bool = False
    every_order: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything is left to prove."""
        return bool(self.targets or self.cancels or self.sizes or self.every_position or self.every_order)

    def covers(self, other: Self) -> bool:
        """Tell whether all that another aims at is aimed at here too."""
        return self.merged(other) == self

    def merged(self, other: Self) -> Self:
        """Add further aims: the lower target and the smaller size win."""
        if not other:
            return self
        if not self:
            return other
        return type(self)(
            targets=_lowest(self.targets, other.targets),
            cancels=self.cancels | other.cancels,
            sizes=_lowest(self.sizes, other.sizes),
            every_position=self.every_position or other.every_position,
            every_order=self.every_order or other.every_order,
        )

    def named(self, reading: Reading) -> Self:
        """Put names to "every": the positions and orders that are there now."""
        if not self.every_position and not self.every_order:
            return self
        targets = dict(self.targets)
        if self.every_position:
            targets |= dict.fromkeys((held for held in reading.positions if reading.size(held)), 0)
        cancels = self.cancels
        if self.every_order:
            # a close that is filling is waited for like any exit of its contract, not cancelled
            exits = {order.order_id for one in targets for order in reading.market_orders(one)}
            cancels |= {order.order_id for order in reading.orders.values() if order.is_working} - exits
        return replace(self, targets=targets, cancels=cancels)

    def settled(self) -> Self:
        """Drop "every", once a reading has put names to it."""
        return replace(self, every_position=False, every_order=False)

    def without(self, *, targets: Iterable[str], cancels: Iterable[int], sizes: Iterable[int]) -> Self:
        """Drop the aims that are reached."""
        gone_targets, gone_sizes = set(targets), set(sizes)
        return replace(
            self,
            targets={held: most for held, most in self.targets.items() if held not in gone_targets},
            cancels=self.cancels - set(cancels),
            sizes={order_id: most for order_id, most in self.sizes.items() if order_id not in gone_sizes},
        )


def _lowest(first: Mapping[Key, int], second: Mapping[Key, int]) -> dict[Key, int]:
    merged = dict(first)
    for key, most in second.items():
        merged[key] = min(most, merged.get(key, most))
    return merged


def goals_of(actions: Iterable[Action], seen: Reading, root_of: Callable[[str], str]) -> Goals:
    """Turn a plan's actions into aims; `seen` is what is known of the account now.

    Locks, unlocks and warnings ask nothing of the venue, and stops are placed and moved once, not pursued.
    """
    targets: dict[str, int] = {}
    cancels: set[int] = set()
    sizes: dict[int, int] = {}
    every_position = every_order = False
    for action in actions:
        match action:
            case Close(contract_id):
                targets[contract_id] = 0
            case Reduce(contract_id, to):
                targets[contract_id] = min(to, targets.get(contract_id, to))
            case CloseAll():
                every_position = True
            case Cancel(order_id):
                cancels.add(order_id)
            case CancelSymbol(root):
                cancels.update([one.order_id for one in seen.orders.values() if root_of(one.contract_id) == root])
            case CancelAll():
                every_order = True
            case Resize(order_id, size):
                sizes[order_id] = min(size, sizes.get(order_id, size))
            case _:
                continue
    return Goals(targets, frozenset(cancels), sizes, every_position, every_order).named(seen)
