from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from risk_manager.simulator.exchange.changes import AccountChanged, OrderChanged, PositionChanged, TradeMade
from risk_manager.simulator.exchange.orders import TERMINAL, Order, Side, Status, Type
from risk_manager.simulator.exchange.placing import Amendment
from tests.simulator.exchange.pit import ACCOUNT, Pit

SIDES = st.sampled_from(Side)
SIZES = st.integers(1, 4)
TICKS = st.integers(-60, 60)


class ExchangeMachine(RuleBasedStateMachine):
    """A trader does what he likes and the price goes where it likes; the books must always agree."""

    @initialize(liquidity=st.sampled_from([None, 1, 2]), linger=st.sampled_from([0.0, None, 1.0]))
    def open(self, liquidity: int | None, linger: float | None) -> None:
        self.pit = Pit(liquidity=liquidity, legs_vanish_after=linger)
        self.flat_since = self.pit.now
        self.ended: dict[int, Status] = {}
        self.trades_seen = 0
        self.told_net = 0
        self.told_balance = Decimal(50000)

    @rule(side=SIDES, size=SIZES)
    def market(self, side: Side, size: int) -> None:
        self.pit.place(side, size)

    @rule(side=SIDES, size=SIZES, ticks=TICKS, kind=st.sampled_from([Type.LIMIT, Type.STOP, Type.TRAILING_STOP]))
    def resting(self, side: Side, size: int, ticks: int, kind: Type) -> None:
        price = str(self.market_price + ticks * self.pit.mnq.tick_size)
        field = {Type.LIMIT: "limit_price", Type.STOP: "stop_price", Type.TRAILING_STOP: "trail_price"}[kind]
        self.pit.place(side, size, kind=kind, **{field: price})

    @rule(side=SIDES, size=SIZES, loss=st.integers(4, 30), profit=st.integers(1, 30))
    def bracketed(self, side: Side, size: int, loss: int, profit: int) -> None:
        self.pit.place(side, size, stop_loss=-loss * side.sign, take_profit=profit * side.sign)

    @rule(size=st.none() | SIZES)
    def close(self, size: int | None) -> None:
        if size is None:
            self.pit.close()
        else:
            self.pit.exchange.partial_close(ACCOUNT, self.pit.mnq.id, size=size, now=self.pit.now)

    @rule(which=st.integers(0, 30))
    def cancel(self, which: int) -> None:
        if self.living:
            order = self.living[which % len(self.living)]
            self.pit.exchange.cancel(ACCOUNT, order.id, self.pit.now)

    @rule(which=st.integers(0, 30), size=SIZES, ticks=TICKS)
    def modify(self, which: int, size: int, ticks: int) -> None:
        standing = [order for order in self.living if not order.is_leg]
        if standing:
            order = standing[which % len(standing)]
            price = self.market_price + ticks * self.pit.mnq.tick_size
            to = Amendment(size=size, limit_price=price, stop_price=price)
            self.pit.exchange.modify(ACCOUNT, order.id, to=to, now=self.pit.now)

    @rule(ticks=TICKS)
    def price(self, ticks: int) -> None:
        self.pit.price(str(self.market_price + ticks * self.pit.mnq.tick_size))

    @rule(seconds=st.sampled_from([0.001, 0.005, 1.0, 3.0]))
    def elapse(self, seconds: float) -> None:
        self.pit.elapse(seconds)

    @precondition(lambda self: self.pit.account.can_trade)
    @rule()
    def liquidated(self) -> None:
        self.pit.exchange.liquidate(ACCOUNT, self.pit.now)
        assert self.pit.net == 0
        assert not self.living
        self.pit.exchange.set_can_trade(ACCOUNT, allowed=True)

    @property
    def market_price(self) -> Decimal:
        return self.pit.exchange.market(self.pit.mnq).last

    @property
    def living(self) -> list[Order]:
        return [order for order in self.pit.orders() if not order.is_terminal]

    @invariant()
    def the_position_is_the_sum_of_the_fills_and_of_the_lots(self) -> None:
        fills = sum(trade.side.sign * trade.size for trade in self.pit.account.trades)
        assert fills == self.pit.net == sum(order.side.sign * order.fill_volume for order in self.pit.orders())
        position = self.pit.account.positions.get(self.pit.mnq.id)
        if position is not None:
            assert position.size == sum(size for _, size in position.lots) > 0

    @invariant()
    def the_balance_is_the_start_and_all_trades(self) -> None:
        account = self.pit.account
        booked = sum(((t.profit_and_loss or Decimal(0)) - t.fees - t.commissions for t in account.trades), Decimal(0))
        assert account.balance == account.start_balance + booked

    @invariant()
    def profit_is_what_was_sold_less_what_was_bought(self) -> None:
        account, contract = self.pit.account, self.pit.mnq
        cash = sum((-t.side.sign * t.price * t.size for t in account.trades), Decimal(0))
        held = account.positions.get(contract.id)
        lots: Iterable[tuple[Decimal, int]] = held.lots if held else ()
        sign = 1 if held and held.net_size > 0 else -1
        cost = sum((price * size * sign for price, size in lots), Decimal(0))
        gross = sum((t.profit_and_loss or Decimal(0) for t in account.trades), Decimal(0))
        assert gross == contract.pnl(cash + cost, 1)

    @invariant()
    def no_order_fills_beyond_its_size(self) -> None:
        for order in self.pit.orders():
            assert 0 <= order.fill_volume <= order.size
            assert (order.status is Status.FILLED) == (order.fill_volume == order.size)

    @invariant()
    def of_two_legs_never_both_fill_whole(self) -> None:
        for order in self.pit.orders(Status.FILLED):
            if order.sibling_id is not None:
                sibling = self.pit.exchange.floor.orders[order.sibling_id]
                assert sibling.status is not Status.FILLED
                assert sibling.fill_volume + order.fill_volume <= max(order.size, sibling.size) * 2

    @invariant()
    def what_is_over_stays_over(self) -> None:
        for order in self.pit.orders(*TERMINAL):
            assert self.ended.setdefault(order.id, order.status) is order.status

    @invariant()
    def the_events_tell_the_same_as_the_books(self) -> None:
        for change in self.pit.told():
            match change:
                case PositionChanged(row=row):
                    self.told_net = row.size if row.type == 1 else -row.size
                case AccountChanged(row=account):
                    self.told_balance = account.balance
                case OrderChanged(order=order):
                    assert order.account_id == ACCOUNT
                case TradeMade(trade=trade):
                    assert trade.size > 0
        assert self.told_net == self.pit.net
        assert self.told_balance == self.pit.account.balance

    @invariant()
    def flat_for_two_seconds_means_no_legs_of_what_was_held(self) -> None:
        if self.pit.net or len(self.pit.account.trades) != self.trades_seen:
            self.trades_seen = len(self.pit.account.trades)
            self.flat_since = self.pit.now
            return
        if self.pit.now - self.flat_since > timedelta(seconds=2.5):
            entries = {o.id for o in self.pit.orders() if not o.is_leg and not o.is_terminal}
            legs = [o for o in self.living if o.is_leg and o.status is not Status.SUSPENDED]
            assert all(leg.parent_id in entries for leg in legs), legs


TestExchangeMachine = ExchangeMachine.TestCase
TestExchangeMachine.settings = settings(max_examples=40, stateful_step_count=40)
