"""Which orders at the venue are the daemon's: its tags, and the untagged market orders that its closes turn into."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from risk_manager.core.events import Event, OrderUpdated, TradeReported
from risk_manager.core.model.order import Order, OrderSide, OrderType
from risk_manager.core.model.trade import Trade

_TAG_PREFIX = "srm-"
_TAG_PART = 16
"""Letters of the two parts of a tag: one that is never the same, and its seal."""
CLOCK_TOLERANCE = timedelta(seconds=2)
"""How much earlier than the call, by our clock, the venue may date the order that the call caused."""
CALL_LIFETIME = timedelta(seconds=30)
"""How long after a call its order may still appear."""


@dataclass(slots=True)
class Call:
    """A close or reduction that was asked for; the venue answers without the id of its order."""

    contract_id: str
    side: OrderSide
    size: int
    at: datetime
    order_id: int | None = None
    strangers: frozenset[int] = frozenset()
    """Orders whose fills were heard of before the call was sent, and so are not its."""


@dataclass(slots=True)
class OwnOrders:
    """The calls of one account and the order ids found for them."""

    ids: set[int] = field(default_factory=set)
    tag_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    """What tags are sealed with: whoever gave his own orders the daemon's tags would trade without being counted."""
    _calls: list[Call] = field(default_factory=list)
    _fills: set[int] = field(default_factory=set)
    _strangers: set[int] = field(default_factory=set)
    """Orders heard of when no call could have caused them: one that is sent later has not caused them either."""

    def new_tag(self) -> str:
        """Make a tag that was never used before, and that nobody else can make."""
        nonce = secrets.token_hex(_TAG_PART // 2)
        return f"{_TAG_PREFIX}{nonce}{self._seal_of(nonce)}"

    def is_own_tag(self, tag: str) -> bool:
        """Tell whether the daemon has made a tag, in an earlier life too."""
        body = tag.removeprefix(_TAG_PREFIX).encode()
        if not tag.startswith(_TAG_PREFIX):
            return False
        nonce, seal = body[:_TAG_PART], body[_TAG_PART:]
        return hmac.compare_digest(seal, self._seal_of(nonce.decode(errors="replace")).encode())

    def expect(self, contract_id: str, *, side: OrderSide, size: int, at: datetime) -> Call:
        """Note that a close or reduction is about to be sent."""
        self._calls = [call for call in self._calls if at - call.at < CALL_LIFETIME]
        call = Call(contract_id, side, size, at)
        self._calls.append(call)
        return call

    def remember(self, call: Call) -> None:
        """Take on a call of an earlier life."""
        self._calls.append(call)

    def withdraw(self, call: Call) -> None:
        """Note that the venue refused a call, or had nothing to close: no order will come of it."""
        if call.order_id is None and call in self._calls:
            self._calls.remove(call)

    def marked(self, event: Event, is_known: Callable[[int], bool]) -> Event:
        """Mark an order or a fill that the daemon itself caused; `is_known` tells of order ids that were reported."""
        match event:
            case OrderUpdated(order=order):
                is_ours = self.claims_order(order, event.at)
            case TradeReported(trade=trade):
                is_ours = self.claims_trade(trade, is_known)
            case _:
                return event
        return replace(event, ours=True) if is_ours else event

    def claims_order(self, order: Order, at: datetime) -> bool:
        """Tell whether an order, heard of at `at`, is the daemon's."""
        if order.order_id in self.ids:
            return True
        if order.tag is not None:
            return self.is_own_tag(order.tag) and self._keep(order.order_id)
        if order.type is not OrderType.MARKET:
            return False
        created = order.created_at or at
        return self._match(order.order_id, order.contract_id, order.side, order.size, created)

    def claims_trade(self, trade: Trade, is_known: Callable[[int], bool]) -> bool:
        """Tell whether a fill is the daemon's; one whose order was never heard of may be that of a call."""
        if trade.order_id in self.ids:
            return True
        if is_known(trade.order_id):
            self._strangers.add(trade.order_id)
            return False
        return self._match(trade.order_id, trade.contract_id, trade.side, trade.size, trade.at)

    def is_new_fill(self, trade: Trade) -> bool:
        """Tell whether a fill of ours is told for the first time; the venue may tell it twice."""
        if trade.trade_id in self._fills or trade.voided:
            return False
        self._fills.add(trade.trade_id)
        return True

    def _match(self, order_id: int, contract_id: str, side: OrderSide, size: int, created: datetime) -> bool:
        if order_id in self._strangers:
            return False
        for call in self._calls:
            if order_id in call.strangers:
                continue
            fits = call.order_id is None and call.contract_id == contract_id and call.side is side
            if fits and size <= call.size and call.at - CLOCK_TOLERANCE <= created < call.at + CALL_LIFETIME:
                call.order_id = order_id
                return self._keep(order_id)
        self._strangers.add(order_id)
        return False

    def _seal_of(self, nonce: str) -> str:
        return hmac.new(self.tag_key, nonce.encode(), hashlib.sha256).hexdigest()[:_TAG_PART]

    def _keep(self, order_id: int) -> bool:
        self.ids.add(order_id)
        return True
