"""An exit is told by its trade and by the report of the position: its result counts once, whichever comes first."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest

from risk_manager.core.events import QuoteUpdated, Reconciled
from risk_manager.core.rule import PnlBasis
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.quotes import Quotes
from tests.builders import AT, MNQ, RESET, after, position
from tests.core.state.marking import filled, pictured, quoted


def three_at_a_loss() -> AccountState:
    """Three contracts, 50 points under water: $300."""
    state = pictured(position(MNQ, 3, 100, opened_at=AT))
    quoted(state, 50, at=1)
    return state


def day(state: AccountState) -> Decimal:
    return state.pnl_of_day(PnlBasis.REALIZED_PLUS_OPEN, with_fees=True)


@pytest.mark.parametrize("first", ["trade", "position"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_loss_of_an_exit_is_counted_once_whichever_report_of_it_comes_first(first: str, size: int) -> None:
    state = three_at_a_loss()
    told, left = filled(-size, 50, at=60, pnl=-100 * size), position(MNQ, 3 - size, 100, opened_at=AT)
    assert day(state) == -300
    if first == "trade":
        state.learn_trade(told, ours=False)
        assert day(state) == -300
        state.learn_position(left, after(60.01))
    else:
        state.learn_position(left, after(60.01))
        assert day(state) == -300, "estimated, until the trade tells what was realized"
        state.learn_trade(told, ours=False)
    assert day(state) == -300
    assert state.open_total() == -300 + 100 * size
    assert state.memory.positions.leaving.by_contract == {}
    assert state.marks.untold() == 0


def test_an_exit_of_the_earliest_lot_leaves_what_the_others_are_up() -> None:
    """Lots of 100 and 50: the average of both still stands when the first is sold at 60."""
    state = pictured(position(MNQ, 2, 75, opened_at=AT))
    quoted(state, 60, at=1)
    state.learn_trade(filled(-1, 60, at=60, pnl=-80), ours=False)
    assert (day(state), state.open_total()) == (Decimal(-60), Decimal(20))
    state.learn_position(position(MNQ, 1, 50, opened_at=AT), after(60.01))
    assert (day(state), state.open_total()) == (Decimal(-60), Decimal(20))


def test_a_short_is_counted_once_as_well() -> None:
    state = pictured(position(MNQ, -2, 100, opened_at=AT))
    quoted(state, 150, at=1)
    state.learn_trade(filled(1, 150, at=60, pnl=-100), ours=False)
    assert (day(state), state.open_total()) == (Decimal(-200), Decimal(-100))


def test_what_a_position_was_up_when_all_of_it_went_arms_nothing() -> None:
    state = pictured(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 150, at=1)
    state.learn_trade(filled(-1, 150, at=60, pnl=100), ours=False)
    assert state.open_pnl(MNQ) == 0
    assert state.holdings[MNQ].peak_open_pnl is None
    assert not quoted(state, 160, at=61)
    assert state.open_pnl(MNQ) == 0


def test_an_unmarked_position_that_goes_stays_unmarked() -> None:
    state = pictured(position(MNQ, 1, 100, opened_at=AT))
    state.quotes.apply(QuoteUpdated(at=after(1), contract_id=MNQ))
    state.learn_trade(filled(-1, 150, at=60, pnl=100), ours=False)
    assert state.unmarked() == [MNQ]
    state.learn_position(position(MNQ, 0), after(60.01))
    assert day(state) == 100


def test_results_are_told_part_by_part() -> None:
    state = three_at_a_loss()
    state.learn_position(position(MNQ, 0), after(60))
    for number, told in enumerate((-300, -300, -300), start=1):
        state.learn_trade(filled(-1, 50, at=59, pnl=-100, trade_id=number), ours=False)
        assert day(state) == told


def test_exits_are_shown_part_by_part() -> None:
    state = three_at_a_loss()
    state.learn_trade(filled(-2, 50, at=60, pnl=-200), ours=False)
    state.learn_position(position(MNQ, 2, 100, opened_at=AT), after(60.01))
    assert day(state) == -300
    assert state.memory.positions.leaving.size(MNQ) == 1
    state.learn_position(position(MNQ, 1, 100, opened_at=AT), after(60.02))
    assert day(state) == -300
    assert state.memory.positions.leaving.by_contract == {}


def test_two_reports_wait_for_one_trade() -> None:
    state = three_at_a_loss()
    state.learn_position(position(MNQ, 2, 100, opened_at=AT), after(60))
    state.learn_position(position(MNQ, 1, 100, opened_at=AT), after(61))
    assert day(state) == -300
    state.learn_trade(filled(-2, 50, at=59, pnl=-200), ours=False)
    assert day(state) == -300


def test_a_fill_that_only_half_of_which_a_report_has_shown_leaves_the_other_half() -> None:
    state = three_at_a_loss()
    state.learn_position(position(MNQ, 2, 100, opened_at=AT), after(60))
    state.learn_trade(filled(-2, 50, at=60, pnl=-200), ours=False)
    assert (day(state), state.memory.positions.leaving.size(MNQ)) == (Decimal(-300), 1)


def test_a_full_picture_and_a_new_day_wait_for_no_result() -> None:
    for way in ("picture", "day", "restart"):
        state = three_at_a_loss()
        state.learn_position(position(MNQ, 0), after(60))
        assert state.marks.untold() == -300
        if way == "picture":
            state.learn_picture(Reconciled(at=after(61), account_id=1, positions=(), orders=()))
        elif way == "day":
            state.advance(RESET)
        else:
            state.begin_anew(Quotes())
        assert state.marks.untold() == 0


def test_an_exit_that_a_picture_contains_is_told_once() -> None:
    state = pictured(position(MNQ, 2, 100, opened_at=AT))
    state.learn_picture(
        Reconciled(at=after(61), account_id=1, positions=(position(MNQ, 1, 100, opened_at=AT),), orders=())
    )
    quoted(state, 50, at=62)
    state.learn_trade(filled(-1, 50, at=60, pnl=-100), ours=False)
    assert day(state) == -200


def test_an_exit_between_the_question_and_the_answer_of_a_picture_hides_no_loss_of_the_next_position() -> None:
    state = pictured(position(MNQ, 2, 100, opened_at=AT))
    quoted(state, 150, at=1)
    state.learn_trade(filled(-2, 150, at=60, pnl=200), ours=False)
    state.learn_picture(Reconciled(at=after(60.2), as_of=after(59.9), account_id=1, positions=(), orders=()))
    state.learn_position(position(MNQ, 2, 150, opened_at=after(70)), after(70))
    state.learn_trade(filled(2, 150, at=70, trade_id=2), ours=False)
    quoted(state, 100, at=71)
    assert (state.open_total(), day(state)) == (Decimal(-200), Decimal(0))


def test_a_voided_exit_leaves_nothing() -> None:
    state = three_at_a_loss()
    told = filled(-1, 50, at=60, pnl=-100)
    state.learn_trade(told, ours=False)
    state.learn_trade(filled(-1, 50, at=60, pnl=-100, trade_id=2), ours=False)
    state.learn_trade(replace(told, voided=True), ours=False)
    assert (day(state), state.memory.positions.leaving.size(MNQ)) == (Decimal(-300), 1)


def test_a_position_turned_round_by_one_order_is_valued_at_once_though_its_exit_was_told_first() -> None:
    state = pictured(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 100, at=1)
    state.learn_trade(filled(-2, 100, at=60, pnl=0), ours=False)
    state.learn_position(position(MNQ, -1, 100, opened_at=after(60)), after(60.01))
    quoted(state, 200, at=61)
    assert (day(state), state.open_pnl(MNQ)) == (Decimal(-200), Decimal(-200))


def test_so_is_one_turned_round_whose_exit_is_stamped_after_its_report_was_heard() -> None:
    state = pictured(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 100, at=1)
    state.learn_trade(filled(-2, 100, at=60.5, pnl=0), ours=False)
    state.learn_position(position(MNQ, -1, 100, opened_at=after(60.5)), after(60.01))
    quoted(state, 200, at=61)
    assert state.open_pnl(MNQ) == -200


IN_ANY_ORDER = list(itertools.permutations(("out", "in", "report")))


@pytest.mark.parametrize("arrival", IN_ANY_ORDER, ids=" ".join)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_contracts_sold_and_bought_again_between_two_reports_are_valued_at_once(
    size: int, arrival: tuple[str, ...]
) -> None:
    """Sold and bought at 60, they cost 60 from then on, and the report shows as many as before."""
    state = three_at_a_loss()
    average = Decimal(100 * (3 - size) + 60 * size) / 3
    for what in arrival:
        if what == "report":
            state.learn_position(position(MNQ, 3, average, opened_at=AT), after(61))
        elif what == "out":
            state.learn_trade(filled(-size, 60, at=60, pnl=-80 * size), ours=False)
        else:
            state.learn_trade(filled(size, 60, at=60.5, trade_id=2), ours=False)
    assert (state.open_total(), day(state)) == (Decimal(-80 * (3 - size)), Decimal(-240))
    quoted(state, 50, at=62)
    assert (state.open_total(), day(state)) == (Decimal(-300 + 80 * size), Decimal(-300))


def test_an_exit_after_an_increase_that_no_report_has_shown_is_counted_once() -> None:
    """Two more at 60 make five of 84; of these two are sold at 60 for a loss of $96, the rest is $144 under water."""
    state = three_at_a_loss()
    state.learn_trade(filled(2, 60, at=60), ours=False)
    assert day(state) == -240
    state.learn_trade(filled(-2, 60, at=60.5, pnl=-96, trade_id=2), ours=False)
    assert (state.open_total(), day(state)) == (Decimal(-144), Decimal(-240))
    state.learn_position(position(MNQ, 3, 84, opened_at=AT), after(61))
    assert (state.open_total(), day(state)) == (Decimal(-144), Decimal(-240))
