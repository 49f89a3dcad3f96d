"""Fills and full pictures: what a picture contains is not open any more, and what it tells may have been missed."""

from decimal import Decimal

from risk_manager.core.state.positions import Positions
from tests.builders import ES, MNQ, after, position
from tests.core.state.test_positions import fill, held


def test_a_fill_that_a_picture_contains_leaves_nothing_half_seen_however_late_it_is_told() -> None:
    positions = held(1)
    positions.picture((position(MNQ, 2),), at=after(6), as_of=after(5), later={})
    assert positions.is_pictured(MNQ, after(5))
    assert not positions.is_pictured(MNQ, after(5.1))
    assert not positions.is_pictured(ES, after(5)), "of a contract that it does not show and nobody had told of"
    positions.fill(MNQ, fill(1, at=5))
    assert not positions.is_half_seen(MNQ)
    assert positions.expected_net(MNQ) == 2
    positions.fill(MNQ, fill(1, at=5.1, order_id=2))
    assert positions.is_half_seen(MNQ)


def test_a_report_that_has_overtaken_a_picture_is_explained_by_its_fill_all_the_same() -> None:
    positions = held(1)
    positions.show(position(MNQ, 2), after(6))
    positions.picture((position(MNQ, 1),), at=after(7), as_of=after(5), later={})
    assert positions.is_half_seen(MNQ)
    positions.fill(MNQ, fill(1, at=4))
    assert not positions.is_half_seen(MNQ)


def test_a_fill_that_its_trade_dates_back_before_the_latest_report_is_in_it() -> None:
    positions = held(1)
    positions.show(position(MNQ, 2), after(5))
    positions.fill(MNQ, fill(1, at=6))
    positions.date(MNQ, fill(1, at=4))
    assert (positions.unshown, positions.unexplained) == ({}, {})


def test_an_increase_that_no_report_has_shown_counts_from_its_own_time_and_disarms() -> None:
    positions = Positions()
    for second, size in ((0, 1), (1, 3), (9, 5)):
        positions.show(position(MNQ, size), after(second))
    holding = positions.held[MNQ]
    holding.peak_open_pnl = Decimal(50)
    holding.grow_unseen(2, after(6))
    assert holding.peak_open_pnl is None
    assert [holding.smallest_since(after(second)) for second in (1, 6, 6.5, 9.5)] == [1, 2, 3, 5]
    holding.grow_unseen(1, after(7))
    assert holding.increases == [(after(7), 1), (after(9), 3)]
    holding.grow_unseen(5, after(10))
    assert holding.increases == [(after(7), 1), (after(9), 3)], "it was no smaller than it is"
