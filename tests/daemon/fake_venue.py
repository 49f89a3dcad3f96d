"""A venue played by hand: its truth is set by the test, its answers are scripted, every request is written down."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from risk_manager.core.events import Event, Feed, FeedRestored
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract, contract_of_id
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.gateway.errors import GatewayError
from risk_manager.gateway.port import Answer, FeedHealth, Heard, Urgency, Verdict
from tests.daemon.virtual_time import START, LoopClock

ACCOUNT = 7
ES = "CON.F.US.EP.U26"
NQ = "CON.F.US.ENQ.U26"
ACCEPTED = Answer(verdict=Verdict.ACCEPTED)
UNCLEAR = Answer(verdict=Verdict.UNCLEAR, text="timed out")
REFUSED = Answer(verdict=Verdict.REFUSED, code=5, text="outside trading hours")
TRAVEL = 0.01


class FakeVenue:
    """Obeys by default: an accepted close fills after `fill_after` seconds.

    `script` holds answers for the next changing requests; a scripted request changes nothing unless it is also
    in `obeyed_anyway`.
    """

    def __init__(self) -> None:
        self.clock = LoopClock()
        self.net: dict[str, int] = {}
        self.average: dict[str, Decimal] = {}
        self.opened: dict[str, datetime] = {}
        self.orders: dict[int, Order] = {}
        self.trades_booked: list[Trade] = []
        self.listed = [Account(account_id=ACCOUNT, name="PRAC", can_trade=True, balance=Decimal(50000))]
        self.script: deque[Answer] = deque()
        self.obeys_scripted = False
        self.answer_after = TRAVEL
        self.fill_after = 0.0
        self.login_errors: deque[GatewayError] = deque()
        self.read_errors: deque[GatewayError] = deque()
        self.rest_is_down: GatewayError | None = None
        self.requests: list[tuple[float, str]] = []
        self.reads: list[float] = []
        self.logins: list[float] = []
        self.keys: list[str] = []
        self.watched: list[list[str]] = []
        self.subscribed: list[list[int]] = []
        self.restarted: list[Feed] = []
        self.deliver: Callable[[Event], None] = lambda _: None
        self.stream_comes_up = True
        self.during_picture: Callable[[], None] = lambda: None
        self.next_id = 100
        self.closed = False
        self.user_state = "live"
        self.user_reason = ""
        self.looks: list[tuple[float, str]] = []
        self.heard: Heard | None = None

    # reading

    async def log_in(self) -> None:
        self.logins.append(self.clock.monotonic())
        if self.login_errors:
            raise self.login_errors.popleft()
        self._tell_time()

    def for_login(self, api: str, username: str, api_key: str) -> "FakeVenue":
        """Play the venue for whoever comes."""
        del api, username, api_key
        return self

    def take_key(self, api_key: str) -> None:
        self.keys.append(api_key)

    async def accounts(self) -> tuple[Account, ...]:
        self.looks.append((self.clock.monotonic(), "accounts"))
        await self._read()
        return tuple(self.listed)

    async def contracts(self) -> tuple[Contract, ...]:
        await self._read()
        return tuple(contract for one in (ES, NQ) if (contract := contract_of_id(one)))

    async def contract(self, contract_id: str) -> Contract | None:
        await self._read()
        return contract_of_id(contract_id)

    async def positions(self, account_id: int, urgency: Urgency = Urgency.ROUTINE) -> tuple[Position, ...]:
        del urgency
        self.looks.append((self.clock.monotonic(), "positions"))
        await self._read()
        self.during_picture()
        return tuple(self.position(one, account_id) for one, net in self.net.items() if net)

    async def working_orders(self, account_id: int, urgency: Urgency = Urgency.ROUTINE) -> tuple[Order, ...]:
        del account_id, urgency
        self.reads.append(self.clock.monotonic())
        self.looks.append((self.clock.monotonic(), "working_orders"))
        await self._read()
        return tuple(order for order in self.orders.values() if order.is_working)

    async def orders_since(self, account_id: int, since: datetime) -> tuple[Order, ...]:
        del account_id, since
        self.looks.append((self.clock.monotonic(), "orders_since"))
        await self._read()
        return tuple(self.orders.values())

    async def trades(self, account_id: int, since: datetime) -> tuple[Trade, ...]:
        del account_id
        self.looks.append((self.clock.monotonic(), "trades"))
        await self._read()
        return tuple(trade for trade in self.trades_booked if trade.at >= since)

    async def last_price(self, contract_id: str) -> tuple[datetime, Decimal] | None:
        del contract_id
        await self._read()
        return self.clock.now(), Decimal(6000)

    async def _read(self) -> None:
        await asyncio.sleep(TRAVEL)
        if self.rest_is_down is not None:
            raise self.rest_is_down
        if self.read_errors:
            raise self.read_errors.popleft()
        self._tell_time()

    def _tell_time(self) -> None:
        if self.heard is not None:
            self.heard(self.clock.now().replace(microsecond=0), within=1 + TRAVEL)

    # changing

    async def close(self, account_id: int, contract_id: str) -> Answer:
        del account_id
        return await self._change(f"close {contract_id}", lambda: self._exit(contract_id, abs(self._net(contract_id))))

    async def reduce(self, account_id: int, contract_id: str, size: int) -> Answer:
        del account_id
        return await self._change(f"reduce {contract_id} {size}", lambda: self._exit(contract_id, size))

    async def cancel(self, account_id: int, order_id: int) -> Answer:
        del account_id
        return await self._change(f"cancel {order_id}", lambda: self._end(order_id))

    async def modify(
        self, account_id: int, order_id: int, *, size: int | None = None, stop: Decimal | None = None
    ) -> Answer:
        del account_id
        return await self._change(f"modify {order_id} size={size} stop={stop}", lambda: self._resize(order_id, size))

    async def place_stop(
        self, account_id: int, contract_id: str, *, side: OrderSide, size: int, stop: Decimal, tag: str
    ) -> Answer:
        del account_id
        return await self._change(
            f"place_stop {contract_id} {side.value} {size} {stop} {tag[:4]}",
            lambda: self._placed(self.rest(OrderType.STOP, side, size, contract_id=contract_id, tag=tag)),
        )

    async def _change(self, words: str, deed: Callable[[], Answer]) -> Answer:
        self.requests.append((self.clock.monotonic(), words))
        answer = self.script.popleft() if self.script else None
        result = deed() if answer is None or self.obeys_scripted else ACCEPTED
        await asyncio.sleep(self.answer_after)
        return answer or result

    def _exit(self, contract_id: str, size: int) -> Answer:
        net = self._net(contract_id)
        if net == 0:
            return Answer(verdict=Verdict.DONE_ALREADY, code=2)
        if size > abs(net):
            return Answer(verdict=Verdict.REFUSED, code=5)
        side = OrderSide.SELL if net > 0 else OrderSide.BUY
        order = self.rest(OrderType.MARKET, side, size, contract_id=contract_id, tag=None)
        asyncio.get_running_loop().call_later(self.fill_after, self._fill, order)
        return ACCEPTED

    def _fill(self, order: Order) -> None:
        before = self._net(order.contract_id)
        self.net[order.contract_id] = before + order.side.sign * order.size
        assert before * self.net[order.contract_id] >= 0, "flipped"
        self.orders[order.order_id] = replace(order, status=OrderStatus.FILLED, filled_size=order.size)

    def _end(self, order_id: int) -> Answer:
        order = self.orders.get(order_id)
        if order is None or not order.is_working:
            return Answer(verdict=Verdict.DONE_ALREADY, code=2)
        self.orders[order_id] = replace(order, status=OrderStatus.CANCELLED)
        return ACCEPTED

    def _placed(self, order: Order) -> Answer:
        return replace(ACCEPTED, order_id=order.order_id)

    def _resize(self, order_id: int, size: int | None) -> Answer:
        if size is not None:
            self.orders[order_id] = replace(self.orders[order_id], size=size)
        return ACCEPTED

    # streams

    def start_streams(self, *, accounts: Collection[int], deliver: Callable[[Event], None]) -> None:
        del accounts
        self.deliver = deliver
        if self.stream_comes_up:
            asyncio.get_running_loop().call_later(
                TRAVEL, lambda: deliver(FeedRestored(at=self.clock.now(), feed=Feed.USER))
            )

    def watch_accounts(self, account_ids: Collection[int]) -> None:
        self.subscribed.append(list(account_ids))

    async def watch_quotes(self, contract_ids: Collection[str]) -> None:
        self.watched.append(list(contract_ids))

    def restart_stream(self, feed: Feed) -> None:
        self.restarted.append(feed)

    def requests_used(self) -> int:
        return 7

    def health(self) -> tuple[FeedHealth, ...]:
        user = FeedHealth(feed=Feed.USER, state=self.user_state, since=START, age=0.0, reason=self.user_reason)
        return (user, FeedHealth(feed=Feed.MARKET, state="live", since=START, age=0.0))

    async def aclose(self) -> None:
        self.closed = True

    # what the test says

    def rest(
        self, kind: OrderType, side: OrderSide, size: int, *, contract_id: str = ES, tag: str | None = "trader"
    ) -> Order:
        order = Order(
            order_id=self.next_id,
            account_id=ACCOUNT,
            contract_id=contract_id,
            type=kind,
            side=side,
            size=size,
            status=OrderStatus.OPEN,
            tag=tag,
            created_at=self.clock.now(),
        )
        self.next_id += 1
        self.orders[order.order_id] = order
        return order

    def position(self, contract_id: str, account_id: int = ACCOUNT) -> Position:
        return Position(
            account_id=account_id,
            contract_id=contract_id,
            net_size=self._net(contract_id),
            average_price=self.average.get(contract_id, Decimal(6000)),
            opened_at=self.opened.get(contract_id),
        )

    def words(self, beginning: str = "") -> list[str]:
        return [words for _, words in self.requests if words.startswith(beginning)]

    def lists(self) -> int:
        return sum(what == "accounts" for _, what in self.looks)

    def times(self, beginning: str) -> list[float]:
        return [round(at - 1000, 3) for at, words in self.requests if words.startswith(beginning)]

    def _net(self, contract_id: str) -> int:
        return self.net.get(contract_id, 0)
