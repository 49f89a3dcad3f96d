"""What an account looks like, recomputed each time from the list of everything that was told of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from risk_manager.core.actions import MoveStop, PlaceStop
from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    OrderUpdated,
    PolicyChanged,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    Restarted,
    TradeReported,
)
from risk_manager.core.model.contract import root_of_id
from risk_manager.core.model.order import Order, OrderSide
from risk_manager.core.model.position import Position
from risk_manager.core.model.product import BY_CODE
from risk_manager.core.model.trade import Trade
from risk_manager.core.policy import Mark, Policy
from tests.models.exits import Exit, Told, told_of, untold_of
from tests.models.footing import footing, in_force

WORKING = {"open", "pending", "pending_cancellation", "suspended", "none", "unknown"}
STOPS = {"stop", "stop_limit", "trailing_stop"}
_DAY = timedelta(days=1)
_ANSWER = timedelta(seconds=6)
"""Longer after a request than this, a picture shows what became of it."""


@dataclass(frozen=True)
class Held:
    """A position as last told: `net` is signed, `since` the number of the event with which it began."""

    contract: str
    net: int
    price: Decimal
    told_at: datetime
    since: int
    opened: datetime | None

    @property
    def size(self) -> int:
        return abs(self.net)

    @property
    def sign(self) -> int:
        return 1 if self.net > 0 else -1


@dataclass(frozen=True)
class Asked:
    """A stop placed or moved, and how many events were known by then."""

    at: datetime
    events: int
    deed: MoveStop | PlaceStop


@dataclass(eq=False)
class History:
    """All events of one account so far, the clock's included; each stage of it is a value of its own."""

    account_id: int
    first_policy: Policy
    can_trade_at_start: bool | None
    events: tuple[Event, ...] = ()
    earlier: "History | None" = None
    asked: list[Asked] = field(default_factory=list)
    """What was asked of stops, all in one list that every stage looks at."""
    looked_up: dict[str, dict[str, Decimal | None]] = field(default_factory=dict)
    """Prices by contract, once they were asked for."""
    looked_up_exits: dict[str, Told] = field(default_factory=dict)
    looked_up_explained: dict[str, bool] = field(default_factory=dict)
    going: dict[str, int] = field(default_factory=dict)
    """To which size contracts are on their way already, by what was decided before."""

    def then(self, event: Event) -> "History":
        """Give the history that goes on with an event."""
        return History(
            self.account_id, self.first_policy, self.can_trade_at_start, (*self.events, event), self, self.asked
        )

    @property
    def last(self) -> Event:
        return self.events[-1]

    def stages(self) -> Iterator["History"]:
        """Give every stage, this one first, the first event's last."""
        stage: History | None = self
        while stage is not None and stage.events:
            yield stage
            stage = stage.earlier

    @cached_property
    def now(self) -> datetime:
        return self.events[-1].at

    @cached_property
    def policy(self) -> Policy:
        found = self.first_policy
        for event in self.events:
            if isinstance(event, PolicyChanged):
                found = event.policies[self.account_id]
        return found

    # positions

    @cached_property
    def positions(self) -> dict[str, Held]:
        """Contracts held, without the flat ones."""
        return {contract: one for contract, one in self.told_positions.items() if one.net}

    @cached_property
    def told_positions(self) -> dict[str, Held]:
        """Every contract ever told of, with its last word."""
        known: dict[str, Held] = {}

        def put(one: Position, at: datetime, index: int) -> None:
            old = known.get(one.contract_id)
            same = old is not None and old.net * one.net_size > 0 and old.opened == one.opened_at
            since = old.since if old and same else index
            known[one.contract_id] = Held(one.contract_id, one.net_size, one.average_price, at, since, one.opened_at)

        for index, event in enumerate(self.events):
            if isinstance(event, PositionUpdated):
                put(event.position, event.at, index)
            elif isinstance(event, Reconciled):
                as_of = event.as_of or event.at
                pictured = {one.contract_id: one for one in event.positions}
                for contract in set(known) | set(pictured):
                    if contract in known and known[contract].told_at > as_of:
                        continue
                    if contract in pictured:
                        put(pictured[contract], as_of, index)
                    else:
                        known[contract] = Held(contract, 0, Decimal(0), as_of, index, None)
        return known

    def remaining(self, contract: str) -> int:
        """Tell the size of a position less what is being taken from it already."""
        size = self.positions[contract].size
        return min(size, self.going.get(contract, size))

    # orders

    @cached_property
    def orders(self) -> dict[int, Order]:  # noqa: C901 - told in one go
        """Every order told of, in its last known state; without those that a picture no longer shows."""
        known: dict[int, Order] = {}
        told: dict[int, datetime] = {}

        def put(order: Order, at: datetime) -> None:
            old = known.get(order.order_id)
            if old is not None and old.status.value not in WORKING:
                return
            if old is not None and old.updated_at and order.updated_at and order.updated_at < old.updated_at:
                return
            known[order.order_id] = order
            told[order.order_id] = at

        for event in self.events:
            if isinstance(event, OrderUpdated):
                put(event.order, event.at)
            elif isinstance(event, Reconciled):
                as_of = event.as_of or event.at
                shown = {one.order_id for one in event.orders}
                for order_id, order in list(known.items()):
                    if order.status.value in WORKING and order_id not in shown and told[order_id] <= as_of:
                        del known[order_id], told[order_id]
                for order in event.orders:
                    if order.order_id not in told or told[order.order_id] <= as_of:
                        put(order, as_of)
        return known

    @cached_property
    def working(self) -> dict[int, Order]:
        """Orders that may still fill, without the market orders with which the daemon itself closes."""
        return {
            key: one
            for key, one in self.orders.items()
            if one.status.value in WORKING and not (one.type.value == "market" and key in self.own_orders)
        }

    @cached_property
    def own_orders(self) -> set[int]:
        """Orders that the daemon sent."""
        found: set[int] = set()
        for event in self.events:
            if isinstance(event, OrderUpdated) and event.ours:
                found.add(event.order.order_id)
            elif isinstance(event, TradeReported) and event.ours:
                found.add(event.trade.order_id)
            elif isinstance(event, Reconciled):
                found |= event.own_order_ids
        return found

    # trades

    @cached_property
    def told_trades(self) -> dict[int, Trade]:
        """Every trade by its id, in its last known form; voided ones too."""
        known: dict[int, Trade] = {}
        voided: set[int] = set()

        for event in self.events:
            told = event.trades if isinstance(event, Reconciled) else ()
            if isinstance(event, TradeReported):
                told = (event.trade,)
            for trade in told:
                if trade.voided:
                    voided.add(trade.trade_id)
                known[trade.trade_id] = trade
        for trade_id in voided:
            known.pop(trade_id, None)
        return known

    @cached_property
    def trades(self) -> list[Trade]:
        """Trades that count, by their own time."""
        return sorted(self.told_trades.values(), key=lambda one: (one.at, one.trade_id))

    @cached_property
    def learned_trades(self) -> list[Trade]:
        """Trades that the last event brought, or told otherwise than before."""
        now, earlier = self.told_trades, self.earlier.told_trades if self.earlier else {}
        return [one for key, one in now.items() if earlier.get(key) != one]

    @cached_property
    def first_heard(self) -> dict[int, datetime]:
        """When each trade was first told of."""
        found: dict[int, datetime] = {}
        for event in self.events:
            told = event.trades if isinstance(event, Reconciled) else ()
            for trade in (event.trade,) if isinstance(event, TradeReported) else told:
                found.setdefault(trade.trade_id, event.at)
        return found

    def filled_at(self, trade: Trade) -> datetime:
        """Tell when a trade has filled at the latest, whatever it is stamped."""
        return min(trade.at, self.first_heard[trade.trade_id])

    # money

    def day_of(self, at: datetime) -> tuple[datetime, datetime]:
        """Find the reset before and the reset after an instant."""
        calendar = self.policy.calendar
        return day_around(at, calendar.reset, calendar.zone)

    def realized(self, *, fees: bool) -> Decimal:
        """Dollars of the current day."""
        start, end = self.day_of(self.now)
        total = Decimal(0)
        for trade in self.trades:
            if start <= trade.at < end:
                total += trade.realized_pnl or 0
                if fees:
                    total -= trade.fees + trade.commissions
        return total

    def mark(self, held: Held) -> Decimal | None:
        """Tell the price at which a position is valued; None where all of it is gone."""
        if self.is_leaving(held):
            return None
        prices = self.prices(held.contract)
        if self.policy.mark is Mark.LAST:
            return prices["last"]
        side = prices["bid" if held.net > 0 else "ask"]
        return prices["last"] if side is None else side

    def prices(self, contract: str) -> dict[str, Decimal | None]:
        """Tell the last good prices of a contract since the process began, less what a fill has outdated."""
        if contract not in self.looked_up:
            self.looked_up[contract] = self._prices(contract)
        return self.looked_up[contract]

    def _prices(self, contract: str) -> dict[str, Decimal | None]:
        found = self.quoted(contract)
        held = self.positions.get(contract)
        since, fill = footing(self, held) if held else (None, None)
        return in_force(found, since, fill) if found else {"last": None, "bid": None, "ask": None}

    def quoted(self, contract: str) -> dict[str, tuple[Decimal, datetime]] | None:
        """Collect the last good prices since the process began, each with when it was named; None without a quote."""
        found: dict[str, tuple[Decimal, datetime]] | None = None
        latest: datetime | None = None
        for event in self.events:
            if isinstance(event, Restarted):
                found = latest = None
            elif isinstance(event, QuoteUpdated) and event.contract_id == contract:
                found = found or {}
                latest = max([min(event.quoted_at or event.at, event.at), *([latest] if latest else [])])
                told = {"last": event.last, "bid": event.bid, "ask": event.ask}
                for name, price in told.items():
                    if price is not None and price.is_finite() and price != 0:
                        found[name] = (price, latest)
        return found

    def heard_at(self, contract: str) -> datetime | None:
        """Tell when the last quote of a contract came since the process began, whatever was in it."""
        found: datetime | None = None
        for event in self.events:
            if isinstance(event, Restarted):
                found = None
            elif isinstance(event, QuoteUpdated) and event.contract_id == contract:
                found = event.at
        return found

    @cached_property
    def open_pnl(self) -> dict[str, Decimal]:
        """Dollars that each marked position is up."""
        found = {}
        for contract, held in self.positions.items():
            mark = self.mark(held)
            before = self.earlier.open_pnl.get(contract) if self.earlier else None
            if mark is not None:
                found[contract] = _dollars(held, mark, self.exits(contract))
            elif self.is_leaving(held):
                if before is not None and not isinstance(self.last, Restarted):
                    found[contract] = Decimal(0)
            elif (before := self.held_over(held)) is not None:
                found[contract] = before
        return found

    def held_over(self, held: Held) -> Decimal | None:
        """Tell what a position was up before an increase of which no price is known yet."""
        old = self.earlier.positions.get(held.contract) if self.earlier else None
        if isinstance(self.last, Restarted) or self.earlier is None or old is None or old.since != held.since:
            return None
        return self.earlier.open_pnl.get(held.contract)

    @cached_property
    def is_all_priced(self) -> bool:
        """Tell whether each open P&L rests on a price that is in force."""
        held = [self.positions[contract] for contract in self.open_pnl]
        return all(self.mark(one) is not None for one in held if not self.is_leaving(one))

    def exits(self, contract: str) -> list[Exit]:
        """List what trades have closed of a contract and no report shows gone yet."""
        return self._told_of(contract).exits

    def was_bought_again(self, contract: str) -> bool:
        """Tell whether exits have just turned out to be in a report that shows as many contracts all the same."""
        return self._told_of(contract).contained

    def _told_of(self, contract: str) -> Told:
        if contract not in self.looked_up_exits:
            self.looked_up_exits[contract] = told_of(self, contract)
        return self.looked_up_exits[contract]

    def is_leaving(self, held: Held) -> bool:
        """Tell whether trades have closed all of a position."""
        exits = self.exits(held.contract)
        return bool(exits) and sum(one.size for one in exits) >= held.size

    @cached_property
    def untold(self) -> dict[str, tuple[int, Decimal]]:
        """By contract, how much is gone of which no trade has told the result, and what it was up."""
        return untold_of(self)

    @cached_property
    def best_marks(self) -> dict[str, Decimal]:
        """The best price for each position since it was first seen."""
        before = self.earlier.best_marks if self.earlier else {}
        found: dict[str, Decimal] = {}
        for contract, held in self.positions.items():
            old = self.earlier.positions.get(contract) if self.earlier else None
            seen = [before.get(contract) if old and old.since == held.since else None, self.mark(held)]
            if prices := [one for one in seen if one is not None]:
                found[contract] = max(prices, key=lambda one: one * held.sign)
        return found

    def pnl_of_day(self, *, fees: bool, with_open: bool) -> Decimal:
        """Dollars realized today, with what is open where it is asked for."""
        total = self.realized(fees=fees)
        untold = sum((dollars for _, dollars in self.untold.values()), Decimal(0))
        return total + sum(self.open_pnl.values(), Decimal(0)) + untold if with_open else total

    # stops

    def asked_of(self, order_id: int) -> Asked | None:
        """Tell the last change that was asked of a stop before this stage."""
        known = len(self.events)
        for one in reversed(self.asked):
            if isinstance(one.deed, MoveStop) and one.deed.order_id == order_id and one.events < known:
                return one
        return None

    def unanswered(self, order_id: int) -> Asked | None:
        """Tell the change of a stop that no report of it has answered since, nor a picture long enough after."""
        asked = self.asked_of(order_id)
        if asked is None:
            return None
        for stage in self.stages():
            if len(stage.events) <= asked.events:
                return asked
            before = stage.earlier.orders.get(order_id) if stage.earlier else None
            if before != stage.orders.get(order_id) or stage.is_picture_long_after(asked.at):
                return None
        return asked

    def is_placing(self, contract: str) -> bool:
        """Tell whether a stop was asked for that has not appeared, nor a picture long enough after it."""
        placed = [one for one in self.asked if isinstance(one.deed, PlaceStop) and one.deed.contract_id == contract]
        if not placed:
            return False
        for stage in self.stages():
            if len(stage.events) <= placed[-1].events:
                return True
            before = stage.earlier.orders if stage.earlier else {}
            appeared = (
                one
                for key, one in stage.orders.items()
                if before.get(key) != one and key in stage.own_orders and one.type.value in STOPS
            )
            if any(one.contract_id == contract for one in appeared) or stage.is_picture_long_after(placed[-1].at):
                return False
        return True

    def is_picture_long_after(self, instant: datetime) -> bool:
        return isinstance(self.last, Reconciled) and (self.last.as_of or self.last.at) - instant > _ANSWER

    def moved_by_hand(self, order_id: int) -> "History | None":
        """Find the stage before somebody else last moved a stop of the position that is there now."""
        for stage in self.stages():
            before = stage.earlier
            now, old = stage.orders.get(order_id), before.orders.get(order_id) if before else None
            if before is None or now is None or old is None or now.stop_price == old.stop_price:
                continue
            held, held_now = before.positions.get(now.contract_id), self.positions.get(now.contract_id)
            if held is None or held_now is None or now.status.value not in WORKING:
                continue
            asked = stage.asked_of(order_id)
            if (asked is not None and asked.deed.stop == now.stop_price) or held.since != held_now.since:
                return None
            return before
        return None

    # the rest

    @cached_property
    def can_trade(self) -> bool | None:
        """Tell whether the venue lets the account trade."""
        found = self.can_trade_at_start
        for event in self.events:
            if isinstance(event, AccountUpdated) and event.can_trade is not None:
                found = event.can_trade
            elif isinstance(event, AccountVanished):
                found = False
        return found

    @cached_property
    def blind_since(self) -> datetime | None:
        """Tell since when nothing is told of the account."""
        found: datetime | None = None
        for event in self.events:
            if isinstance(event, FeedLost) and event.feed is Feed.USER:
                found = found or event.at
            elif isinstance(event, Restarted) or (isinstance(event, FeedRestored) and event.feed is Feed.USER):
                found = None
        return found

    # fills and positions

    def smallest_since(self, contract: str, instant: datetime | None) -> int:
        """Tell the smallest size of a position from an instant on, at which it was held."""
        sizes = []
        for stage in self.stages():
            sizes.append(stage.positions[contract].size)
            sizes += [size for at, size in stage.dips(contract) if instant is None or at >= instant]
            if instant is None or stage.now < instant:
                break
        return min(sizes)

    def dips(self, contract: str) -> list[tuple[datetime, int]]:
        """List the sizes that a position has had between the last word on it and a full picture that shows it grown.

        Each with the instant of the fill after it; of a fill that only takes from it the size before it is no matter.
        """
        old, now = self.earlier.told_positions.get(contract) if self.earlier else None, self.told_positions[contract]
        picture = self.last
        if not isinstance(picture, Reconciled) or old is None or now.told_at != (picture.as_of or picture.at):
            return []
        if old.since != now.since or old.told_at == now.told_at:
            return []
        fills = sorted(
            (self.filled_at(one), one.trade_id, one.side.sign * one.size)
            for one in self.trades
            if one.contract_id == contract and old.told_at < self.filled_at(one) <= now.told_at
        )
        if old.net + sum(size for _, _, size in fills) != now.net:
            return []
        found, net = [], old.net
        for at, _, size in fills:
            found.append((at, max(0, net * now.sign), max(0, (net + size) * now.sign)))
            net += size
        return [(at, before) for at, before, after in found if after > before]

    def surely_held(self, contract: str) -> int:
        """Tell the size less what has filled against it; of what no report shows yet, what has filled."""
        held = self.positions.get(contract)
        expected = abs((held.net if held else 0) + self.unseen_fills(contract))
        return min(held.size, expected) if held else expected

    def unseen_fills(self, contract: str, upto: datetime | None = None) -> int:
        """Contracts, signed, of known fills (up to an instant) that are younger than the last word on the position.

        One that realized a result has closed what was there, and opened nothing.
        """
        held = self.told_positions.get(contract)
        shown = net = held.net if held else 0
        for at, size, is_exit in self._unseen(contract):
            if upto is None or at <= upto:
                against = -size if net > 0 else size
                most = abs(net) if is_exit and net and against > 0 else 0
                net += size if not is_exit else (1 if size > 0 else -1) * min(abs(size), most)
        return net - shown

    def _unseen(self, contract: str) -> list[tuple[datetime, int, bool]]:
        held = self.told_positions.get(contract)
        return sorted(one for one in self._fills(contract) if held is None or one[0] > held.told_at)

    def half_seen(self, contract: str) -> bool:
        """Tell whether a fill is unseen, or fills and position reports disagree since the last full picture.

        Fills that cancel out are unseen all the same: the size may be known by them, the average price is not.
        """
        return not self.is_explained(contract) or bool(self._unseen(contract))

    def is_explained(self, contract: str) -> bool:
        """Tell whether the last full picture and the fills until the last word on a position make what that says."""
        if contract not in self.looked_up_explained:
            self.looked_up_explained[contract] = self._is_explained(contract)
        return self.looked_up_explained[contract]

    def _is_explained(self, contract: str) -> bool:
        net, since = 0, None
        for event in self.events:
            if isinstance(event, Reconciled):
                as_of = event.as_of or event.at
                net = next((one.net_size for one in event.positions if one.contract_id == contract), 0)
                since = as_of
        held = self.told_positions.get(contract)
        fills = self._fills(contract)
        told = [size for at, size, _ in fills if (since is None or at > since) and held and at <= held.told_at]
        return net + sum(told) == (held.net if held else 0)

    def _fills(self, contract: str) -> list[tuple[datetime, int, bool]]:
        trades = list(self._all_trades.values())
        fills = [
            (self.filled_at(one), _signed(one), one.realized_pnl is not None)
            for one in trades
            if one.contract_id == contract
        ]
        for order in self.orders.values():
            booked = sum(one.size for one in trades if one.order_id == order.order_id)
            if order.contract_id == contract and order.filled_size > booked and order.updated_at:
                fills.append((order.updated_at, order.side.sign * (order.filled_size - booked), False))
        return fills

    @cached_property
    def _all_trades(self) -> dict[int, Trade]:
        found: dict[int, Trade] = {}
        for event in self.events:
            if isinstance(event, TradeReported):
                found[event.trade.trade_id] = event.trade
            elif isinstance(event, Reconciled):
                found |= {one.trade_id: one for one in event.trades}
        return found


def _signed(trade: Trade) -> int:
    return trade.size if trade.side is OrderSide.BUY else -trade.size


def _dollars(held: Held, mark: Decimal, exits: list[Exit]) -> Decimal:
    """Value what is left at the mark and what is gone at its own prices, less what that realized."""
    product = BY_CODE[held.contract.split(".")[3]]
    left = held.size - sum(one.size for one in exits)
    points = (Fraction(mark) - Fraction(held.price)) * left
    points += sum((Fraction(one.price) - Fraction(held.price)) * one.size for one in exits)
    exact = points / Fraction(product.tick_size) * Fraction(product.tick_value) * held.sign
    return Decimal(round(exact * 100)) / 100 - sum((one.result for one in exits), Decimal(0))  # round() is half-even


def root(contract: str) -> str:
    """Tell the trader's symbol."""
    return root_of_id(contract)


def shown_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Find when a zone's clocks come to a time, or jump past it, by watching them minute by minute."""
    wanted = datetime.combine(day, at)
    instant = wanted.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wanted:
        return instant
    instant = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while instant.astimezone(zone).replace(tzinfo=None) < wanted:
        instant += timedelta(minutes=1)
    return instant


def day_around(at: datetime, reset: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Find the resets around an instant by listing those of the days near it."""
    middle = at.astimezone(zone).date()
    resets = [shown_at(middle + offset * _DAY, reset, zone) for offset in range(-2, 3)]
    return next((one, other) for one, other in pairwise(resets) if one <= at < other)
