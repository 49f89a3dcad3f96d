"""RULE-012, naively: look at all that was told for where each stop ought to be, and at all that was asked for."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from risk_manager.core.actions import Cancel, MoveStop, PlaceStop
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.model.order import Order, OrderSide
from risk_manager.core.model.product import BY_CODE
from risk_manager.core.rules.trade_management import TradeManagement
from tests.models.court import Standing, Wanted
from tests.models.history import STOPS, Held, History

NAME, CODE = "trade_management", "STOP_MANAGED"
_PROTECTING = {"open", "pending", "pending_cancellation"}


class TradeManagementModel:
    """Where the stops belong."""

    def __init__(self, settings: TradeManagement) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, QuoteUpdated | PositionUpdated | OrderUpdated | TradeReported | ClockTicked)

    def instants(self, history: History) -> Iterable[datetime]:
        return [one.at + self.settings.min_interval for one in history.asked if isinstance(one.deed, MoveStop)]

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        of_quote = history.last.contract_id if isinstance(history.last, QuoteUpdated) else None
        for contract, held in history.positions.items():
            if of_quote in {None, contract}:
                for action in self.protect(history, held):
                    subject = contract if isinstance(action, PlaceStop) else str(action.order_id)
                    yield Wanted(NAME, CODE, (action,), subject, breach=False)
        for order_id, order in history.working.items():
            if of_quote is None and order_id in history.own_orders and self.is_orphan(history, order):
                yield Wanted(NAME, CODE, (Cancel(order_id),), str(order_id), breach=False)

    def is_orphan(self, history: History, order: Order) -> bool:
        """Tell whether a stop has no position to protect, neither as reports show it nor as fills make it."""
        held = history.positions.get(order.contract_id)
        shown = held.net if held else 0
        expected = shown + history.unseen_fills(order.contract_id)
        return order.type.value in STOPS and all(net * order.side.sign >= 0 for net in (shown, expected))

    def protect(self, history: History, held: Held) -> Iterator[Cancel | MoveStop | PlaceStop]:
        stops = [
            one
            for one in history.working.values()
            if one.contract_id == held.contract and one.type.value in STOPS and one.side.sign != held.sign
        ]
        missing = 0
        if not history.half_seen(held.contract):
            covered = sum(covers(history, one) for one in stops)
            missing = held.size - covered
            if missing > 0:
                missing = max(0, history.remaining(held.contract) - covered)
        own = min(
            (one for one in stops if one.order_id in history.own_orders and can_be_changed(one)),
            key=lambda one: one.order_id,
            default=None,
        )
        for stop in stops:
            if can_be_changed(stop):
                yield from self.keep(history, held, stop, stop.size + (missing if stop is own else 0))
        if missing > 0 and own is None and not history.is_placing(held.contract):
            yield from self.place(history, held, missing)

    # where

    def wanted(self, held: Held, best: Decimal | None) -> list[tuple[Decimal, int]]:
        """Tell where the best price that there has been wants a stop, and by how many ticks it must better one."""
        if best is None:
            return []
        tick = BY_CODE[held.contract.split(".")[3]].tick_size
        profit = (best - held.price) * held.sign / tick
        found = []
        even, trail = self.settings.auto_breakeven, self.settings.trailing_stop
        if even is not None and profit >= even.trigger_ticks:
            found.append((on_tick(held.price + held.sign * even.offset_ticks * tick, held), 0))
        if trail is not None and profit >= trail.activation_ticks:
            found.append((on_tick(best - held.sign * trail.distance_ticks * tick, held), trail.step_ticks))
        return found

    def is_on_the_right_side(self, history: History, held: Held, price: Decimal) -> bool:
        prices = history.prices(held.contract)
        market = prices["bid" if held.net > 0 else "ask"]
        market = prices["last"] if market is None else market
        return market is not None and (market - price) * held.sign > 0

    # what

    def keep(self, history: History, held: Held, stop: Order, size: int) -> Iterator[Cancel | MoveStop]:
        """Bring one stop to its place and size."""
        asked, unanswered = history.asked_of(stop.order_id), history.unanswered(stop.order_id)
        if asked is not None and history.now < asked.at + self.settings.min_interval:
            return
        if size <= stop.filled_size and size != stop.size:
            yield Cancel(stop.order_id)
            return
        price = stop.stop_price or Decimal(0)
        if unanswered is not None:
            price = max(price, unanswered.deed.stop, key=lambda one: one * held.sign)
        allowed = [
            one
            for one, step in self.wanted(held, history.best_marks.get(held.contract))
            if self.is_better(history, held, stop, one, price, step)
        ]
        wants_size = size != stop.size and (unanswered is None or unanswered.deed.size != size)
        if allowed or wants_size:
            target = max([price, *allowed], key=lambda one: one * held.sign)
            yield MoveStop(order_id=stop.order_id, stop=target, size=size if wants_size else None)

    def is_better(  # noqa: PLR0917 - what the comparison is about
        self, history: History, held: Held, stop: Order, wanted: Decimal, price: Decimal, step: int
    ) -> bool:
        tick = BY_CODE[held.contract.split(".")[3]].tick_size
        gain = (wanted - price) * held.sign
        if gain <= 0 or gain < step * tick or not self.is_on_the_right_side(history, held, wanted):
            return False
        by_hand = history.moved_by_hand(stop.order_id)
        if by_hand is None:
            return True
        then = [one for one, _ in self.wanted(held, by_hand.best_marks.get(held.contract))]
        return all((wanted - one) * held.sign > 0 for one in then)

    def place(self, history: History, held: Held, size: int) -> Iterator[PlaceStop]:
        """Place a stop for what none covers."""
        levels = [one for one, _ in self.wanted(held, history.best_marks.get(held.contract))]
        if self.settings.auto_stop is not None:
            tick = BY_CODE[held.contract.split(".")[3]].tick_size
            levels.append(on_tick(held.price - held.sign * self.settings.auto_stop.ticks * tick, held))
        allowed = [one for one in levels if self.is_on_the_right_side(history, held, one)]
        if allowed:
            side = OrderSide.SELL if held.net > 0 else OrderSide.BUY
            price = max(allowed, key=lambda one: one * held.sign)
            yield PlaceStop(contract_id=held.contract, side=side, size=size, stop=price)


def can_be_changed(stop: Order) -> bool:
    return stop.status.value == "open" and stop.type.value != "trailing_stop" and stop.stop_price is not None


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
