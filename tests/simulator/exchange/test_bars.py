from datetime import timedelta
from decimal import Decimal

from risk_manager.simulator.exchange.bars import BarQuery, bars, merge
from risk_manager.simulator.exchange.market import Market, Second
from tests.simulator.exchange.pit import TUESDAY_MORNING, Pit

BORN = TUESDAY_MORNING


def traded() -> Market:
    pit = Pit()
    market = pit.exchange.market(pit.mnq)
    for second, price in ((1, "23510"), (30, "23490"), (61, "23505"), (130, "23507")):
        market.put(now=BORN + timedelta(seconds=second), last=Decimal(price), bid=None, ask=None)
    return market


def query(**changes: int) -> BarQuery:
    wanted = {"unit": 2, "unit_number": 1, "limit": 10} | changes
    day = timedelta(days=1)
    return BarQuery(start=BORN - day, end=BORN + day, include_partial=True, **wanted)


def test_seconds_merge_into_bars_with_open_high_low_and_close() -> None:
    price = [Decimal(value) for value in (10, 12, 9, 11)]
    seconds = [Second(at, p, p, p, p, 1) for at, p in zip((0, 5, 59, 60), price, strict=True)]
    assert merge(seconds, 60) == [
        Second(0, price[0], price[1], price[2], price[2], 3),
        Second(60, price[3], price[3], price[3], price[3], 1),
    ]


def test_bars_come_newest_first_and_reach_back_before_the_venue_was_born() -> None:
    found = bars(traded(), query(), now=BORN + timedelta(seconds=150), born_at=BORN)
    assert [bar.close for bar in found[:3]] == [Decimal(23507), Decimal(23505), Decimal(23490)]
    assert len(found) == 10
    times = [bar.at for bar in found]
    assert times == sorted(set(times), reverse=True)
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in found)


def test_the_bar_of_now_can_be_left_out() -> None:
    whole = query()
    partial = BarQuery(
        start=whole.start, end=whole.end, unit=2, unit_number=1, limit=10, include_partial=False
    )  # fmt: skip
    found = bars(traded(), partial, now=BORN + timedelta(seconds=150), born_at=BORN)
    assert found[0].close == 23505


def test_the_past_is_the_same_whenever_one_asks() -> None:
    first = bars(traded(), query(limit=50), now=BORN + timedelta(seconds=150), born_at=BORN)
    assert first == bars(traded(), query(limit=50), now=BORN + timedelta(seconds=150), born_at=BORN)


def test_no_more_than_the_limit() -> None:
    assert len(bars(traded(), query(limit=1), now=BORN + timedelta(seconds=150), born_at=BORN)) == 1
