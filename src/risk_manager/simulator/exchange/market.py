"""The price of one contract, walking at random from a seed or moved by hand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random

from risk_manager.simulator.exchange.contracts import Contract

SECONDS_KEPT = 100_000


@dataclass(slots=True)
class Second:
    """What was traded in one second."""

    at: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@dataclass(slots=True)
class Market:
    """Bid, ask and last of one contract; every price is on the grid of ticks."""

    contract: Contract
    random: Random
    bid: Decimal = field(init=False)
    ask: Decimal = field(init=False)
    last: Decimal = field(init=False)
    open: Decimal = field(init=False)
    high: Decimal = field(init=False)
    low: Decimal = field(init=False)
    volume: int = 0
    last_size: int = 0
    last_side: int = 0
    at: datetime | None = None
    seconds: deque[Second] = field(default_factory=lambda: deque(maxlen=SECONDS_KEPT))

    def __post_init__(self) -> None:
        start = self.contract.rounded(self.contract.opening_price)
        self.bid = self.last = self.open = self.high = self.low = start
        self.ask = start + self.contract.tick_size

    def walk(self, now: datetime) -> bool:
        """Take one random step; True when a trade printed."""
        step = self.random.choice((-2, -1, -1, 0, 0, 1, 1, 2)) * self.contract.tick_size
        if self.bid + step > self.contract.tick_size:
            self.bid += step
            self.ask += step
        self.at = now
        if self.random.random() < 0.5:  # noqa: PLR2004 - about half of the quotes come with a print
            return False
        self.last_side = self.random.randrange(2)
        self.print_trade(self.bid if self.last_side else self.ask, size=self.random.randint(1, 9), now=now)
        return True

    def print_trade(self, price: Decimal, *, size: int, now: datetime) -> None:
        """Record a trade at that price."""
        self.at = now
        self.last = price
        self.last_size = size
        self.volume += size
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self._record(price, size, int(now.timestamp()))

    def put(self, *, now: datetime, last: Decimal | None, bid: Decimal | None, ask: Decimal | None) -> None:
        """Move the price there; what is not given follows the rest, one tick apart."""
        tick = self.contract.tick_size
        if bid is None:
            bid = last if last is not None else (ask - tick if ask is not None else self.bid)
        if ask is None:
            ask = bid + tick
        self.bid, self.ask = bid, max(ask, bid + tick)
        self.print_trade(last if last is not None else self.bid, size=1, now=now)

    def _record(self, price: Decimal, size: int, second: int) -> None:
        if not self.seconds or self.seconds[-1].at != second:
            self.seconds.append(Second(second, price, price, price, price, size))
            return
        current = self.seconds[-1]
        current.high = max(current.high, price)
        current.low = min(current.low, price)
        current.close = price
        current.volume += size
