"""What the market hub tells: a full quote first, sparse ones after it, prints and a little depth."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from risk_manager.simulator import wire
from risk_manager.simulator.exchange.market import Market
from risk_manager.simulator.switches import Switches

BEST_ASK, BEST_BID = 3, 4
NEVER = "0001-01-01T00:00:00+00:00"
NULL_PRINT_EVERY = 7


def full_quote(market: Market, now: datetime, switches: Switches) -> bytes:
    """The quote with every field."""
    fields = _prices(market) | _day(market)
    if switches.quote_snapshot_without_book:
        del fields["bestBid"], fields["bestAsk"]
    return _quote(market, fields, now)


def sparse_quote(market: Market, now: datetime, *, has_printed: bool) -> bytes:
    """The quote with what has changed: bid and ask, and the day's figures after a print."""
    if not has_printed:
        fields = {"bestBid": wire.number(market.bid), "bestAsk": wire.number(market.ask)}
    else:
        fields = _prices(market) | _change(market) | {"volume": market.volume}
        if market.last in {market.high, market.low}:
            fields |= {"high": wire.number(market.high), "low": wire.number(market.low)}
    return _quote(market, fields, now)


def prints(market: Market, now: datetime, switches: Switches) -> bytes:
    """The last trade, in an array that holds a null now and then."""
    row = {
        "symbolId": market.contract.symbol_id,
        "price": wire.number(market.last),
        "timestamp": wire.exchange_instant(now),
        "type": market.last_side,
        "volume": market.last_size,
        "contractId": market.contract.id,
    }
    rows: list[wire.Fields | None] = [row]
    if switches.null_prints and market.volume % NULL_PRINT_EVERY == 0:
        rows.append(None)
    return wire.event_record("GatewayTrade", market.contract.id, rows)


def depth(market: Market, now: datetime) -> bytes:
    """The best bid and ask as rows of the book."""
    stamp = wire.exchange_instant(now)
    rows = [_depth_row(market, BEST_ASK, market.ask, stamp), _depth_row(market, BEST_BID, market.bid, stamp)]
    return wire.event_record("GatewayDepth", market.contract.id, rows)


def depth_snapshot(market: Market) -> bytes:
    """The burst at the beginning: rows of trades without an instant, one of them null."""
    rows: list[wire.Fields | None] = [_depth_row(market, 5, market.last, NEVER) for _ in range(3)]
    rows.append(None)
    return wire.event_record("GatewayDepth", market.contract.id, rows)


def _depth_row(market: Market, kind: int, price: Decimal, stamp: str) -> wire.Fields:
    return {
        "contractId": market.contract.id,
        "timestamp": stamp,
        "type": kind,
        "price": wire.number(price),
        "volume": market.last_size,
        "currentVolume": market.last_size,
    }


def _quote(market: Market, fields: wire.Fields, now: datetime) -> bytes:
    symbol_id = market.contract.symbol_id
    stamps = {"lastUpdated": wire.hub_instant(now), "timestamp": wire.exchange_instant(now)}
    return wire.event_record("GatewayQuote", market.contract.id, {"symbol": symbol_id, **fields, **stamps})


def _prices(market: Market) -> wire.Fields:
    return {
        "lastPrice": wire.number(market.last),
        "bestBid": wire.number(market.bid),
        "bestAsk": wire.number(market.ask),
    }


def _change(market: Market) -> wire.Fields:
    change = market.last - market.open
    percent = (change / market.open).quantize(Decimal("0.0001"))
    return {"change": wire.number(change), "changePercent": wire.number(percent)}


def _day(market: Market) -> wire.Fields:
    return {
        "symbolName": f"/{market.contract.root}",
        "open": wire.number(market.open),
        "high": wire.number(market.high),
        "low": wire.number(market.low),
        "volume": market.volume,
        **_change(market),
    }
