"""RULE-012, naively: look at all that was told for where each stop ought to be, and at all that was asked for."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from risk_manager.core.actions import Action, Cancel, MoveStop, PlaceStop
from risk_manager.core.events import Event, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.model.order import Order, OrderSide
from risk_manager.core.model.product import BY_CODE
from risk_manager.core.rules.trade_management import TradeManagement
from tests.models.court import Standing, Wanted
from tests.models.history import STOPS, Held, History

NAME, CODE = "trade_management", "STOP_MANAGED"
_ANSWER = timedelta(seconds=6)
_PROTECTING = {"open", "pending", "pending_cancellation"}


class TradeManagementModel:
    """Where the stops belong."""

    def __init__(self, settings: TradeManagement) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, QuoteUpdated | PositionUpdated | OrderUpdated | TradeReported)

    def instants(self, history: History) -> Iterable[datetime]:
        return [at + self.settings.min_interval for at, one in history.asked if isinstance(one, MoveStop)]

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        for contract, held in history.positions.items():
            if not history.half_seen(contract):
                for action in self.protect(history, held):
                    subject = str(action.order_id) if isinstance(action, MoveStop) else contract
                    yield Wanted(NAME, CODE, (action,), subject, breach=False)
        for order_id, order in history.working.items():
            if order_id in history.own_orders and order.type.value in STOPS and self.is_orphan(history, order):
                yield Wanted(NAME, CODE, (Cancel(order_id),), str(order_id), breach=False)

    def is_orphan(self, history: History, order: Order) -> bool:
        """Tell whether the position that a stop of the daemon's was for is gone."""
        held = history.positions.get(order.contract_id)
        return (held is None or held.sign == order.side.sign) and not history.half_seen(order.contract_id)

    def protect(self, history: History, held: Held) -> Iterator[Action]:
        stops = [
            one
            for one in history.working.values()
            if one.contract_id == held.contract and one.type.value in STOPS and one.side.sign != held.sign
        ]
        wanted = self.moved_to(history, held, history.best_mark(held.contract))
        sizes = self.sizes(history, held, stops)
        for stop in stops:
            yield from self.keep(history, held, stop, sizes[stop.order_id], wanted)
        uncovered = held.size - sum(covers(history, one) for one in stops)
        if uncovered > 0:
            yield from self.place(history, held, uncovered, wanted, alone=not stops)

    # where

    def moved_to(self, history: History, held: Held, best: Decimal | None) -> Decimal | None:
        """Tell where the profit that there has been wants a stop."""
        if best is None:
            return None
        tick = BY_CODE[held.contract.split(".")[3]].tick_size
        profit = (best - held.price) * held.sign / tick
        levels = []
        even, trail = self.settings.auto_breakeven, self.settings.trailing_stop
        if even is not None and profit >= even.trigger_ticks:
            levels.append(held.price + held.sign * even.offset_ticks * tick)
        if trail is not None and profit >= trail.activation_ticks:
            levels.append(best - held.sign * trail.distance_ticks * tick)
        on_ticks = [on_tick(one, held) for one in levels]
        return max(on_ticks, key=lambda one: one * held.sign, default=None)

    def is_on_the_right_side(self, history: History, held: Held, price: Decimal) -> bool:
        prices = history.prices(held.contract)
        market = prices["bid" if held.net > 0 else "ask"]
        market = prices["last"] if market is None else market
        return market is not None and (market - price) * held.sign > 0

    # what

    def sizes(self, history: History, held: Held, stops: Sequence[Order]) -> dict[int, int]:
        """Tell the total size that each stop ought to have: the daemon's own follow the position."""
        left = held.size - sum(covers(history, one) for one in stops)
        found = {}
        for stop in sorted(stops, key=lambda one: one.order_id):
            found[stop.order_id] = stop.size
            if left < 0 and stop.order_id in history.own_orders:
                less = min(-left, covers(history, stop))
                found[stop.order_id] -= less
                left += less
        return found

    def keep(self, history: History, held: Held, stop: Order, size: int, wanted: Decimal | None) -> Iterator[Action]:
        """Bring one stop to its place and size."""
        if size - stop.filled_size <= 0:
            yield Cancel(stop.order_id)
            return
        last = history.last_move(stop.order_id)
        if last is not None and history.now < last[0] + self.settings.min_interval:
            return
        price = stop.stop_price
        if price is None or stop.type.value == "trailing_stop":
            return
        if wanted is not None and self.is_better(history, held, stop, price, wanted):
            yield MoveStop(order_id=stop.order_id, stop=wanted, size=None if size == stop.size else size)
        elif size != stop.size:
            yield MoveStop(order_id=stop.order_id, stop=price, size=size)

    def is_better(self, history: History, held: Held, stop: Order, price: Decimal, wanted: Decimal) -> bool:
        if (wanted - price) * held.sign <= 0 or not self.is_on_the_right_side(history, held, wanted):
            return False
        by_hand = history.moved_by_hand(stop.order_id)
        if by_hand is None:
            return True
        then = self.moved_to(history, held, by_hand.best_mark(held.contract))
        return then is None or (wanted - then) * held.sign > 0

    def place(
        self, history: History, held: Held, size: int, wanted: Decimal | None, *, alone: bool
    ) -> Iterator[Action]:
        """Place a stop for what none covers."""
        del alone
        levels = [] if wanted is None else [wanted]
        if self.settings.auto_stop is not None:
            tick = BY_CODE[held.contract.split(".")[3]].tick_size
            levels.append(on_tick(held.price - held.sign * self.settings.auto_stop.ticks * tick, held))
        if not levels or history.is_placing(held.contract):
            return
        price = max(levels, key=lambda one: one * held.sign)
        if self.is_on_the_right_side(history, held, price):
            side = OrderSide.SELL if held.net > 0 else OrderSide.BUY
            yield PlaceStop(contract_id=held.contract, side=side, size=size, stop=price)


def covers(history: History, stop: Order) -> int:
    """Tell how many contracts a stop would close."""
    left = stop.size - stop.filled_size
    if stop.status.value in _PROTECTING:
        return left
    if stop.status.value != "suspended" or stop.parent_id is None:
        return 0
    parent = history.orders.get(stop.parent_id)
    told = sum(one.size for one in history.trades if one.order_id == stop.parent_id)
    return min(left, max(parent.filled_size if parent else 0, told))


def on_tick(price: Decimal, held: Held) -> Decimal:
    """Find the tick that protects more: for a long the higher one, for a short the lower."""
    tick = BY_CODE[held.contract.split(".")[3]].tick_size
    towards = ROUND_CEILING if held.net > 0 else ROUND_FLOOR
    return (price / tick).to_integral_value(towards) * tick
