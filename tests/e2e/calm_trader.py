"""A trader who keeps all his rules, at a played venue that tells of his fills in every order there is."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import cycle, permutations

from risk_manager.core.events import (
    AccountUpdated,
    Event,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    TradeReported,
)
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.trade import Trade
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue

TICK = Decimal("0.25")
TICK_VALUE = Decimal("12.5")
COSTS = Decimal("1.4")
"""Dollars a contract and side."""
STREAM_LAG = 0.04
"""Seconds between two events of one fill."""
STOP_TICKS, TARGET_TICKS = 8, 12


class CalmTrader:
    """Trades ES with brackets; what he does is the venue's truth first, and told by the stream after."""

    def __init__(self, venue: FakeVenue) -> None:
        self.venue = venue
        self.price = Decimal(6000)
        self.balance = Decimal(50000)
        self.fills = 0
        self._orders_of_telling: Iterator[tuple[int, ...]] = cycle(permutations(range(4)))

    async def until(self, instant: datetime) -> None:
        """Wait for a time of day, flat or holding; prices go on."""
        while (left := (instant - self.venue.clock.now()).total_seconds()) > 0:
            self.quote()
            await asyncio.sleep(min(left, 20))

    async def walk(self, ticks: int, *, every: float = 3) -> None:
        """Let the price go so many ticks, one at a time."""
        for _ in range(abs(ticks)):
            self.price += TICK if ticks > 0 else -TICK
            self.quote()
            await asyncio.sleep(every)

    def quote(self) -> None:
        self._tell(QuoteUpdated(at=self.venue.clock.now(), contract_id=ES, last=self.price))

    async def enter(self, side: OrderSide, size: int, *, parts: int = 1) -> tuple[int, int]:
        """Enter by a limit order with a bracket; it fills after a while, in parts. Return its stop and target."""
        entry = self._place(OrderType.LIMIT, side, size)
        stop = self._place(OrderType.STOP, side.opposite, size, parent=entry, status=OrderStatus.SUSPENDED)
        target = self._place(OrderType.LIMIT, side.opposite, size, parent=entry, status=OrderStatus.SUSPENDED)
        for order_id in (stop, target, entry):
            self._tell_order(order_id)
            await asyncio.sleep(STREAM_LAG)
        await asyncio.sleep(7)
        for _ in range(parts):
            await self._fill(entry, size // parts)
            await asyncio.sleep(2)
        for order_id in (target, stop):
            await self._change(order_id, status=OrderStatus.OPEN)
        return stop, target

    async def exit_by(self, order_id: int, *, instead_of: int) -> None:
        """Let an exit fill, the venue then cancels the other one of the bracket."""
        await self._fill(order_id, self.venue.orders[order_id].size)
        await self._change(instead_of, status=OrderStatus.CANCELLED)

    async def take_off(self, size: int) -> None:
        """Close a part by hand."""
        side = OrderSide.SELL if self.venue.net[ES] > 0 else OrderSide.BUY
        order_id = self._place(OrderType.MARKET, side, size)
        await self._fill(order_id, size)

    async def resize(self, size: int, *order_ids: int) -> None:
        for order_id in order_ids:
            await self._change(order_id, size=size)

    async def move(self, order_id: int, *, ticks: int) -> None:
        await self._change(order_id, stop_price=(self.venue.orders[order_id].stop_price or self.price) + ticks * TICK)

    def _place(
        self,
        kind: OrderType,
        side: OrderSide,
        size: int,
        *,
        parent: int | None = None,
        status: OrderStatus = OrderStatus.OPEN,
    ) -> int:
        away = -side.sign * TICK
        order = replace(
            self.venue.rest(kind, side, size, tag=None),
            status=status,
            parent_id=parent,
            updated_at=self.venue.clock.now(),
            stop_price=self.price - STOP_TICKS * away if kind is OrderType.STOP else None,
            limit_price=self.price if kind is OrderType.LIMIT else None,
        )
        if kind is OrderType.LIMIT and parent is not None:
            order = replace(order, limit_price=self.price + TARGET_TICKS * away)
        self.venue.orders[order.order_id] = order
        return order.order_id

    async def _change(
        self,
        order_id: int,
        *,
        status: OrderStatus | None = None,
        size: int | None = None,
        stop_price: Decimal | None = None,
    ) -> None:
        order = self.venue.orders[order_id]
        self.venue.orders[order_id] = replace(
            order,
            status=status or order.status,
            size=size or order.size,
            stop_price=stop_price or order.stop_price,
            updated_at=self.venue.clock.now(),
        )
        self._tell_order(order_id)
        await asyncio.sleep(STREAM_LAG)

    async def _fill(self, order_id: int, size: int) -> None:
        """Fill an order in part or whole: the truth at once, its four events one after the other."""
        order = self.venue.orders[order_id]
        at = self.venue.clock.now()
        filled = order.filled_size + size
        status = OrderStatus.FILLED if filled == order.size else order.status
        order = replace(order, filled_size=filled, status=status, updated_at=at)
        self.venue.orders[order_id] = order
        trade = self._book(order, size, at)
        position = self.venue.position(ES)
        events: tuple[Event, ...] = (
            OrderUpdated(at=at, order=order),
            TradeReported(at=at, trade=trade),
            PositionUpdated(at=at, position=position),
            AccountUpdated(at=at, account_id=ACCOUNT, can_trade=True, balance=self.balance),
        )
        for index in next(self._orders_of_telling):
            await asyncio.sleep(STREAM_LAG)
            self._tell(replace(events[index], at=self.venue.clock.now()))

    def _book(self, order: Order, size: int, at: datetime) -> Trade:
        venue, change = self.venue, order.side.sign * size
        before = venue.net.get(ES, 0)
        venue.net[ES] = before + change
        realized = None
        if before * change >= 0:
            venue.opened.setdefault(ES, at)
            cost = abs(before) * venue.average.get(ES, self.price) + size * self.price
            venue.average[ES] = cost / abs(venue.net[ES])
        else:
            realized = (self.price - venue.average[ES]) / TICK * TICK_VALUE * -change
            self.balance += realized
        if not venue.net[ES]:
            venue.opened.pop(ES, None)
            venue.average.pop(ES, None)
        self.balance -= COSTS * size
        self.fills += 1
        trade = Trade(
            trade_id=7000 + self.fills,
            account_id=ACCOUNT,
            contract_id=ES,
            order_id=order.order_id,
            side=order.side,
            size=size,
            price=self.price,
            at=at,
            realized_pnl=realized,
            fees=COSTS * size,
        )
        venue.trades_booked.append(trade)
        venue.listed = [replace(venue.listed[0], balance=self.balance)]
        return trade

    def _tell_order(self, order_id: int) -> None:
        self._tell(OrderUpdated(at=self.venue.clock.now(), order=self.venue.orders[order_id]))

    def _tell(self, event: Event) -> None:
        self.venue.deliver(event)
