"""The shapes of the venue's payloads: REST with explicit nulls, hubs without any.

Numbers are written exactly, without trailing zeros; instants end in +00:00 and have up to six digits
of a second on REST and seven on the hubs, as seen in live captures.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from risk_manager.signalr.messages import Invocation, encode_message
from risk_manager.signalr.records import SEPARATOR
from risk_manager.simulator.exchange.accounts import HalfTrade
from risk_manager.simulator.exchange.changes import AccountRow, PositionRow
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.market import Second
from risk_manager.simulator.exchange.orders import Order

Fields = dict[str, Any]
Instant = Callable[[datetime], str]

FINEST = Decimal("1E-9")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: object) -> bytes:
    """Write JSON; decimals become numbers."""
    return _ENCODER.encode(value)


def number(value: Decimal | None) -> msgspec.Raw | None:
    """A decimal as the venue writes it: exact, plain, at most nine digits after the point."""
    if value is None:
        return None
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -9:  # noqa: PLR2004 - the digits of FINEST
        value = value.quantize(FINEST)
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return msgspec.Raw(text.encode() if text not in {"-0", ""} else b"0")


def rest_instant(at: datetime) -> str:
    """An instant with up to six digits of a second."""
    digits = f"{at.microsecond:06d}".rstrip("0")
    return f"{at.astimezone(UTC).isoformat()[:19]}{'.' if digits else ''}{digits}+00:00"


def hub_instant(at: datetime, tail: int = 1) -> str:
    """An instant with seven digits of a second, the last of which is `tail`."""
    return f"{at.astimezone(UTC).isoformat()[:19]}.{at.microsecond:06d}{tail}+00:00"


def exchange_instant(at: datetime) -> str:
    """An instant as the exchange stamps it: milliseconds."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds')[:23]}+00:00"


def without_nulls(fields: Fields) -> Fields:
    """The form of the hubs: what is null is left out."""
    return {name: value for name, value in fields.items() if value is not None}


def account_fields(row: AccountRow) -> Fields:
    """An account."""
    return {
        "id": row.id,
        "name": row.name,
        "balance": number(row.balance),
        "canTrade": row.can_trade,
        "isVisible": row.is_visible,
        "simulated": row.simulated,
    }


def contract_fields(contract: Contract) -> Fields:
    """A contract."""
    return {
        "id": contract.id,
        "name": contract.name,
        "description": contract.description,
        "tickSize": number(contract.tick_size),
        "tickValue": number(contract.tick_value),
        "activeContract": contract.is_active,
        "symbolId": contract.symbol_id,
    }


def order_fields(order: Order, instant: Instant) -> Fields:
    """An order; a trail reads back as a distance in points."""
    trail = order.trail_distance
    return {
        "id": order.id,
        "accountId": order.account_id,
        "contractId": order.contract.id,
        "symbolId": order.contract.symbol_id,
        "creationTimestamp": instant(order.created_at),
        "updateTimestamp": instant(order.updated_at),
        "status": int(order.status),
        "type": int(order.type),
        "side": int(order.side),
        "size": order.size,
        "limitPrice": number(order.limit_price),
        "stopPrice": number(order.stop_price),
        "fillVolume": order.fill_volume,
        "filledPrice": number(order.filled_price),
        "customTag": order.custom_tag,
        "trailDistance": trail,
        "trailPrice": None if trail is None else number(trail * order.contract.tick_size),
        "parentOrderId": order.parent_id,
        "linkedOrderId": order.linked_id,
    }


def position_fields(row: PositionRow, instant: Instant) -> Fields:
    """A position."""
    return {
        "id": row.id,
        "accountId": row.account_id,
        "contractId": row.contract.id,
        "contractDisplayName": row.contract.display_name,
        "creationTimestamp": instant(row.created_at),
        "type": row.type,
        "size": row.size,
        "averagePrice": number(row.average_price),
    }


def trade_fields(trade: HalfTrade, instant: Instant) -> Fields:
    """A half-trade; opening ones have no profit or loss."""
    return {
        "id": trade.id,
        "accountId": trade.account_id,
        "contractId": trade.contract.id,
        "creationTimestamp": instant(trade.created_at),
        "price": number(trade.price),
        "profitAndLoss": number(trade.profit_and_loss),
        "fees": number(trade.fees),
        "commissions": number(trade.commissions),
        "side": int(trade.side),
        "size": trade.size,
        "voided": trade.voided,
        "orderId": trade.order_id,
    }


def bar_fields(bar: Second) -> Fields:
    """A bar, stamped with its first second."""
    return {
        "t": rest_instant(datetime.fromtimestamp(bar.at, UTC)),
        "o": number(bar.open),
        "h": number(bar.high),
        "l": number(bar.low),
        "c": number(bar.close),
        "v": bar.volume,
    }


def problem(status: int, title: str, errors: dict[str, list[str]] | None = None) -> bytes:
    """The body of a 400: an RFC 9457 problem."""
    fields: Fields = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": title,
        "status": status,
    }
    if errors is not None:
        fields["errors"] = errors
    else:
        fields |= {"detail": title, "instance": None}
    return encode(fields)


def event_record(target: str, *arguments: object) -> bytes:
    """One hub event, ready to be written, separator included."""
    raw = tuple(msgspec.Raw(encode(argument)) for argument in arguments)
    return encode_message(Invocation(target=target, arguments=raw)) + SEPARATOR
