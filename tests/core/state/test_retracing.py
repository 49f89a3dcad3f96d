"""What went and came back between a report and a full picture."""

from decimal import Decimal

import pytest

from risk_manager.core.events import QuoteUpdated, Reconciled
from tests.builders import AT, MNQ, account_state, after, position, trade


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("signed_sizes", "least"),
    [([-1, 1], 2), ([-3, 3], 0), ([-5, 5], 0), ([1, -1], 3), ([-1], 2), ([1], 3), ([-2, 1], 1), ([], 3)],
)
def test_what_went_and_came_back_before_a_picture_was_an_increase(
    signed_sizes: list[int], least: int, side: int
) -> None:
    state = account_state(position(MNQ, side * 3))
    state.quotes.apply(QuoteUpdated(at=AT, contract_id=MNQ, last=Decimal(100)))
    state.mark(MNQ)
    fills = [trade(signed_size=side * size, at=after(1 + number)) for number, size in enumerate(signed_sizes)]
    now = position(MNQ, side * (3 + sum(signed_sizes)))
    state.holdings[MNQ].peak_open_pnl = state.memory.peak_open_total = Decimal(500)
    state.learn_picture(Reconciled(at=after(9), account_id=1, positions=(now,), orders=(), trades=tuple(fills)))
    assert state.holdings[MNQ].smallest_since(after(0.5)) == least
    has_grown = any(size > 0 for size in signed_sizes)
    assert (state.holdings[MNQ].peak_open_pnl == 0) is has_grown
    assert (state.memory.peak_open_total == 0) is has_grown


def test_where_fills_do_not_make_what_a_picture_shows_nothing_is_known_to_have_come_back() -> None:
    state = account_state(position(MNQ, 3))
    bought = trade(signed_size=1, at=after(2))
    state.learn_picture(
        Reconciled(at=after(9), account_id=1, positions=(position(MNQ, 3),), orders=(), trades=(bought,))
    )
    assert state.holdings[MNQ].increases == []


def test_a_picture_older_than_the_last_report_tells_of_no_increase() -> None:
    state = account_state(position(MNQ, 3))
    state.learn_position(position(MNQ, 3), after(8))
    fills = (trade(signed_size=-1, at=after(2)), trade(signed_size=1, at=after(3)))
    state.learn_picture(
        Reconciled(at=after(9), account_id=1, positions=(position(MNQ, 3),), orders=(), trades=fills, as_of=after(7))
    )
    assert state.holdings[MNQ].increases == []
