"""What the hubs say, read into the core's events as it arrives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from risk_manager.core.events import Event, OrderUpdated, TradeReported
from risk_manager.gateway import payloads, translate
from risk_manager.gateway.errors import GatewayMisread
from risk_manager.gateway.payloads import (
    AccountPayload,
    Item,
    OrderPayload,
    Payload,
    PositionPayload,
    TradePayload,
    Wrapped,
    excerpt,
)
from risk_manager.gateway.port import Heard
from risk_manager.gateway.reading import Misread
from risk_manager.signalr.messages import Invocation

Arguments = tuple[msgspec.Raw, ...]
LOGOUT: Final = "gatewaylogout"


class HubEvents:
    """Reads invocations of either hub and delivers their events at once; what it cannot read it reports."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        deliver: Callable[[Event], None],
        misread: Misread,
        logged_out: Callable[[], None],
        heard: Heard | None = None,
    ) -> None:
        self._heard = heard
        self._now = now
        self._deliver = deliver
        self._misread = misread
        self._logged_out = logged_out
        self._targets: dict[str, Callable[[Arguments], None]] = {
            "gatewayquote": self._quote,
            "gatewayuserorder": self._user_event(payloads.WRAPPED_ORDER, payloads.ORDER, self._order),
            "gatewayuserposition": self._user_event(payloads.WRAPPED_POSITION, payloads.POSITION, self._position),
            "gatewayusertrade": self._user_event(payloads.WRAPPED_TRADE, payloads.TRADE, self._trade),
            "gatewayuseraccount": self._user_event(payloads.WRAPPED_ACCOUNT, payloads.ACCOUNT, self._account),
            LOGOUT: self._logout,
        }

    def receive(self, invocation: Invocation) -> None:
        """Take one invocation; its name matters, the case of its letters does not (seen in both)."""
        # The names as documented are kept beside the lower-case ones: a quote must not pay for the oddity.
        target = self._targets.get(invocation.target)
        if target is None:
            target = self._targets.get(invocation.target.lower())
            if target is None:
                return  # the market's trades and depth, or something new
            if invocation.target in _DOCUMENTED:
                self._targets[invocation.target] = target
        target(invocation.arguments)

    def _quote(self, arguments: Arguments) -> None:
        """Read `(contractId, data)`: the `symbol` inside names the product only."""
        if len(arguments) <= 1:
            self._misread(_shown(arguments), "a quote has two arguments: contract id and data")
            return
        try:
            contract_id = payloads.read_contract_id(arguments[0])
            quote = payloads.QUOTE.decode(arguments[1])
            event = translate.quote_updated(quote, self._now(), contract_id)
        except GatewayMisread as problem:
            self._misread(_shown(arguments), f"quote: {problem}")
        except payloads.UNREADABLE:
            self._quotes(contract_id, arguments[1])
        else:
            self._deliver(event)

    def _quotes(self, contract_id: str, raw: msgspec.Raw) -> None:
        """Read data that is no plain object; a list was never seen, but trades and depth come as lists."""

        def read(item: Item) -> Event:
            quote = payloads.read(payloads.QUOTE, item.data)
            return translate.quote_updated(quote, self._now(), contract_id)

        self._items(raw, read)

    def _user_event(
        self,
        wrapped: msgspec.json.Decoder[Wrapped[Payload]],
        bare: msgspec.json.Decoder[Payload],
        read: Callable[[Payload, int | None], Event],
    ) -> Callable[[Arguments], None]:
        def read_item(item: Item) -> Event:
            return read(payloads.read(bare, item.data), item.action)

        def receive(arguments: Arguments) -> None:
            for argument in arguments:
                try:
                    told = wrapped.decode(argument)
                    event = None if told.data is None else read(told.data, told.action)
                except (*payloads.UNREADABLE, GatewayMisread):
                    event = None
                if event is None:  # another shape, or a bad one: take it apart
                    self._items(argument, read_item)
                else:
                    self._deliver(event)

        return receive

    def _items(self, argument: msgspec.Raw, read: Callable[[Item], Event]) -> None:
        """Deliver what can be read of an argument; a bad item does not cost its neighbours."""
        for item in payloads.items_of(argument, misread=self._misread):
            try:
                event = read(item)
            except GatewayMisread as problem:
                self._misread(excerpt(item.data), str(problem))
                continue
            self._deliver(event)

    def _order(self, payload: OrderPayload, action: int | None) -> Event:
        del action  # its status is the truth: action 1 comes first, and also last
        event = translate.order_updated(payload, self._now())
        return self._timed(event, event.order.updated_at)

    def _position(self, payload: PositionPayload, action: int | None) -> Event:
        return translate.position_updated(payload, self._now(), action)

    def _trade(self, payload: TradePayload, action: int | None) -> Event:
        del action  # one trade comes as 0, and again as 1
        event = translate.trade_reported(payload, self._now())
        return self._timed(event, event.trade.at)

    def _timed(self, event: OrderUpdated | TradeReported, stamp: datetime | None) -> Event:
        """Tell what the venue's clock showed; an event is not stamped earlier than what it tells of."""
        if self._heard is None or stamp is None:
            return event
        self._heard(stamp)
        return event if stamp <= event.at else replace(event, at=self._now())

    def _account(self, payload: AccountPayload, action: int | None) -> Event:
        del action
        return translate.account_updated(payload, self._now())

    def _logout(self, arguments: Arguments) -> None:
        del arguments  # nobody knows what they are
        self._logged_out()


_DOCUMENTED: Final = frozenset(
    {"GatewayQuote", "GatewayUserOrder", "GatewayUserPosition", "GatewayUserTrade", "GatewayUserAccount"}
)


def _shown(arguments: Arguments) -> str:
    return ", ".join(excerpt(argument) for argument in arguments[:2])
