"""RULE-012: give positions a stop, and move it along with their profit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from risk_manager.core.actions import Cancel, MoveStop, PlaceStop
from risk_manager.core.decisions import Decision
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.model.contract import Contract
from risk_manager.core.model.duration import Duration
from risk_manager.core.model.order import STOPS, Order, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.rule import PositiveCount, Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.positions import Holding
from risk_manager.core.state.protection import protected_size, size_of, stops_of
from risk_manager.core.state.quotes import Quote
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER, WHEN_TAKEN_AWAY

_Deed = Cancel | MoveStop | PlaceStop

_MOVABLE = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
"""A trailing stop moves by itself."""
_NEVER = 10**12
"""Ticks that no price has room for."""
_NO_QUOTE = Quote()
"""On neither side of it is anything placed."""


class AutoStop(BaseModel):
    """A stop for a position that has none, so many ticks from its average price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # one that is too near is on the wrong side of the market as soon as the position is there, and never placed
    ticks: Annotated[PositiveCount, WHEN_CHANGED]
    """Its distance from the entry, in ticks."""


class AutoBreakeven(BaseModel):
    """The stop goes to the average price (plus an offset in the profitable direction) at a profit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trigger_ticks: Annotated[PositiveCount, WHEN_HIGHER]
    """At this profit, in ticks, the stop moves to the entry."""
    # less of it gives more back; with more the market is too near for the stop to go there, though it was triggered
    offset_ticks: Annotated[int, Field(ge=0, strict=True), WHEN_CHANGED] = 0
    """So many ticks beyond the entry."""


class TrailingStop(BaseModel):
    """From a profit on, the stop follows the best price at a distance, a step at a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    activation_ticks: Annotated[PositiveCount, WHEN_HIGHER]
    """From this profit on, in ticks, it follows."""
    distance_ticks: Annotated[PositiveCount, WHEN_HIGHER]
    """At this distance from the best price, in ticks."""
    step_ticks: Annotated[PositiveCount, WHEN_HIGHER] = 1
    """It moves by so many ticks at least."""


@dataclass(slots=True)
class _Managed:
    """One position with what is needed to manage it; `sign` +1 long, −1 short."""

    holding: Holding
    contract: Contract
    quote: Quote
    stops: list[Order]

    @property
    def position(self) -> Position:
        return self.holding.position

    @property
    def sign(self) -> int:
        return 1 if self.position.net_size > 0 else -1

    def from_average(self, ticks: int) -> Decimal:
        """Find the price so many ticks on the profitable side of the average (negative: losing side), on a tick."""
        return self.protective(self.position.average_price + self.sign * ticks * self.contract.tick_size)

    def protective(self, price: Decimal) -> Decimal:
        """Bring a price to a tick, to the one that protects more."""
        return self.contract.tick_at_or_above(price) if self.sign > 0 else self.contract.tick_at_or_below(price)

    def profit_at(self, price: Decimal) -> Decimal:
        """Tell in ticks how far a price is on the profitable side of the average price."""
        return (price - self.position.average_price) * self.sign / self.contract.tick_size

    def protects_more(self, price: Decimal, than: Decimal, *, by_ticks: int = 0) -> bool:
        """Tell whether a stop price is more protective than another, by at least so many ticks."""
        gain = (price - than) * self.sign
        return gain > 0 and gain >= by_ticks * self.contract.tick_size

    def is_on_its_side(self, price: Decimal) -> bool:
        """Tell whether the market has not passed a stop price: sell stops go below the bid, buy stops above the ask."""
        market = self.quote.bid if self.sign > 0 else self.quote.ask
        market = self.quote.last if market is None else market
        return market is not None and (market - price) * self.sign > 0


class TradeManagement(Rule):
    """Place and move protective stops. It is no enforcement: it closes nothing and locks nothing."""

    name: ClassVar[str] = "trade_management"
    title: ClassVar[str] = "Trade management"
    protects: ClassVar[str] = "From a stop left where it is: stops are placed and moved for you."
    triggers: ClassVar[tuple[type[Event], ...]] = (
        PositionUpdated,
        OrderUpdated,
        TradeReported,
        QuoteUpdated,
        ClockTicked,
    )
    codes: ClassVar[tuple[str, ...]] = ("STOP_MANAGED",)
    judges_quoted_only: ClassVar[bool] = True
    reads_book: ClassVar[bool] = True

    auto_stop: Annotated[AutoStop | None, WHEN_TAKEN_AWAY] = None
    """The stop that a position without one gets."""
    auto_breakeven: Annotated[AutoBreakeven | None, WHEN_TAKEN_AWAY] = None
    """The move of the stop to the entry."""
    trailing_stop: Annotated[TrailingStop | None, WHEN_TAKEN_AWAY] = None
    """The stop that follows the price."""
    min_interval: Annotated[Duration, Field(ge=timedelta(0)), WHEN_HIGHER] = timedelta(seconds=1)
    """A stop is moved no more often than this; the newest wanted price wins."""

    @model_validator(mode="after")
    def _manages_something(self) -> Self:
        if self.auto_stop is None and self.auto_breakeven is None and self.trailing_stop is None:
            raise ValueError("name at least one of auto_stop, auto_breakeven, trailing_stop")
        return self

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Tell what stops should be placed, moved, resized or, their position gone, cancelled."""
        if state.awaits_picture:
            return ()
        if isinstance(event, QuoteUpdated):  # a price is a matter of its own contract's position, and of no order
            managed = self._managed(state, event.contract_id)
            return () if managed is None else [self._decide(deed) for deed in self._manage(state, managed)]
        deeds = list(self._orphans(state))
        for contract_id in state.holdings:
            if (managed := self._managed(state, contract_id)) is not None:
                deeds += self._manage(state, managed)
        return [self._decide(deed) for deed in deeds]

    def _decide(self, deed: _Deed) -> Decision:
        """Make each deed a decision of its own, so that none waits for another that is under way."""
        subject = deed.contract_id if isinstance(deed, PlaceStop) else str(deed.order_id)
        return Decision(rule=self.name, code=self.codes[0], subject=subject, actions=(deed,), breach=False)

    def deadline(self, state: AccountState, now: datetime) -> datetime | None:
        """Name the next instant at which a stop that was just changed may be changed again."""
        again = (move.at + self.min_interval for move in state.memory.stop_requests.moved.values())
        return min((at for at in again if at > now), default=None)

    def _is_at_rest(self, state: AccountState, holding: Holding, contract: Contract) -> bool:
        """Tell that there is nothing to do: no profit calls for another stop, and every contract has one.

        So it is with nearly every price, a thousand times a second.
        """
        position, best = holding.position, holding.best_mark
        if best is not None:
            gain = best - position.average_price if position.net_size > 0 else position.average_price - best
            if gain >= self._first_call * contract.tick_size:
                return False
        return protected_size(position, state.orders_of(position.contract_id), state.filled_size) == position.size

    @property
    def _first_call(self) -> int:
        """Ticks of profit below which no stop is moved."""
        if self.auto_breakeven is None:
            return self.trailing_stop.activation_ticks if self.trailing_stop is not None else _NEVER
        if self.trailing_stop is None:
            return self.auto_breakeven.trigger_ticks
        return min(self.auto_breakeven.trigger_ticks, self.trailing_stop.activation_ticks)

    def _orphans(self, state: AccountState) -> Iterator[_Deed]:
        """List its own stops that have nothing to protect any more: their position is gone, or is another by now."""
        positions = state.memory.positions
        for order in state.working_orders.values():
            if order.order_id not in state.memory.orders.own or order.type not in STOPS:
                continue
            nets = positions.net_size(order.contract_id), positions.expected_net(order.contract_id)
            if all(net * order.side.sign >= 0 for net in nets):
                yield Cancel(order.order_id)

    def _managed(self, state: AccountState, contract_id: str) -> _Managed | None:
        """Find a position to look after: one in a known contract that is not at rest, and that nobody is closing."""
        holding, contract = state.holdings.get(contract_id), state.contracts.get(contract_id)
        if holding is None or contract is None or self._is_at_rest(state, holding, contract):
            return None
        if state.memory.enforcements.is_closing(contract_id, holding.incarnation):
            return None
        stops = stops_of(holding.position, state.orders_of(contract_id))
        return _Managed(holding, contract, state.marks.prices(contract_id) or _NO_QUOTE, stops)

    def _manage(self, state: AccountState, managed: _Managed) -> Iterator[_Deed]:
        position = managed.position
        is_half_seen = state.memory.positions.is_half_seen(position.contract_id)
        covered = size_of(managed.stops, state.filled_size)
        missing = position.size - covered
        if missing > 0:  # what is being taken away needs no stop
            missing = max(0, state.will_remain(position.contract_id) - covered)
        ours = state.memory.orders.own
        movable = (stop for stop in managed.stops if stop.order_id in ours and _movable_price(stop) is not None)
        own = min(movable, key=lambda stop: stop.order_id, default=None)  # whichever was told of last
        for stop in managed.stops:
            size = None
            if stop is own and missing and not is_half_seen:
                size = stop.size + missing
            action = self._change(state, managed, stop, size)
            if action is not None:
                yield action
        if missing > 0 and own is None and not is_half_seen and not self._is_asked_for(state, position):
            yield from self._place(managed, missing)

    def _change(self, state: AccountState, managed: _Managed, stop: Order, size: int | None) -> _Deed | None:
        """Move a stop to what is wanted now, and give it a new size (None: leave it)."""
        present = _movable_price(stop)
        if present is None:
            return None
        asked = state.memory.stop_requests.moved.get(stop.order_id)
        if asked is not None and asked.at + self.min_interval > state.now:
            return None
        if size is not None and size <= stop.filled_size:
            return Cancel(stop.order_id)
        if asked is not None and asked.size == size:
            size = None
        if asked is not None and asked.stop is not None:
            present = asked.stop
        baseline = self._baseline(state, managed, stop)
        better = [
            price
            for price, step in self._wanted(managed, managed.holding.best_mark)
            if managed.protects_more(price, present, by_ticks=step)
            and managed.is_on_its_side(price)
            and (baseline is None or managed.protects_more(price, baseline))
        ]
        if not better and size is None:
            return None
        price = max(better, key=lambda one: one * managed.sign, default=present)
        return MoveStop(order_id=stop.order_id, stop=price, size=size)

    def _baseline(self, state: AccountState, managed: _Managed, stop: Order) -> Decimal | None:
        """Tell what was wanted when the trader last moved a stop by hand: no more is to be had by the same profit."""
        change = state.memory.stop_requests.by_hand.get(stop.order_id)
        if change is None or change.incarnation != managed.holding.incarnation:
            return None
        earlier = (price for price, _ in self._wanted(managed, change.best_mark))
        return max(earlier, key=lambda one: one * managed.sign, default=None)

    def _wanted(self, managed: _Managed, best: Decimal | None) -> Iterator[tuple[Decimal, int]]:
        """List the prices that a best mark calls for, with the ticks by which each must improve on the present one."""
        if best is None:
            return
        profit = managed.profit_at(best)
        if self.auto_breakeven is not None and profit >= self.auto_breakeven.trigger_ticks:
            yield managed.from_average(self.auto_breakeven.offset_ticks), 0
        trailing = self.trailing_stop
        if trailing is not None and profit >= trailing.activation_ticks:
            distance = managed.sign * trailing.distance_ticks * managed.contract.tick_size
            yield managed.protective(best - distance), trailing.step_ticks

    def _place(self, managed: _Managed, size: int) -> Iterator[_Deed]:
        prices = [price for price, _ in self._wanted(managed, managed.holding.best_mark)]
        if self.auto_stop is not None:
            prices.append(managed.from_average(-self.auto_stop.ticks))
        allowed = [price for price in prices if managed.is_on_its_side(price)]
        if allowed:
            price = max(allowed, key=lambda one: one * managed.sign)
            position = managed.position
            yield PlaceStop(contract_id=position.contract_id, side=position.closing_side, size=size, stop=price)

    def _is_asked_for(self, state: AccountState, position: Position) -> bool:
        return position.contract_id in state.memory.stop_requests.placed


def _movable_price(stop: Order) -> Decimal | None:
    """Tell where a stop stands that may be moved; None for one that cannot be, now or ever."""
    return stop.stop_price if stop.status is OrderStatus.OPEN and stop.type in _MOVABLE else None
