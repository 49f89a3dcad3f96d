"""Bars of a market: made from what it traded, and walked backwards from its opening before that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from risk_manager.simulator.exchange.market import Market, Second

MOST_BARS = 20_000
SECONDS_PER_UNIT = {1: 1, 2: 60, 3: 3600, 4: 86400, 5: 7 * 86400, 6: 30 * 86400, 7: 1}
HISTORY = timedelta(days=63)


@dataclass(frozen=True, slots=True)
class BarQuery:
    """Which bars are wanted; `unit` as on the wire."""

    start: datetime
    end: datetime
    unit: int
    unit_number: int
    limit: int
    include_partial: bool


def bars(market: Market, query: BarQuery, *, now: datetime, born_at: datetime) -> list[Second]:
    """The bars of the query, newest first, each stamped with its first second."""
    width = SECONDS_PER_UNIT[query.unit] * query.unit_number
    first, end = int(query.start.timestamp()), int(min(query.end, now).timestamp())
    live = [second for second in market.seconds if first <= second.at <= end]
    merged = merge(live, width)
    if not query.include_partial and merged and merged[-1].at + width > int(now.timestamp()):
        merged.pop()
    wanted = min(query.limit, MOST_BARS) - len(merged)
    before = min(end, int(born_at.timestamp()))
    earliest = max(first, int((now - HISTORY).timestamp()))
    older = invented(market, width=width, earliest=earliest, before=before, count=max(wanted, 0))
    newest_first = merged[::-1] + older
    return newest_first[: query.limit]


def merge(seconds: Iterable[Second], width: int) -> list[Second]:
    """Bars of `width` seconds, oldest first."""
    merged: list[Second] = []
    for second in seconds:
        slot = second.at - second.at % width
        if not merged or merged[-1].at != slot:
            merged.append(Second(slot, second.open, second.high, second.low, second.close, second.volume))
            continue
        bar = merged[-1]
        bar.high = max(bar.high, second.high)
        bar.low = min(bar.low, second.low)
        bar.close = second.close
        bar.volume += second.volume
    return merged


def invented(market: Market, *, width: int, earliest: int, before: int, count: int) -> list[Second]:
    """Up to `count` bars before the venue was started, newest first, the same for the same seed."""
    random = Random(f"{market.contract.id}:{width}")
    tick = market.contract.tick_size
    close = market.contract.rounded(market.contract.opening_price)
    older: list[Second] = []
    slot = before - before % width - width
    while len(older) < count and slot >= earliest:
        start = max(close + random.randint(-8, 8) * tick, tick)
        high = max(start, close) + random.randint(0, 4) * tick
        low = max(min(start, close) - random.randint(0, 4) * tick, tick)
        older.append(Second(slot, start, high, low, close, random.randint(10, 900)))
        close = start
        slot -= width
    return older
