"""Payloads of the venue as the core's events and values, and back (pure)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from risk_manager.core.events import (
    AccountUpdated,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    TradeReported,
)
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.model.money import ZERO
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.gateway.errors import GatewayMisread
from risk_manager.gateway.payloads import (
    AccountPayload,
    ContractPayload,
    OrderPayload,
    PositionPayload,
    QuotePayload,
    TradePayload,
)

DELETED: Final = 2
"""The `action` of a user event that ends something."""
MOST_LAG: Final = timedelta(seconds=5)
"""How far the market stream can run behind the user stream while both of them live."""
_MAX_TEXT: Final = 200
_MAGNITUDES: Final = range(-28, 13)
"""Where the first digit of a price or a sum of money can stand, and more."""

_STATUS: Final = {
    0: OrderStatus.NONE,
    1: OrderStatus.OPEN,
    2: OrderStatus.FILLED,
    3: OrderStatus.CANCELLED,
    4: OrderStatus.EXPIRED,
    5: OrderStatus.REJECTED,
    6: OrderStatus.PENDING,
    7: OrderStatus.PENDING_CANCELLATION,
    8: OrderStatus.SUSPENDED,
}
_TYPE: Final = {
    0: OrderType.UNKNOWN,
    1: OrderType.LIMIT,
    2: OrderType.MARKET,
    3: OrderType.STOP_LIMIT,
    4: OrderType.STOP,
    5: OrderType.TRAILING_STOP,
    6: OrderType.JOIN_BID,
    7: OrderType.JOIN_ASK,
}
_SIDE: Final = {0: OrderSide.BUY, 1: OrderSide.SELL}
_LONG, _SHORT = 1, 2

TYPE_NUMBER: Final = {type_: number for number, type_ in _TYPE.items()}
SIDE_NUMBER: Final = {side: number for number, side in _SIDE.items()}


def account(payload: AccountPayload) -> Account:
    """Read an account."""
    return Account(
        account_id=payload.id,
        name=(payload.name or "")[:_MAX_TEXT],
        balance=_number(payload.balance, "balance"),
        can_trade=payload.can_trade,
        simulated=payload.simulated,
    )


def account_updated(payload: AccountPayload, at: datetime) -> AccountUpdated:
    """Read an account event; what it leaves out has not changed."""
    return AccountUpdated(
        at=at,
        account_id=payload.id,
        can_trade=payload.can_trade,
        balance=_number(payload.balance, "balance"),
        name=None if payload.name is None else payload.name[:_MAX_TEXT],
        simulated=payload.simulated,
    )


def contract(payload: ContractPayload) -> Contract:
    """Read a contract; one whose ticks are worth nothing is no contract."""
    tick_size = _number(payload.tick_size, "tickSize")
    tick_value = _number(payload.tick_value, "tickValue")
    if not tick_size or not tick_value or tick_size < 0 or tick_value < 0:
        raise GatewayMisread(f"contract {payload.id}: tick size {tick_size}, tick value {tick_value}")
    return Contract(
        contract_id=payload.id,
        name=(payload.name or "")[:_MAX_TEXT],
        symbol_id=(payload.symbol_id or "")[:_MAX_TEXT],
        tick_size=tick_size,
        tick_value=tick_value,
        active=payload.active_contract is not False,
    )


def position(payload: PositionPayload, action: int | None = None) -> Position:
    """Read a position. Size 0, type 0 or a deletion is flat, whatever else it says (seen in live captures)."""
    flat = payload.size == 0 or payload.type == 0 or action == DELETED
    price = _number(payload.average_price, "averagePrice")
    return Position(
        account_id=payload.account_id,
        contract_id=payload.contract_id,
        net_size=0 if flat else _net_size(payload),
        average_price=_average_price(price, flat=flat),
        position_id=payload.id,
        opened_at=instant(payload.creation_timestamp),
    )


def position_updated(payload: PositionPayload, at: datetime, action: int | None) -> PositionUpdated:
    """Read a position event."""
    return PositionUpdated(at=at, position=position(payload, action))


def order(payload: OrderPayload) -> Order:
    """Read an order; an unknown status may still fill, an unknown side cannot be told from the other one."""
    order_id = payload.id if payload.id is not None else payload.order_id
    if order_id is None:
        raise GatewayMisread("an order without an id")
    side = _SIDE.get(payload.side) if payload.side is not None else None
    if side is None:
        raise GatewayMisread(f"order {order_id}: side {payload.side}")
    return Order(
        order_id=order_id,
        account_id=payload.account_id,
        contract_id=payload.contract_id,
        type=OrderType.UNKNOWN if payload.type is None else _TYPE.get(payload.type, OrderType.UNKNOWN),
        side=side,
        size=_order_size(order_id, payload.size),
        status=OrderStatus.UNKNOWN if payload.status is None else _STATUS.get(payload.status, OrderStatus.UNKNOWN),
        filled_size=payload.fill_volume or 0,
        limit_price=_number(payload.limit_price, "limitPrice"),
        stop_price=_number(payload.stop_price, "stopPrice"),
        tag=None if payload.custom_tag is None else payload.custom_tag[:_MAX_TEXT],
        parent_id=payload.parent_order_id,
        created_at=instant(payload.creation_timestamp),
        updated_at=instant(payload.update_timestamp),
    )


def order_updated(payload: OrderPayload, at: datetime) -> OrderUpdated:
    """Read an order event. Its status is the truth: `action` 1 comes first, and also last."""
    return OrderUpdated(at=at, order=order(payload))


def trade(payload: TradePayload) -> Trade:
    """Read a half-turn; its P&L is gross, its costs stand beside it."""
    side = _SIDE.get(payload.side)
    if side is None:
        raise GatewayMisread(f"trade {payload.id}: side {payload.side}")
    at = instant(payload.creation_timestamp)
    if at is None:
        raise GatewayMisread(f"trade {payload.id}: creationTimestamp {payload.creation_timestamp[:40]!r}")
    return Trade(
        trade_id=payload.id,
        account_id=payload.account_id,
        contract_id=payload.contract_id,
        order_id=payload.order_id or 0,
        side=side,
        size=payload.size,
        price=finite(payload.price, "price"),
        at=at,
        realized_pnl=_number(payload.profit_and_loss, "profitAndLoss"),
        fees=_number(payload.fees, "fees") or ZERO,
        commissions=_number(payload.commissions, "commissions") or ZERO,
        voided=payload.voided is True,
    )


def trade_reported(payload: TradePayload, at: datetime) -> TradeReported:
    """Read a trade event; it tells only the order's id, not its tag."""
    return TradeReported(at=at, trade=trade(payload))


def quote_updated(payload: QuotePayload, at: datetime, contract_id: str) -> QuoteUpdated:
    """Read a quote; what it leaves out has not changed."""
    last, bid, ask = payload.last_price, payload.best_bid, payload.best_ask
    stamp = payload.timestamp if payload.last_updated is None else payload.last_updated
    return QuoteUpdated(
        at=at,
        contract_id=contract_id,
        last=None if last is None else finite(last, "lastPrice"),
        bid=None if bid is None else finite(bid, "bestBid"),
        ask=None if ask is None else finite(ask, "bestAsk"),
        quoted_at=quoted_at(stamp, at),
    )


def quoted_at(stamp: object, heard_at: datetime) -> datetime | None:
    """Tell when a price was quoted: never after it was heard of, and never longer before than a stream can lag.

    A stamp that stood still would otherwise make every price look older than the position that it values.
    """
    told = instant(stamp) if isinstance(stamp, str) else None
    if told is None or told >= heard_at:
        return None if told is None else heard_at
    return max(told, heard_at - MOST_LAG)


def instant(text: str | None) -> datetime | None:
    """Read a timestamp with any number of digits, as UTC; the year 0001 is the venue's "none"."""
    if not text:
        return None
    try:
        told = datetime.fromisoformat(text[:64])
        if told.tzinfo is not UTC:  # rare: the venue nearly always writes UTC, and every quote would pay for the change
            told = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if told.year == 1 else told


def finite(value: Decimal, name: str) -> Decimal:
    """Pass a number on, to 28 digits; refuse NaN, infinity, and what no price or sum can be."""
    if not value.is_finite():
        raise GatewayMisread(f"{name} is {value}")
    if value.adjusted() not in _MAGNITUDES:
        raise GatewayMisread(f"{name} is out of all proportion")
    return +value


def _number(value: Decimal | None, name: str) -> Decimal | None:
    return None if value is None else finite(value, name)


def _net_size(payload: PositionPayload) -> int:
    sign = {_LONG: 1, _SHORT: -1}.get(payload.type or 0)
    size = payload.size
    if sign is None or size is None or not 0 < size < 2**31:
        raise GatewayMisread(f"position in {payload.contract_id}: type {payload.type}, size {size}")
    return sign * size


def _average_price(price: Decimal | None, *, flat: bool) -> Decimal:
    if price is not None:
        return price
    if flat:
        return ZERO
    raise GatewayMisread("a position without an average price")


def _order_size(order_id: int, size: int | None) -> int:
    if size is None:
        raise GatewayMisread(f"order {order_id}: no size")
    return size
