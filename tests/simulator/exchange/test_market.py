from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.simulator.exchange.market import Market
from tests.simulator.exchange.pit import TUESDAY_MORNING, Pit

MNQ = Pit().mnq


def market(seed: int = 1) -> Market:
    return Market(MNQ, Random(seed))  # noqa: S311 - it must repeat


@given(seed=st.integers(), steps=st.integers(1, 60))
def test_a_walk_stays_on_the_ticks_with_bid_below_ask(seed: int, steps: int) -> None:
    walked = market(seed)
    for _ in range(steps):
        walked.walk(TUESDAY_MORNING)
        assert walked.ask - walked.bid == MNQ.tick_size
        assert MNQ.is_on_tick(walked.bid)
        assert walked.low <= walked.last <= walked.high


def test_the_same_seed_walks_the_same_way() -> None:
    first, second = market(3), market(3)
    for _ in range(50):
        first.walk(TUESDAY_MORNING)
        second.walk(TUESDAY_MORNING)
    assert (first.bid, first.last, first.volume) == (second.bid, second.last, second.volume)


def test_a_price_put_by_hand_takes_bid_and_ask_along() -> None:
    moved = market()
    moved.put(now=TUESDAY_MORNING, last=Decimal(23400), bid=None, ask=None)
    assert (moved.bid, moved.ask, moved.last) == (Decimal(23400), Decimal("23400.25"), Decimal(23400))
    moved.put(now=TUESDAY_MORNING, last=None, bid=None, ask=Decimal(23401))
    assert (moved.bid, moved.ask) == (Decimal("23400.75"), Decimal(23401))
    moved.put(now=TUESDAY_MORNING, last=None, bid=Decimal(23390), ask=Decimal(23395))
    assert (moved.bid, moved.ask, moved.last) == (Decimal(23390), Decimal(23395), Decimal(23390))


def test_an_ask_at_the_bid_is_moved_a_tick_away() -> None:
    moved = market()
    moved.put(now=TUESDAY_MORNING, last=None, bid=Decimal(23390), ask=Decimal(23390))
    assert moved.ask == Decimal("23390.25")
