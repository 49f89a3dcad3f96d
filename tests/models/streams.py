"""Random streams: what a plausible trader does, and how the venue tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    ClockTicked,
    EnforcementFinished,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    LockCleared,
    LockRequested,
    OrderUpdated,
    PolicyChanged,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    Restarted,
    TradeReported,
)
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.policy import Policy

CONTRACTS = ("CON.F.US.MNQ.U26", "CON.F.US.EP.U26", "CON.F.US.EP.Z26", "CON.F.US.MCLE.U26")
PRICES = {
    CONTRACTS[0]: Decimal(21000),
    CONTRACTS[1]: Decimal(5800),
    CONTRACTS[2]: Decimal(5850),
    CONTRACTS[3]: Decimal(2),
}
STEPS = {
    CONTRACTS[0]: Decimal("12.5"),
    CONTRACTS[1]: Decimal("0.5"),
    CONTRACTS[2]: Decimal("0.5"),
    CONTRACTS[3]: Decimal("0.25"),
}
STARTS = (
    "2026-03-10T10:00:00-05:00",  # a Tuesday morning
    "2026-03-10T16:58:00-05:00",  # before the reset
    "2026-03-06T15:55:00-06:00",  # a Friday before the clocks go forward
    "2026-10-31T16:50:00-05:00",  # a Saturday before they go back
    "2026-11-27T11:55:00-06:00",  # an early close
    "2026-03-11T08:29:00-05:00",  # before New York opens
)
WAITS = (0.1, 1, 5, 9, 10, 20, 30, 59, 61, 300, 1800, 3600, 20000, 86000)
_TICK = timedelta(milliseconds=7)
_LATELY = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Obeyed:
    """The venue has done what was asked of a stop; what that was is known when the stream is told."""

    at: datetime
    account_id: int
    pick: int
    number: int


@dataclass(frozen=True)
class Step:
    """One thing that the trader or the venue does, after some seconds."""

    what: str
    wait: float
    values: Mapping[str, Any]


def _step(what: str, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    waits = st.sampled_from(WAITS[:9] * 3 + WAITS)
    return st.builds(lambda wait, values: Step(what, wait, values), waits, st.fixed_dictionaries(values))


_contract = st.sampled_from(CONTRACTS)
_side = st.sampled_from([OrderSide.BUY, OrderSide.SELL])
_size = st.integers(1, 4)
_pick = st.integers(0, 5)
_results = st.sampled_from(
    ["-250", "-100", "-99.50", "-60", "-40", "-12.50", "0", "0.50", "50", "100", "150.25", "300"]
)
_fees = st.sampled_from(["0", "0", "0.61", "2.50"])
_fill = _step(
    "fill",
    contract=_contract,
    side=_side,
    size=_size,
    parts=st.integers(1, 3),
    order=st.permutations(range(4)),
    pnl=_results,
    fees=_fees,
    ours=st.sampled_from([False] * 5 + [True]),
    late=st.sampled_from([False] * 4 + [True]),
    known=st.booleans(),
    ahead=st.sampled_from([0] * 12 + [0.5, 90, 4000]),
    slow=st.sampled_from([None] * 8 + ["later", "after a picture"]),
)
_order = _step(
    "order",
    contract=_contract,
    side=_side,
    size=_size,
    kind=st.sampled_from(["limit", "stop", "stop", "stop_limit", "trailing_stop"]),
    status=st.sampled_from(["open"] * 6 + ["pending", "suspended", "pending_cancellation", "unknown"]),
    parent=st.sampled_from([None, 0, 1]),
    ours=st.sampled_from([False] * 6 + [True]),
)
_quote = _step(
    "quote",
    contract=_contract,
    moves=st.integers(-8, 8),
    kind=st.sampled_from(["last"] * 3 + ["both"] * 3 + ["book", "zero", "nan", "none"]),
    lag=st.sampled_from([None, None, 0, 0.01, 3, -30]),
)
STEPS_OF = {
    "fill": _fill,
    "order": _order,
    "out and in": _step(
        "out and in",
        pick=_pick,
        size=_size,
        moves=st.integers(-4, 4),
        begins=st.sampled_from(["out", "in"]),
        arrival=st.permutations(range(5)),
        pnl=_results,
        fees=_fees,
        same=st.booleans(),
    ),
    "quote": _quote,
    "end order": _step("end order", pick=_pick, status=st.sampled_from(["cancelled", "expired", "rejected"])),
    "change order": _step("change order", pick=_pick, size=st.integers(1, 4)),
    "move stop": _step("move stop", pick=_pick, steps=st.integers(-6, 6)),
    "obey": _step("obey", pick=st.integers(0, 2)),
    "fill order": _step(
        "fill order", pick=_pick, size=st.integers(1, 3), order=st.permutations(range(4)), pnl=_results, fees=_fees
    ),
    "stale order": _step("stale order", pick=_pick),
    "tick": _step("tick"),
    "enforced": _step(
        "enforced", contract=st.sampled_from([None, None, *CONTRACTS]), ok=st.booleans(), gone=st.booleans()
    ),
    "clear": _step("clear", root=st.sampled_from([None, None, None, "ES", "MNQ"])),
    "lock": _step("lock", seconds=st.sampled_from([None, 30, 600])),
    "feed": _step("feed", up=st.booleans(), feed=st.sampled_from([Feed.USER, Feed.USER, Feed.MARKET])),
    "reload": _step("reload", pick=st.integers(1, 2)),
    "restart": _step("restart"),
    "picture": _step(
        "picture",
        delay=st.sampled_from([None, 0.4, 2.0]),
        missed=st.sampled_from([None, None, *CONTRACTS]),
        pnl=_results,
        fees=_fees,
        back=st.sampled_from([0.2, 20, 4000]),
        whole=st.booleans(),
        bought_again=st.booleans(),
    ),
    "void": _step("void", pick=_pick, rest=st.booleans()),
    "correct": _step("correct", pick=_pick, pnl=_results, fees=_fees),
    "again": _step("again", pick=_pick),
    "account": _step("account", can_trade=st.sampled_from([True, False, None, "gone"])),
}
_WEIGHTS = {
    "fill": 12,
    "quote": 9,
    "order": 6,
    "fill order": 3,
    "out and in": 2,
    "end order": 2,
    "change order": 2,
    "enforced": 3,
    "picture": 2,
    "tick": 2,
}


def steps(
    *, more: tuple[str, ...] = (), less: tuple[str, ...] = (), shortest: int = 2, longest: int = 22
) -> st.SearchStrategy[list[Step]]:
    """Draw what happens; the kinds in `more` happen more often, those in `less` never."""
    kinds = [
        kind for kind in STEPS_OF if kind not in less for _ in range(_WEIGHTS.get(kind, 1) * (4 if kind in more else 1))
    ]
    return st.lists(st.sampled_from(kinds).flatmap(STEPS_OF.__getitem__), min_size=shortest, max_size=longest)


def in_one_contract(happenings: list[Step]) -> list[Step]:
    """Let most of it happen in one contract, so that a position lives long enough to be looked after."""
    few = {CONTRACTS[1]: CONTRACTS[0], CONTRACTS[2]: CONTRACTS[0]}
    return [
        replace(one, values={**one.values, "contract": few.get(one.values["contract"], one.values["contract"])})
        if "contract" in one.values
        else one
        for one in happenings
    ]


@dataclass
class Street:
    """The truth at the venue, from which the events of one account are told."""

    account_id: int
    start: datetime
    policies: tuple[Mapping[int, Policy], ...]
    rules: tuple[str, ...]
    now: datetime = field(init=False)
    events: list[Event | Obeyed] = field(default_factory=list)
    positions: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=dict)
    opened: dict[str, datetime] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    trades: dict[int, Trade] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    """Contracts whose position is reported after the next thing that happens."""
    slow: list[Trade] = field(default_factory=list)
    """Trades, and their orders, that are told after the next thing that happens, be it a full picture."""
    number: int = 100
    restarts: list[datetime] = field(default_factory=list)
    """When the process dies and comes back that watches this account, too."""

    def __post_init__(self) -> None:
        self.now = self.start

    def play(self, happenings: list[Step], *, restarts: Sequence[datetime] = ()) -> list[Event | Obeyed]:
        """Tell everything that happens; another account's stream says when there are restarts."""
        self.restarts = list(restarts)
        self._say(Reconciled(at=self.now, account_id=self.account_id, positions=(), orders=()))
        for step in happenings:
            self.now += timedelta(seconds=step.wait)
            self._come_back()
            getattr(self, "_" + step.what.replace(" ", "_"))(**step.values)
            if step.what != "fill":
                self._tell_late()
                self._tell_slow()
        self._tell_late()
        self._tell_slow()
        for at in self.restarts:
            self.events.append(self._picture_of(at, None, ()))
        return self.events

    def _come_back(self) -> None:
        """After a restart the account is read anew, as it was at that instant."""
        while self.restarts and self.restarts[0] <= self.now:
            at = self.restarts.pop(0)
            self.events.append(self._picture_of(at, None, ()))

    def _say(self, event: Event | Obeyed) -> None:
        self._come_back()
        self.events.append(event)
        self.now += _TICK

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _tell_late(self) -> None:
        for contract in self.late:
            self._tell_position(contract)
        self.late.clear()

    def _tell_slow(self) -> None:
        for trade in self.slow:
            self._report(trade, [1, 0])
        self.slow.clear()

    def _tell_position(self, contract: str) -> None:
        self._say(PositionUpdated(at=self.now, position=self._position(contract)))

    def _position(self, contract: str) -> Position:
        net, price = self.positions.get(contract, (0, PRICES[contract]))
        return Position(
            account_id=self.account_id,
            contract_id=contract,
            net_size=net,
            average_price=price,
            position_id=1,
            opened_at=self.opened.get(contract, self.start),
        )

    def _price(self, contract: str) -> Decimal:
        return self.prices.get(contract, PRICES[contract])

    def _book(self, order: Order, size: int, pnl: str, fees: str) -> Trade:
        """Let an order fill, in truth."""
        self._come_back()
        price = self._price(order.contract_id)
        net, average = self.positions.get(order.contract_id, (0, price))
        signed = order.side.sign * size
        closing = net * signed < 0
        after = net + signed
        if net == 0:
            average = price
            self.opened[order.contract_id] = self.now
        elif not closing:
            average = (average * abs(net) + price * size) / abs(after)
        self.positions[order.contract_id] = (after, average)
        filled = order.filled_size + size
        status = OrderStatus.FILLED if filled >= order.size else order.status
        self.orders[order.order_id] = replace(order, filled_size=filled, status=status, updated_at=self.now)
        trade = Trade(
            trade_id=self._next(),
            account_id=self.account_id,
            contract_id=order.contract_id,
            order_id=order.order_id,
            side=order.side,
            size=size,
            price=price,
            at=self.now,
            realized_pnl=Decimal(pnl) if closing else None,
            fees=Decimal(fees),
            commissions=Decimal(fees) / 2,
        )
        self.trades[trade.trade_id] = trade
        self.now += _TICK
        return trade

    def _report(self, trade: Trade, arrival: list[int], *, late: bool = False) -> None:
        order = self.orders[trade.order_id]
        ours = order.order_id in self.own
        for what in arrival:
            if what == 0:
                self._say(OrderUpdated(at=self.now, order=order, ours=ours))
            elif what == 1:
                self._say(TradeReported(at=self.now, trade=trade, ours=ours))
            elif what == 2 and late:
                self.late.append(trade.contract_id)
            elif what == 2:
                self._tell_position(trade.contract_id)
            else:
                self._say(AccountUpdated(at=self.now, account_id=self.account_id, balance=Decimal(50000)))

    # what a trader does

    def _fill(
        self,
        *,
        contract: str,
        side: OrderSide,
        size: int,
        parts: int,
        order: list[int],
        pnl: str,
        fees: str,
        ours: bool,
        late: bool,
        known: bool,
        ahead: float,
        slow: str | None,
    ) -> None:
        one = Order(
            order_id=self._next(),
            account_id=self.account_id,
            contract_id=contract,
            type=OrderType.MARKET,
            side=side,
            size=size,
            status=OrderStatus.OPEN,
            updated_at=self.now,
            created_at=self.now,
        )
        self.orders[one.order_id] = one
        if ours:
            self.own.add(one.order_id)
        if known:
            self._say(OrderUpdated(at=self.now, order=one, ours=ours))
        left = size
        piece = max(1, size // parts)
        while left:
            amount = self._no_more_than_flat(one, min(piece, left))
            left -= amount
            trade = self._book(self.orders[one.order_id], amount, pnl, fees)
            if ahead and not slow:  # stamped by a clock that is fast, and told by its trade alone
                trade = self.trades[trade.trade_id] = replace(trade, at=trade.at + timedelta(seconds=ahead))
            if slow:
                self.slow.append(trade)
            told = {2, 3} if slow else {1, 2, 3} if ahead else {0, 1, 2, 3}
            self._report(trade, [what for what in order if what in told], late=late)
        if slow == "after a picture":
            self._say(self._picture_of(self.now, None, ()))
            self._tell_slow()

    def _out_and_in(
        self,
        *,
        pick: int,
        size: int,
        moves: int,
        begins: str,
        arrival: list[int],
        pnl: str,
        fees: str,
        same: bool,
    ) -> None:
        """Close contracts and open as many, or the other way round; one report of the position tells of both."""
        held = [contract for contract, (net, _) in self.positions.items() if net]
        if not held:
            return
        contract = held[pick % len(held)]
        net, _ = self.positions[contract]
        opened_at = self.opened[contract]
        self._quote(contract=contract, moves=moves, kind="last", lag=None)
        sides = [OrderSide.SELL, OrderSide.BUY] if (net > 0) is (begins == "out") else [OrderSide.BUY, OrderSide.SELL]
        told: list[Event] = []
        for side in sides:
            order = Order(
                order_id=self._next(),
                account_id=self.account_id,
                contract_id=contract,
                type=OrderType.MARKET,
                side=side,
                size=min(size, abs(net)),
                status=OrderStatus.OPEN,
            )
            trade = self._book(order, order.size, pnl, fees)
            told += [
                OrderUpdated(at=self.now, order=self.orders[order.order_id]),
                TradeReported(at=self.now, trade=trade),
            ]
        if same:
            self.opened[contract] = opened_at
        told.append(PositionUpdated(at=self.now, position=self._position(contract)))
        for number in arrival:
            self._say(replace(told[number], at=self.now))

    def _no_more_than_flat(self, order: Order, size: int) -> int:
        """Split a fill that turns a position round: its first part closes, its second opens."""
        net, _ = self.positions.get(order.contract_id, (0, Decimal(0)))
        return min(size, abs(net)) if net * order.side.sign < 0 else size

    def _order(
        self, *, contract: str, side: OrderSide, size: int, kind: str, status: str, parent: int | None, ours: bool
    ) -> None:
        ids = sorted(self.orders)
        number = self._next()
        price = self._price(contract)
        parent_id = None if parent is None or not ids else ids[-1 - parent % len(ids)]
        one = Order(
            order_id=number,
            account_id=self.account_id,
            contract_id=contract,
            type=OrderType(kind),
            side=side,
            size=size,
            status=OrderStatus(status),
            limit_price=price if "limit" in kind else None,
            stop_price=price if "stop" in kind else None,
            parent_id=parent_id,
            updated_at=self.now,
        )
        self.orders[number] = one
        if ours:
            self.own.add(number)
        self._say(OrderUpdated(at=self.now, order=one, ours=ours))

    def _picked(self, pick: int) -> Order | None:
        working = [one for one in self.orders.values() if one.is_working]
        return working[pick % len(working)] if working else None

    def _put(self, order: Order) -> None:
        told = replace(order, updated_at=self.now)
        self.orders[order.order_id] = told
        self._say(OrderUpdated(at=self.now, order=told, ours=order.order_id in self.own))

    def _end_order(self, *, pick: int, status: str) -> None:
        if order := self._picked(pick):
            self._put(replace(order, status=OrderStatus(status)))

    def _change_order(self, *, pick: int, size: int) -> None:
        if order := self._picked(pick):
            self._put(replace(order, size=max(size, order.filled_size + 1), status=OrderStatus.OPEN))

    def _move_stop(self, *, pick: int, steps: int) -> None:
        """Let the trader move a stop by hand."""
        stops = [one for one in self.orders.values() if one.is_working and one.stop_price is not None]
        if stops:
            order = stops[pick % len(stops)]
            price = PRICES[order.contract_id] + steps * STEPS[order.contract_id]
            self._put(replace(order, stop_price=price))

    def _obey(self, *, pick: int) -> None:
        self._say(Obeyed(at=self.now, account_id=self.account_id, pick=pick, number=self._next()))

    def _fill_order(self, *, pick: int, size: int, order: list[int], pnl: str, fees: str) -> None:
        if one := self._picked(pick):
            amount = self._no_more_than_flat(one, min(size, one.remaining))
            self._report(self._book(replace(one, status=OrderStatus.OPEN), amount, pnl, fees), order)

    def _stale_order(self, *, pick: int) -> None:
        lately = [one for one in self.orders.values() if one.updated_at and self.now - one.updated_at < _LATELY]
        if lately:
            order = lately[pick % len(lately)]
            old = replace(order, status=OrderStatus.OPEN, updated_at=(order.updated_at or self.now) - _TICK)
            self._say(OrderUpdated(at=self.now, order=old, ours=order.order_id in self.own))

    # what the venue tells

    def _quote(self, *, contract: str, moves: int, kind: str, lag: float | None) -> None:
        price = PRICES[contract] + moves * STEPS[contract]
        told: dict[str, Decimal | None] = {"last": price}
        if kind == "both":
            told = {"last": price, "bid": price - STEPS[contract], "ask": price + STEPS[contract]}
        if kind == "book":
            told = {"bid": price - STEPS[contract], "ask": price + STEPS[contract]}
        if kind in {"zero", "nan", "none"}:
            told = {"last": {"zero": Decimal(0), "nan": Decimal("NaN"), "none": None}[kind]}
        elif price:
            self.prices[contract] = price
        quoted_at = None if lag is None else self.now - timedelta(seconds=lag)
        self._say(QuoteUpdated(at=self.now, contract_id=contract, quoted_at=quoted_at, **told))

    def _tick(self) -> None:
        self._say(ClockTicked(at=self.now))

    def _enforced(self, *, contract: str | None, ok: bool, gone: bool) -> None:
        if gone:
            for one in [contract] if contract else list(self.positions):
                self.positions[one] = (0, PRICES[one])
                self._tell_position(one)
        self._say(EnforcementFinished(at=self.now, account_id=self.account_id, ok=ok, contract_id=contract))

    def _clear(self, *, root: str | None) -> None:
        for rule in self.rules:
            self._say(LockCleared(at=self.now, account_id=self.account_id, rule=rule, root=root))

    def _lock(self, *, seconds: int | None) -> None:
        until = None if seconds is None else self.now + timedelta(seconds=seconds)
        self._say(LockRequested(at=self.now, account_id=self.account_id, until=until))

    def _feed(self, *, up: bool, feed: Feed) -> None:
        kind = FeedRestored if up else FeedLost
        self._say(kind(at=self.now, feed=feed, account_id=None))

    def _reload(self, *, pick: int) -> None:
        self._say(PolicyChanged(at=self.now, policies=self.policies[pick % len(self.policies)]))

    def _restart(self) -> None:
        at = self.now
        self._say(ClockTicked(at=at))
        self._say(Restarted(at=at))
        self._say(self._picture_of(at, None, ()))

    def _picture_of(self, at: datetime, as_of: datetime | None, trades: tuple[Trade, ...]) -> Reconciled:
        return Reconciled(
            at=at,
            account_id=self.account_id,
            positions=tuple(self._position(one) for one, (net, _) in self.positions.items() if net),
            orders=tuple(one for one in self.orders.values() if one.is_working),
            trades=trades,
            own_order_ids=frozenset(self.own),
            as_of=as_of,
        )

    def _picture(
        self,
        *,
        delay: float | None,
        missed: str | None,
        pnl: str,
        fees: str,
        back: float,
        whole: bool = True,
        bought_again: bool = False,
    ) -> None:
        self._tell_late()
        if missed:
            self._missed(missed, pnl, fees, back, bought_again=bought_again)
        as_of = None if delay is None else self.now
        if delay is not None:
            self.now += timedelta(seconds=delay)
        self._say(self._picture_of(self.now, as_of, tuple(self.trades.values()) if whole or missed else ()))

    def _missed(self, contract: str, pnl: str, fees: str, back: float, *, bought_again: bool) -> None:
        """Let a trade close what is held, and another bring it back, told by the picture alone."""
        net, _ = self.positions.get(contract, (0, Decimal(0)))
        side = OrderSide.SELL if net > 0 else OrderSide.BUY
        for one in (side, side.opposite) if bought_again else (side,):
            order = Order(
                order_id=self._next(),
                account_id=self.account_id,
                contract_id=contract,
                type=OrderType.MARKET,
                side=one,
                size=1,
                status=OrderStatus.OPEN,
                updated_at=self.now,
            )
            trade = self._book(order, 1, pnl, fees)
            self.trades[trade.trade_id] = replace(trade, at=trade.at - timedelta(seconds=back))

    def _told_trade(self, pick: int) -> Trade | None:
        told = list(self.trades.values())
        return told[-1 - pick % len(told)] if told else None

    def _void(self, *, pick: int, rest: bool) -> None:
        trade = self._told_trade(pick)
        if trade and not (trade.order_id in self.orders and self.orders[trade.order_id].is_working):
            self.trades[trade.trade_id] = replace(trade, voided=True)
            if rest:
                self._picture(delay=None, missed=None, pnl="0", fees="0", back=0.2)
            else:
                self._say(
                    TradeReported(at=self.now, trade=self.trades[trade.trade_id], ours=trade.order_id in self.own)
                )

    def _correct(self, *, pick: int, pnl: str, fees: str) -> None:
        trade = self._told_trade(pick)
        if trade and not trade.voided:
            result = None if trade.realized_pnl is None else Decimal(pnl)
            self.trades[trade.trade_id] = replace(trade, realized_pnl=result, fees=Decimal(fees))
            self._say(TradeReported(at=self.now, trade=self.trades[trade.trade_id], ours=trade.order_id in self.own))

    def _again(self, *, pick: int) -> None:
        if self.events:
            event = self.events[-1 - pick % len(self.events)]
            if isinstance(event, OrderUpdated | TradeReported):
                self._say(replace(event, at=self.now))

    def _account(self, *, can_trade: bool | str | None) -> None:
        if can_trade == "gone":
            self._say(AccountVanished(at=self.now, account_id=self.account_id))
        elif not isinstance(can_trade, str):
            self._say(AccountUpdated(at=self.now, account_id=self.account_id, can_trade=can_trade))


def told_together(*streams: list[Event | Obeyed]) -> list[Event | Obeyed]:
    """Tell the streams of several accounts in the order of their instants."""
    if len(streams) == 1:
        return streams[0]
    return sorted((event for stream in streams for event in stream), key=lambda event: event.at)


def starts() -> st.SearchStrategy[datetime]:
    """Draw when a stream begins."""
    return st.sampled_from(STARTS).map(lambda text: datetime.fromisoformat(text).astimezone(UTC))
