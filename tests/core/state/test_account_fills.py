"""What an account makes of fills that are told out of step: before their report, after it, or dated ahead."""

from risk_manager.core.events import Reconciled
from risk_manager.core.rule import PnlBasis
from tests.builders import AT, MNQ, after, order, position, trade
from tests.core.state.marking import filled, pictured, quoted


def test_the_word_of_an_order_that_as_many_were_bought_again_values_them_at_once_and_disarms() -> None:
    state = pictured(position(MNQ, 2, 100, opened_at=AT))
    quoted(state, 150, at=1)
    state.learn_trade(filled(-2, 150, at=60, pnl=200), ours=False)
    state.learn_position(position(MNQ, 2, 150, opened_at=AT), after(61))
    assert state.open_pnl(MNQ) == 0
    assert state.memory.peak_open_total == 200
    state.learn_order(order(7, MNQ, 3, filled=2, updated_at=after(60.5)), after(62), ours=False)
    assert state.open_pnl(MNQ) == 0
    assert state.memory.positions.leaving.by_contract == {}
    assert state.holdings[MNQ].peak_open_pnl == 0
    assert state.memory.peak_open_total == 0
    assert quoted(state, 140, at=63)
    assert state.open_pnl(MNQ) == -40


def test_a_fill_that_its_order_stamps_in_the_future_is_in_the_report_that_follows() -> None:
    state = pictured()
    state.learn_order(order(7, MNQ, 2, filled=2, updated_at=after(3600)), after(60), ours=False)
    state.learn_position(position(MNQ, 2), after(60))
    assert state.memory.positions.half_seen() == frozenset()


def test_a_fill_that_a_picture_stamps_in_the_future_is_in_the_one_that_follows() -> None:
    state = pictured()
    one = trade(order_id=8, signed_size=1, at=after(3600))
    for second in (60, 65):
        state.learn_picture(
            Reconciled(
                at=after(second),
                account_id=1,
                positions=(position(MNQ, 3),),
                orders=(order(7, MNQ, 4, filled=2, updated_at=after(3600)),),
                trades=(one,),
            )
        )
    assert state.memory.positions.half_seen() == frozenset()
    assert state.memory.positions.unpriced == {}


def test_a_trade_told_after_a_picture_that_contains_it_prices_nothing_that_comes_later() -> None:
    state = pictured(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 100, at=1)
    state.learn_picture(
        Reconciled(at=after(60), account_id=1, positions=(position(MNQ, 2, 100, opened_at=AT),), orders=())
    )
    state.learn_trade(filled(1, 100, at=59), ours=False, heard_at=after(61))
    assert state.memory.positions.unpriced == {}
    quoted(state, 50, at=62)
    state.learn_trade(filled(-1, 50, at=63, pnl=-100, trade_id=2), ours=False)
    assert state.memory.positions.leaving.size(MNQ) == 1
    assert state.pnl_of_day(PnlBasis.REALIZED_PLUS_OPEN, with_fees=True) == -200
