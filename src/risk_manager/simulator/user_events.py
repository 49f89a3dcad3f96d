"""What the user hub tells: changes of the exchange, packed as the switches say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec

from risk_manager.simulator import wire
from risk_manager.simulator.exchange.accounts import HalfTrade
from risk_manager.simulator.exchange.changes import (
    AccountChanged,
    AccountRow,
    Change,
    OrderChanged,
    PositionChanged,
    PositionRow,
    TradeMade,
)
from risk_manager.simulator.exchange.orders import Order
from risk_manager.simulator.hub_connection import Topic
from risk_manager.simulator.hubs import ACCOUNTS, ORDERS, POSITIONS, TRADES
from risk_manager.simulator.switches import Envelope, Switches

CREATE, UPDATE, DELETE = 0, 1, 2
TARGETS = {
    ACCOUNTS: "GatewayUserAccount",
    ORDERS: "GatewayUserOrder",
    POSITIONS: "GatewayUserPosition",
    TRADES: "GatewayUserTrade",
}
ID_FIELDS = ("id", "accountId", "orderId", "parentOrderId", "linkedOrderId")


class UserEvent(msgspec.Struct):
    """One event of the user hub, ready to be written."""

    topic: Topic
    target: str
    action: int
    data: dict[str, Any]

    def record(self, switches: Switches) -> bytes:
        """The bytes that travel."""
        wrapped = {"action": self.action, "data": self.data}
        match switches.envelope:
            case Envelope.WRAPPED:
                return wire.event_record(self.target, wrapped)
            case Envelope.BARE:
                return wire.event_record(self.target, self.data)
            case Envelope.LIST:
                return wire.event_record(self.target, [wrapped])


def user_events(change: Change, owner: str, switches: Switches) -> Iterator[UserEvent]:
    """The events by which a change is told: mostly one."""
    match change:
        case OrderChanged(order=order):
            is_end = order.is_terminal and switches.order_end_is_delete
            yield _event(ORDERS, order.account_id, DELETE if is_end else UPDATE, order_data(order, switches))
        case TradeMade(trade=trade):
            data = trade_data(trade, switches)
            yield _event(TRADES, trade.account_id, UPDATE if trade.voided else CREATE, data)
            if switches.duplicate_trades:
                yield _event(TRADES, trade.account_id, UPDATE, data)
        case PositionChanged(row=row):
            action = UPDATE if row.size else DELETE
            yield _event(POSITIONS, row.account_id, action, position_data(row, switches))
        case AccountChanged(row=row):
            yield _event(ACCOUNTS, owner, UPDATE, account_data(row, switches))


def order_data(order: Order, switches: Switches) -> wire.Fields:
    """An order without nulls."""
    instant = partial(wire.hub_instant, tail=order.revision % 9 + 1)
    fields = wire.without_nulls(wire.order_fields(order, instant))
    if switches.string_ids:
        fields["orderId"] = fields["id"]
    return _ids(fields, switches)


def trade_data(trade: HalfTrade, switches: Switches) -> wire.Fields:
    """A half-trade without nulls."""
    fields = wire.without_nulls(wire.trade_fields(trade, wire.hub_instant))
    if not switches.commissions_field:
        del fields["commissions"]
    return _ids(fields, switches)


def position_data(row: PositionRow, switches: Switches) -> wire.Fields:
    """A position without nulls; its instant has six digits, as seen in live captures."""
    fields = wire.position_fields(row, wire.rest_instant)
    if not switches.display_name_field:
        del fields["contractDisplayName"]
    return _ids(fields, switches)


def account_data(row: AccountRow, switches: Switches) -> wire.Fields:
    """An account."""
    return _ids(wire.account_fields(row), switches)


def snapshot_event(stream: str, key: int | str, data: wire.Fields) -> UserEvent:
    """An event that tells a new listener how things stand."""
    return _event(stream, key, UPDATE, data)


def _event(stream: str, key: int | str, action: int, data: wire.Fields) -> UserEvent:
    return UserEvent((stream, key), TARGETS[stream], action, data)


def _ids(fields: wire.Fields, switches: Switches) -> wire.Fields:
    if switches.string_ids:
        for name in ID_FIELDS:
            if name in fields:
                fields[name] = str(fields[name])
    return fields
