"""The pursuit against a naive exchange: no flip, no over-close, one mutation at a time, an end in proof."""

from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.daemon.enforcement.goals import Goals, Reading
from risk_manager.daemon.enforcement.latch import SETTLING
from risk_manager.daemon.enforcement.pursuit import Pursuit
from risk_manager.daemon.enforcement.requests import CancelOrder, ClosePosition, ReducePosition, Request, ResizeOrder
from risk_manager.gateway.port import Answer, Verdict

CONTRACT = "CON.F.US.EP.U26"
LATEST_ARRIVAL = SETTLING * 0.9
"""A request that is to arrive at all does so within this many seconds of leaving."""


@dataclass
class Letter:
    """A request on its way to the venue, and what came back."""

    request: Request
    sent_at: float
    arrived: bool = False
    answered: bool = False


class Exchange:
    """One contract's truth: a net size, resting orders, and market orders that fill when told to."""

    def __init__(self) -> None:
        self.net_size = 0
        self.orders: dict[int, Order] = {}
        self.next_id = 1

    def rest(self, kind: OrderType, side: OrderSide, size: int, tag: str | None = "mine") -> Order:
        order = Order(
            order_id=self.next_id,
            account_id=1,
            contract_id=CONTRACT,
            type=kind,
            side=side,
            size=size,
            status=OrderStatus.OPEN,
            tag=tag,
        )
        self.next_id += 1
        self.orders[order.order_id] = order
        return order

    def obey(self, request: Request) -> Verdict:
        match request:
            case ClosePosition():
                return self._exit(abs(self.net_size))
            case ReducePosition(size=size):
                return self._exit(size)
            case CancelOrder(order_id):
                return Verdict.ACCEPTED if self.orders.pop(order_id, None) else Verdict.DONE_ALREADY
            case ResizeOrder(order_id, size):
                if order_id not in self.orders:
                    return Verdict.DONE_ALREADY
                self.orders[order_id] = replace(self.orders[order_id], size=size)
                return Verdict.ACCEPTED
            case _:
                raise AssertionError(request)

    def _exit(self, size: int) -> Verdict:
        if self.net_size == 0:
            return Verdict.DONE_ALREADY
        if size > abs(self.net_size):
            return Verdict.REFUSED
        side = OrderSide.SELL if self.net_size > 0 else OrderSide.BUY
        self.rest(OrderType.MARKET, side, size, tag=None)
        return Verdict.ACCEPTED

    @property
    def exits(self) -> list[Order]:
        return [order for order in self.orders.values() if order.type is OrderType.MARKET]


class PursuitMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange()
        self.pursuit = Pursuit()
        self.letters: list[Letter] = []
        self.now = 100.0
        self.target = 0
        self.half_read: tuple[float, dict[int, Order]] | None = None

    def send(self, requests: tuple[Request, ...]) -> None:
        self.letters += [Letter(request, self.now) for request in requests]

    def positions(self) -> dict[str, Position]:
        if not self.exchange.net_size:
            return {}
        position = Position(
            account_id=1, contract_id=CONTRACT, net_size=self.exchange.net_size, average_price=Decimal(1)
        )
        return {CONTRACT: position}

    @initialize(net=st.integers(-5, 5).filter(bool), most=st.integers(0, 3), stops=st.integers(0, 2))
    def breach(self, net: int, most: int, stops: int) -> None:
        self.exchange.net_size = net
        self.target = most
        side = OrderSide.SELL if net > 0 else OrderSide.BUY
        for _ in range(stops):
            self.exchange.rest(OrderType.STOP, side, abs(net))
        seen = Reading(sent_at=self.now, positions=self.positions(), orders=dict(self.exchange.orders))
        self.send(self.pursuit.want(Goals(targets={CONTRACT: most}), seen))

    @rule(seconds=st.floats(0.01, 2.0))
    def time_passes(self, seconds: float) -> None:
        for letter in self.letters:
            if not letter.arrived and self.now + seconds > letter.sent_at + LATEST_ARRIVAL:
                letter.arrived = True  # lost on the way
        self.now += seconds

    @precondition(lambda self: any(not letter.arrived for letter in self.letters))
    @rule(data=st.data(), answered=st.booleans())
    def a_request_arrives(self, data: st.DataObject, answered: bool) -> None:  # noqa: FBT001  drawn by hypothesis
        letter = data.draw(st.sampled_from([one for one in self.letters if not one.arrived]))
        letter.arrived = True
        verdict = self.exchange.obey(letter.request)
        if answered and not letter.answered:
            self.answer(letter, verdict)

    @precondition(lambda self: any(not letter.answered for letter in self.letters))
    @rule(data=st.data())
    def an_answer_is_lost(self, data: st.DataObject) -> None:
        letter = data.draw(st.sampled_from([one for one in self.letters if not one.answered]))
        self.answer(letter, Verdict.UNCLEAR)

    def answer(self, letter: Letter, verdict: Verdict) -> None:
        letter.answered = True
        self.pursuit.answered(letter.request, Answer(verdict=verdict), self.now)

    @precondition(lambda self: bool(self.exchange.exits))
    @rule(data=st.data())
    def an_exit_fills(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.exchange.exits))
        before = self.exchange.net_size
        after = before + order.side.sign * order.size
        assert before * after >= 0, "flipped"
        assert abs(after) >= min(self.target, abs(before)), "over-closed"
        self.exchange.net_size = after
        del self.exchange.orders[order.order_id]

    @precondition(lambda self: self.pursuit.goals and self.exchange.net_size and not self.exchange.exits)
    @rule()
    def the_trader_adds(self) -> None:
        self.exchange.net_size += 1 if self.exchange.net_size > 0 else -1

    @precondition(lambda self: self.half_read is None)
    @rule()
    def orders_are_read(self) -> None:
        self.half_read = (self.now, dict(self.exchange.orders))

    @precondition(lambda self: self.half_read is not None)
    @rule()
    def positions_are_read(self) -> None:
        assert self.half_read is not None
        sent_at, orders = self.half_read
        self.half_read = None
        reading = Reading(sent_at=sent_at, positions=self.positions(), orders=orders)
        progress = self.pursuit.read(reading, self.now)
        self.send(progress.requests)
        if progress.finished:
            assert abs(self.exchange.net_size) <= self.target

    @invariant()
    def one_exit_is_unanswered_at_most(self) -> None:
        exits = [
            letter
            for letter in self.letters
            if not letter.answered and isinstance(letter.request, ClosePosition | ReducePosition)
        ]
        assert len(exits) <= 1

    @invariant()
    def one_exit_works_at_most(self) -> None:
        assert len(self.exchange.exits) <= 1

    def teardown(self) -> None:
        """Let the world be kind: everything arrives, is answered and fills; then it must end in proof."""
        for _ in range(60):
            if not self.pursuit.is_under_way:
                break
            for letter in self.letters:
                if not letter.arrived:
                    letter.arrived = True
                    verdict = self.exchange.obey(letter.request)
                    if not letter.answered:
                        self.answer(letter, verdict)
                elif not letter.answered:
                    self.answer(letter, Verdict.UNCLEAR)
            for order in self.exchange.exits:
                self.exchange.net_size += order.side.sign * order.size
                del self.exchange.orders[order.order_id]
            self.now += 1.5
            self.half_read = (self.now, dict(self.exchange.orders))
            self.positions_are_read()
        assert not self.pursuit.is_under_way
        assert abs(self.exchange.net_size) <= self.target


TestPursuit = PursuitMachine.TestCase
TestPursuit.settings = settings(max_examples=60, stateful_step_count=25)
