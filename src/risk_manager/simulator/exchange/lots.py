"""A position as a queue of lots: first in, first out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.orders import Side


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a fill that meets one lot; `pnl` in gross dollars, None for an opening part."""

    size: int
    pnl: Decimal | None


@dataclass(slots=True)
class Position:
    """The netted holding of one account in one contract."""

    id: int
    account_id: int
    contract: Contract
    created_at: datetime
    net_size: int = 0
    lots: deque[tuple[Decimal, int]] = field(default_factory=deque)
    last_average: Decimal = field(default_factory=Decimal)

    @property
    def size(self) -> int:
        """Contracts held, without a sign."""
        return abs(self.net_size)

    @property
    def average_price(self) -> Decimal:
        """Average entry of the lots that are left; of the last ones when flat."""
        held = sum(size for _, size in self.lots)
        if not held:
            return self.last_average
        return sum((price * size for price, size in self.lots), Decimal(0)) / held

    def open_pnl(self, *, bid: Decimal, ask: Decimal) -> Decimal:
        """Gross dollars if it were closed at once."""
        mark = bid if self.net_size > 0 else ask
        sign = 1 if self.net_size > 0 else -1
        return sum((self.contract.pnl((mark - price) * sign, size) for price, size in self.lots), Decimal(0))

    def apply(self, side: Side, size: int, price: Decimal) -> list[Slice]:
        """Take a fill in: one slice for each lot it closes, then one for what it opens."""
        slices: list[Slice] = []
        while size and self.net_size * side.sign < 0:
            slices.append(self._reduce(side, size, price))
            size -= slices[-1].size
        if size:
            self.lots.append((price, size))
            self.net_size += side.sign * size
            slices.append(Slice(size, None))
        return slices

    def _reduce(self, side: Side, size: int, price: Decimal) -> Slice:
        self.last_average = self.average_price
        entry, held = self.lots.popleft()
        taken = min(size, held)
        if held > taken:
            self.lots.appendleft((entry, held - taken))
        self.net_size += side.sign * taken
        return Slice(taken, self.contract.pnl((entry - price) * side.sign, taken))
