"""What is being enforced: a breach that is on its way to its end is not decided again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from risk_manager.core.state.lockouts import LockKey

BreachKey = tuple[str, str, str]
"""Rule, reason code and subject of a decision."""


@dataclass(slots=True)
class Aims:
    """What should become of named positions and orders."""

    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    """(contract id, incarnation) → contracts that may remain."""
    orders: dict[int, int] = field(default_factory=dict)
    """Order id → total size that may remain; 0 is cancelled."""

    def covers_position(self, key: tuple[str, int], size: int) -> bool:
        """Tell whether a position will come down to a size."""
        mine = self.positions.get(key)
        return mine is not None and mine <= size

    def covers_order(self, order_id: int, size: int) -> bool:
        """Tell whether an order will come down to a total size."""
        mine = self.orders.get(order_id)
        return mine is not None and mine <= size

    def add(self, other: "Aims") -> None:
        """Take the stricter of both for everything named."""
        for key, size in other.positions.items():
            self.positions[key] = min(size, self.positions.get(key, size))
        for order_id, size in other.orders.items():
            self.orders[order_id] = min(size, self.orders.get(order_id, size))

    def less(self, covered: "Aims") -> "Aims":
        """List what is left when others take care of their part."""
        return Aims(
            {key: size for key, size in self.positions.items() if not covered.covers_position(key, size)},
            {one: size for one, size in self.orders.items() if not covered.covers_order(one, size)},
        )

    def as_far_as(self, wanted: "Aims") -> "Aims":
        """List what is still wanted of these, and no more of it than that."""
        return Aims(
            {key: max(size, wanted.positions[key]) for key, size in self.positions.items() if key in wanted.positions},
            {one: max(size, wanted.orders[one]) for one, size in self.orders.items() if one in wanted.orders},
        )

    def without(self, contract_id: str, orders: set[int]) -> "Aims":
        """List what is left without a contract and its orders."""
        return Aims(
            {key: size for key, size in self.positions.items() if key[0] != contract_id},
            {one: size for one, size in self.orders.items() if one not in orders},
        )

    def __bool__(self) -> bool:
        return bool(self.positions or self.orders)


@dataclass(slots=True)
class Enforcement:
    """One breach being enforced: until what it named is gone and its locks have ended."""

    aims: Aims = field(default_factory=Aims)
    locks: set[LockKey] = field(default_factory=set)
    severity: Decimal | int | None = None
    lasting: bool = False
    """It is over only when the breach is (shadow mode and warnings, which nothing brings to an end)."""


@dataclass(slots=True)
class Enforcements:
    """Enforcements by breach, and how bad the breaches were that an admin has cleared."""

    by_key: dict[BreachKey, Enforcement] = field(default_factory=dict)
    cleared: dict[BreachKey, Decimal | int | None] = field(default_factory=dict)

    def under_way(self) -> Aims:
        """Add up what all of them aim at."""
        total = Aims()
        for enforcement in self.by_key.values():
            aims = enforcement.aims
            if (aims.positions or aims.orders) and not enforcement.lasting:
                total.add(aims)
        return total

    def will_leave(self, contract_id: str, incarnation: int, *, of: int) -> int:
        """Tell how many contracts, `of` so many, any of them is going to leave of a position."""
        key = (contract_id, incarnation)
        sizes = [
            one.aims.positions[key] for one in self.by_key.values() if key in one.aims.positions and not one.lasting
        ]
        return min(of, *sizes) if sizes else of

    def is_closing(self, contract_id: str, incarnation: int) -> bool:
        """Tell whether any of them is about to end a position."""
        return self.will_leave(contract_id, incarnation, of=1) == 0

    def finish(self, contract_id: str | None, orders: Iterable[int]) -> None:
        """Take what was reported done off every enforcement: a contract and its orders, or (None) everything."""
        gone = set(orders)
        for enforcement in self.by_key.values():
            if enforcement.lasting:
                continue
            aims = enforcement.aims
            if contract_id is None:
                enforcement.aims = Aims()
                continue
            enforcement.aims = aims.without(contract_id, gone)

    def fail(self, contract_id: str | None, orders: Iterable[int]) -> None:
        """Forget what was reported failed: a contract and its orders, or (None) everything.

        What still breaches of it is decided again; other contracts of the same breach are under way as before.
        """
        its_orders = set(orders)
        for key, enforcement in list(self.by_key.items()):
            if enforcement.lasting:
                continue
            left = Aims() if contract_id is None else enforcement.aims.without(contract_id, its_orders)
            if contract_id is not None and left == enforcement.aims:
                continue
            enforcement.aims = left
            if not left:
                del self.by_key[key]

    def end_with(self, ended: set[LockKey]) -> None:
        """End the enforcement of breaches whose locks their own rule has ended: one that comes back is another."""
        self._end_locked_by(ended)

    def clear_locks(self, ended: set[LockKey]) -> None:
        """End the enforcement of breaches whose locks an admin has ended, and remember how bad they were."""
        self.cleared |= {key: enforcement.severity for key, enforcement in self._end_locked_by(ended).items()}

    def _end_locked_by(self, ended: set[LockKey]) -> dict[BreachKey, Enforcement]:
        return {key: self.by_key.pop(key) for key, one in list(self.by_key.items()) if one.locks & ended}
