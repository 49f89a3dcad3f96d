"""What is held, and how far fills and position reports agree."""

from decimal import Decimal
from itertools import permutations

import pytest

from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.positions import Fill, Increase, Positions
from tests.builders import ES, MNQ, after, position, trade


def fill(signed_size: int, at: float = 0, order_id: int = 1, *, closing: bool = False) -> Fill:
    return Fill(after(at), order_id, signed_size, closing=closing)


def held(*sizes: int) -> Positions:
    positions = Positions()
    for number, size in enumerate(sizes):
        positions.show(position(MNQ, size), after(number - len(sizes)))
    positions.unexplained.clear()
    return positions


def test_a_position_that_grows_tells_its_earlier_size() -> None:
    positions = Positions()
    assert positions.show(position(MNQ, 2), after(0)) == Increase(MNQ, 0)
    assert positions.show(position(MNQ, 2), after(1)) is None
    assert positions.show(position(MNQ, 3), after(2)) == Increase(MNQ, 2)
    assert positions.show(position(MNQ, 1), after(3)) is None
    assert positions.show(position(MNQ, 0), after(4)) is None
    assert positions.net_size(MNQ) == 0


def test_a_change_of_side_or_of_the_opening_instant_is_another_position() -> None:
    positions = Positions()
    positions.show(position(MNQ, 2, opened_at=after(0)), after(0))
    first = positions.held[MNQ].incarnation
    positions.show(position(MNQ, 3, opened_at=after(0)), after(1))
    assert positions.held[MNQ].incarnation == first
    positions.show(position(MNQ, 3, opened_at=after(2)), after(2))
    assert positions.held[MNQ].incarnation == first + 2
    assert positions.show(position(MNQ, -3), after(3)) == Increase(MNQ, 0)
    assert positions.held[MNQ].since == after(3)


def test_the_last_to_grow_is_known() -> None:
    positions = Positions()
    positions.show(position(MNQ, 1), after(0))
    positions.show(position(ES, 1), after(1))
    positions.show(position(MNQ, 2), after(2))
    assert positions.held[MNQ].grew > positions.held[ES].grew


@pytest.mark.parametrize("way", list(permutations(["fill", "position"])))
def test_a_fill_and_its_position_agree_whichever_comes_first(way: tuple[str, str]) -> None:
    positions = Positions()
    for number, word in enumerate(way):
        if word == "fill":
            positions.fill(MNQ, fill(2))
        else:
            positions.show(position(MNQ, 2), after(1 + number))
        assert positions.is_half_seen(MNQ) is (number == 0)
        assert positions.expected_net(MNQ) == 2
    assert (positions.unshown, positions.unexplained) == ({}, {})


def test_a_position_event_younger_than_a_fill_contains_it() -> None:
    positions = held(1)
    positions.fill(MNQ, fill(1, at=5))
    positions.show(position(MNQ, 2), after(6))
    assert not positions.is_half_seen(MNQ)
    positions.fill(MNQ, fill(1, at=8))
    positions.show(position(MNQ, 2), after(7))
    assert positions.is_half_seen(MNQ)
    assert positions.half_seen() == {MNQ}
    assert positions.expected_net(MNQ) == 3


def test_a_picture_settles_what_is_half_seen_except_what_is_younger() -> None:
    positions = held(1)
    positions.fill(MNQ, fill(1, at=5))
    positions.fill(MNQ, fill(1, at=9, order_id=2))
    positions.fill(ES, fill(1, at=5))
    positions.show(position(ES, 3), after(6))
    assert positions.is_half_seen(ES)
    grown = positions.picture((position(MNQ, 2), position(ES, 3)), at=after(11), as_of=after(8), later={})
    assert grown
    assert not positions.is_half_seen(ES)
    assert positions.unshown == {MNQ: [fill(1, at=9, order_id=2)]}


def test_a_picture_does_not_undo_what_was_reported_after_it_was_asked_for() -> None:
    positions = Positions()
    positions.show(position(MNQ, 2), after(5))
    positions.show(position(ES, 1), after(3))
    assert not positions.picture((), at=after(6), as_of=after(4), later={})
    assert positions.held.keys() == {MNQ}
    assert not positions.picture((), at=after(9), as_of=after(8), later={})
    assert positions.held == {}


def test_a_picture_brings_positions_that_nobody_told_of() -> None:
    positions = Positions()
    assert positions.picture((position(MNQ, 2),), at=after(6), as_of=after(4), later={})
    assert positions.held[MNQ].since == after(6)
    assert not positions.picture((position(MNQ, 1),), at=after(8), as_of=after(7), later={})


def test_what_a_fill_realized_only_brings_a_position_nearer_to_flat() -> None:
    positions = held(2)
    positions.fill(MNQ, fill(-1, closing=True))
    assert positions.expected_net(MNQ) == 1
    positions.fill(MNQ, fill(-3, at=1, order_id=2, closing=True))
    assert positions.expected_net(MNQ) == 0
    positions.fill(MNQ, fill(-1, at=2, order_id=3, closing=True))
    assert positions.expected_net(MNQ) == 0
    positions.fill(MNQ, fill(-2, at=3, order_id=3))
    assert positions.expected_net(MNQ) == -2


def test_fills_after_an_instant_can_be_left_out() -> None:
    positions = held(1)
    positions.fill(MNQ, fill(1, at=5))
    positions.fill(MNQ, fill(1, at=4, order_id=2))
    assert [positions.expected_net(MNQ, after(at)) for at in (3, 4, 5)] == [1, 2, 3]
    assert positions.contracts() == {MNQ}


def test_a_trade_corrects_the_instant_that_its_order_gave_a_fill() -> None:
    positions = Positions()
    positions.fill(MNQ, fill(3, at=5))
    positions.date(MNQ, fill(2, at=4))
    assert [positions.expected_net(MNQ, after(at)) for at in (3, 4, 5)] == [0, 2, 3]
    positions.date(MNQ, fill(4, at=3))
    assert [positions.expected_net(MNQ, after(at)) for at in (3, 4, 5)] == [1, 3, 3]


def test_a_fill_that_has_been_shown_or_is_older_needs_no_correction() -> None:
    positions = Positions()
    positions.date(MNQ, fill(2, at=4))
    positions.fill(MNQ, fill(3, at=5))
    positions.date(MNQ, fill(3, at=6))
    positions.date(MNQ, fill(3, at=4, order_id=9))
    assert positions.unshown == {MNQ: [fill(3, at=5)]}


def test_the_smallest_size_since_an_instant_is_known_from_the_increases_after_it() -> None:
    positions = Positions()
    for second, size in enumerate((3, 5, 2, 4, 1, 6)):
        positions.show(position(MNQ, size), after(second))
    holding = positions.held[MNQ]
    assert [holding.smallest_since(after(second)) for second in (1, 3, 5, 5.1)] == [1, 1, 1, 6]
    positions.show(position(MNQ, 7), after(7))
    assert [holding.smallest_since(after(second)) for second in (5, 6, 7)] == [1, 6, 6]
    assert [size for _, size in holding.increases] == [1, 6], "what was as small again later is not kept"


def exit_of(size: int, *, at: float, pnl: str, trade_id: int = 1) -> Trade:
    return trade(pnl, trade_id=trade_id, signed_size=-size, at=after(at))


def test_an_exit_leaves_until_a_report_shows_it_gone() -> None:
    positions = held(3)
    positions.leave(exit_of(2, at=5, pnl="-20"), 0)
    positions.leave(exit_of(1, at=6, pnl="-5", trade_id=2), 0)
    assert positions.leaving.size(MNQ) == 3
    positions.show(position(MNQ, 2), after(7))
    assert [(one.size, str(one.realized_pnl)) for one in positions.leaving.by_contract[MNQ]] == [
        (1, "-10.00"),
        (1, "-5"),
    ]
    positions.show(position(MNQ, 2), after(8))
    assert positions.leaving.size(MNQ) == 2
    positions.show(position(MNQ, 1), after(9))
    assert [one.trade_id for one in positions.leaving.by_contract[MNQ]] == [2]
    positions.show(position(MNQ, 0), after(10))
    assert (positions.leaving.by_contract, positions.leaving.size(MNQ)) == ({}, 0)


def test_nothing_leaves_what_is_gone_though_more_had_left_than_was_shown() -> None:
    positions = held(1)
    positions.leave(exit_of(2, at=5, pnl="-20"), 0)
    positions.show(position(MNQ, 0), after(6))
    assert positions.leaving.by_contract == {}


def test_what_left_an_earlier_position_does_not_leave_the_next() -> None:
    positions = held(2)
    positions.leave(exit_of(2, at=5, pnl="-20"), 0)
    positions.show(position(MNQ, -2), after(6))
    assert positions.leaving.by_contract == {}


def test_a_fill_that_opens_or_was_pictured_or_shown_leaves_nothing() -> None:
    positions = held(2)
    positions.leave(trade("5", signed_size=1, at=after(5)), 0)
    positions.picture((position(MNQ, 2),), at=after(7), as_of=after(6), later={})
    positions.leave(exit_of(1, at=6, pnl="-20"), 0)
    positions.show(position(MNQ, 1), after(8))
    positions.leave(exit_of(1, at=8, pnl="-20"), 0)
    assert positions.leaving.by_contract == {}
    positions.leave(exit_of(2, at=9, pnl="-20"), 0)
    assert [(one.size, str(one.realized_pnl)) for one in positions.leaving.by_contract[MNQ]] == [(1, "-10.00")]


def test_a_picture_keeps_the_exits_that_are_younger_and_what_is_priced_since() -> None:
    positions = held(3)
    positions.leave(exit_of(1, at=5, pnl="-20"), 0)
    positions.leave(exit_of(1, at=9, pnl="-20", trade_id=2), 0)
    positions.picture((position(MNQ, 2),), at=after(10), as_of=after(8), later={MNQ: -1})
    assert [one.trade_id for one in positions.leaving.by_contract[MNQ]] == [2]
    assert positions.unpriced == {MNQ: 1}


@pytest.mark.parametrize(
    ("pictured", "left"),
    [
        ((), []),
        ((position(MNQ, 3, opened_at=after(0)),), [1, 2]),
        ((position(MNQ, 3, opened_at=after(10)),), [2]),
        ((position(MNQ, -3, opened_at=after(0)),), []),
    ],
    ids=["gone", "the same", "another", "turned"],
)
def test_an_exit_younger_than_a_picture_leaves_only_a_position_of_before(
    pictured: tuple[Position, ...], left: list[int]
) -> None:
    """A picture is answered after it was asked for: it may contain what filled in between."""
    positions = Positions()
    positions.show(position(MNQ, 3, opened_at=after(0)), after(0))
    positions.price(MNQ, 3)
    positions.leave(exit_of(1, at=9, pnl="-20"), 0)
    positions.leave(exit_of(1, at=11, pnl="-20", trade_id=2), 0)
    positions.leave(exit_of(1, at=8, pnl="-20", trade_id=3), 0)
    positions.picture(pictured, at=after(12), as_of=after(8), later={})
    assert [one.trade_id for one in positions.leaving.by_contract.get(MNQ, ())] == left


def test_exits_that_the_latest_report_contains_are_let_go_once_all_that_filled_makes_what_it_shows() -> None:
    positions = held(3)
    positions.held[MNQ].peak_open_pnl = Decimal(100)
    positions.leave(exit_of(2, at=5, pnl="-20"), 0)
    positions.fill(MNQ, fill(-2, at=5))
    assert not positions.settle(MNQ), "no report is younger"
    positions.show(position(MNQ, 3), after(6))
    assert not positions.settle(MNQ), "two more must have been bought"
    assert positions.leaving.size(MNQ) == 2
    positions.fill(MNQ, fill(2, at=5.5))
    assert positions.settle(MNQ)
    assert (positions.leaving.by_contract, positions.held[MNQ].peak_open_pnl) == ({}, None)
    assert not positions.settle(MNQ)


def test_an_exit_that_is_younger_than_the_latest_report_goes_on_leaving() -> None:
    positions = held(3)
    positions.leave(exit_of(1, at=5, pnl="-20"), 0)
    positions.fill(MNQ, fill(-1, at=5))
    positions.fill(MNQ, fill(1, at=5.5))
    positions.leave(exit_of(1, at=7, pnl="-20", trade_id=2), 0)
    positions.fill(MNQ, fill(-1, at=7))
    positions.show(position(MNQ, 3), after(6))
    assert positions.settle(MNQ)
    assert [one.trade_id for one in positions.leaving.by_contract[MNQ]] == [2]


def test_an_exit_of_what_no_report_has_shown_yet_leaves() -> None:
    positions = held(1)
    positions.price(MNQ, 1)
    positions.price(MNQ, 2)
    positions.leave(exit_of(2, at=5, pnl="-20"), 2)
    assert positions.leaving.size(MNQ) == 2


def test_reports_and_trades_of_the_same_contracts_cancel_out() -> None:
    positions = Positions()
    positions.show(position(MNQ, 2), after(1))
    assert positions.unpriced == {MNQ: 2}
    positions.price(MNQ, 2)
    assert positions.unpriced == {}


def test_a_position_was_opened_no_later_than_it_was_first_seen() -> None:
    positions = Positions()
    for told, found in ((None, None), (5, 5), (6, 6), (60, 6)):
        opened_at = None if told is None else after(told)
        positions.show(position(ES, 0), after(6))
        positions.show(position(ES, 1, opened_at=opened_at), after(6))
        assert positions.held[ES].opened_at == (None if found is None else after(found))
