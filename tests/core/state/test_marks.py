"""At what prices positions are valued: a quote says nothing of what filled after it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from risk_manager.core.actions import Warn
from risk_manager.core.events import QuoteUpdated, Reconciled
from risk_manager.core.policy import Mark, Policy
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.quotes import Quotes
from tests.builders import AT, ES, MNQ, Desk, Number, account_state, after, deeds, position
from tests.core.state.marking import filled, pictured, quoted


def bought_long_after_a_quote(
    *, mark: Mark = Mark.LAST, book: tuple[Number, Number] | None = (99, 101)
) -> AccountState:
    """One contract at 150, an hour after a quote of 100."""
    state = account_state(policy=Policy(mark=mark))
    quoted(state, 100, at=0, book=book)
    state.learn_trade(filled(1, 150, at=3600), ours=False)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(3600)), after(3600.005))
    return state


def test_a_position_is_not_judged_by_a_quote_older_than_its_own_opening() -> None:
    state = bought_long_after_a_quote()
    assert state.open_pnl(MNQ) == 0
    quoted(state, 140, at=3601)
    assert state.open_pnl(MNQ) == -20


def test_a_phantom_loss_closes_nothing() -> None:
    desk = Desk(DailyUnrealizedLoss(loss_limit=Decimal(50)))
    desk.quotes(MNQ, 100, at=0)
    desk.trades(filled(1, 150, at=3600), at=3600)
    assert deeds(desk.holds(MNQ, 1, 150, at=3600.005)) == [Warn("QUOTE_STALE")]
    assert desk.quotes(MNQ, 125, at=3601)


@pytest.mark.parametrize("first", ["trade", "position"])
def test_the_price_of_a_position_is_the_same_whichever_report_of_its_fill_comes_first(first: str) -> None:
    state = pictured(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 110, at=1)
    told, grown = filled(1, 200, at=600), position(MNQ, 2, 150, opened_at=AT)
    if first == "trade":
        state.learn_trade(told, ours=False)
        state.learn_position(grown, after(600.01))
    else:
        state.learn_position(grown, after(600.01))
        assert state.open_pnl(MNQ) == 20, "what it was before the increase, of which no price is known yet"
        state.learn_trade(told, ours=False)
    assert state.open_pnl(MNQ) == 200


def test_a_new_position_of_which_no_price_is_known_yet_is_unmarked() -> None:
    state = account_state()
    quoted(state, 100, at=0)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(60)), after(60))
    assert state.unmarked() == [MNQ]
    assert not quoted(state, None, at=61, book=(149, 151)), "no last price was named"
    assert quoted(state, 100, at=62), "the same price as before, but named anew"
    assert state.open_pnl(MNQ) == -100


def test_what_a_position_was_up_before_an_increase_arms_nothing_after_it() -> None:
    state = account_state(position(MNQ, 1, 100, opened_at=AT), position(ES, 1, 100, opened_at=AT))
    quoted(state, 150, at=1)
    state.learn_position(position(MNQ, 2, 200, opened_at=AT), after(600))
    assert state.open_pnl(MNQ) == 100
    assert state.holdings[MNQ].peak_open_pnl is None
    state.quotes.apply(QuoteUpdated(at=after(601), contract_id=ES, last=Decimal(101)))
    state.mark(ES)
    assert state.open_total() == 150
    assert state.memory.peak_open_total is None
    quoted(state, 201, at=602)
    assert state.holdings[MNQ].peak_open_pnl == 4
    assert state.memory.peak_open_total == 54


def test_the_profit_that_is_the_same_after_an_increase_counts_from_there_on() -> None:
    state = account_state(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 150, at=1)
    state.learn_position(position(MNQ, 2, 125, opened_at=AT), after(600))
    quoted(state, 150, at=601)
    assert state.open_pnl(MNQ) == 100
    assert state.holdings[MNQ].peak_open_pnl == 100


def test_an_exit_far_from_the_last_quote_shows_what_is_left_of_the_rest() -> None:
    state = account_state(position(MNQ, 2, 100, opened_at=AT))
    quoted(state, 100, at=1)
    state.learn_trade(filled(-1, 60, at=600, pnl=-80), ours=False)
    state.learn_position(position(MNQ, 1, 100, opened_at=AT), after(600))
    assert state.open_pnl(MNQ) == -80


@pytest.mark.parametrize(("fill", "worth"), [(99, 0), (101, -4), (101.25, 0), (98.75, 0)])
def test_a_book_that_a_fill_was_made_in_still_holds_and_another_does_not(fill: Number, worth: int) -> None:
    state = account_state(policy=Policy(mark=Mark.BID_ASK))
    quoted(state, 100, at=0, book=(99, 101))
    state.learn_trade(filled(1, fill, at=60), ours=False)
    state.learn_position(position(MNQ, 1, fill, opened_at=after(60)), after(60))
    assert state.open_pnl(MNQ) == worth


@pytest.mark.parametrize(
    ("book", "mark"), [((149, 151), 150), ((120, 121), 121), ((170, 171), 170)], ids=["around", "below", "above"]
)
def test_until_a_last_price_is_named_that_of_the_fill_stands_in_brought_into_a_younger_book(
    book: tuple[int, int], mark: int
) -> None:
    state = bought_long_after_a_quote()
    quoted(state, None, at=3601, book=book)
    assert state.open_pnl(MNQ) == (mark - 150) * 2


def test_a_quote_without_a_book_is_outdated_as_well() -> None:
    state = bought_long_after_a_quote(mark=Mark.BID_ASK, book=None)
    assert state.open_pnl(MNQ) == 0


@pytest.mark.parametrize("price", ["0", "NaN", "-0"])
def test_a_fill_without_a_price_leaves_a_position_unmarked(price: str) -> None:
    state = account_state()
    quoted(state, 100, at=0)
    state.learn_trade(filled(1, price, at=60), ours=False)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(60)), after(60))
    assert state.unmarked() == [MNQ]


def test_where_no_quote_has_ever_come_a_fill_is_no_price() -> None:
    state = account_state()
    quoted(state, 0, at=0)
    state.learn_trade(filled(1, 150, at=60), ours=False)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(60)), after(60))
    assert state.unmarked() == [MNQ]


def test_a_voided_or_corrected_fill_gives_its_price_up() -> None:
    state = account_state(position(MNQ, 2, 100, opened_at=AT))
    quoted(state, 110, at=1)
    told = filled(-1, 60, at=600, pnl=-80)
    state.learn_trade(told, ours=False)
    assert state.open_pnl(MNQ) == -80
    state.learn_trade(replace(told, price=Decimal(80), realized_pnl=Decimal(-40)), ours=False)
    assert state.open_pnl(MNQ) == -40
    state.learn_trade(replace(told, voided=True), ours=False)
    assert state.open_pnl(MNQ) == 40


def test_the_fills_of_an_earlier_position_are_no_price_of_the_next() -> None:
    state = account_state()
    quoted(state, 100, at=0)
    state.learn_trade(filled(-1, 60, at=10), ours=False)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(600)), after(600))
    assert state.unmarked() == [MNQ]


def test_a_position_is_stamped_a_moment_after_the_fill_that_opened_it() -> None:
    state = account_state()
    quoted(state, 100, at=0)
    state.learn_trade(filled(1, 150, at=59.2), ours=False)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(60)), after(60))
    assert state.open_pnl(MNQ) == 0


def test_a_full_picture_settles_which_fills_are_known() -> None:
    state = account_state(position(MNQ, 1, 100, opened_at=AT))
    quoted(state, 110, at=1)
    state.learn_trade(filled(1, 200, at=601, trade_id=2), ours=False)
    picture = Reconciled(
        at=after(602), as_of=after(600), account_id=1, positions=(position(MNQ, 1, 100, opened_at=AT),), orders=()
    )
    state.learn_picture(picture)
    assert state.memory.positions.unpriced == {MNQ: -1}
    state.learn_position(position(MNQ, 2, 150, opened_at=AT), after(603))
    assert state.memory.positions.unpriced == {}
    assert state.open_pnl(MNQ) == 200
    state.learn_picture(replace(picture, at=after(606), as_of=after(605), positions=()))
    assert state.open_total() == 0


def test_after_a_restart_nothing_has_a_price_until_a_quote_comes() -> None:
    state = bought_long_after_a_quote()
    state.begin_anew(Quotes())
    assert state.unmarked() == [MNQ]
    assert state.open_total() == 0
    quoted(state, 140, at=3700)
    assert state.open_pnl(MNQ) == -20


def test_the_prices_in_force_are_those_of_the_quote_where_nothing_is_held() -> None:
    state = account_state()
    assert state.marks.prices(MNQ) is None
    quoted(state, 100, at=0)
    assert state.marks.prices(MNQ) is state.quotes.get(MNQ)


def test_a_stamp_of_the_venue_counts_and_not_when_it_was_heard() -> None:
    state = bought_long_after_a_quote()
    late = QuoteUpdated(at=after(3601), contract_id=MNQ, last=Decimal(90), quoted_at=after(3599))
    state.quotes.apply(late)
    state.mark(MNQ)
    assert state.open_pnl(MNQ) == 0
    state.quotes.apply(replace_at(late, after(3602)))
    state.mark(MNQ)
    assert state.open_pnl(MNQ) == -120


def replace_at(quote: QuoteUpdated, at: datetime) -> QuoteUpdated:
    return QuoteUpdated(at=at, contract_id=quote.contract_id, last=quote.last, quoted_at=at - timedelta(seconds=1))


def test_a_fill_stamped_in_the_future_holds_the_mark_only_until_a_quote_that_is_younger_than_its_report() -> None:
    state = account_state()
    quoted(state, 100, at=0)
    state.learn_trade(filled(1, 150, at=3600), ours=False, heard_at=after(60))
    state.learn_position(position(MNQ, 1, 150, opened_at=after(3600)), after(60))
    assert state.open_pnl(MNQ) == 0, "the quote is older all the same"
    assert quoted(state, 140, at=61)
    assert state.open_pnl(MNQ) == -20
    state.learn_position(position(MNQ, 1, 150, opened_at=after(3600)), after(70))
    assert state.open_pnl(MNQ) == -20, "heard of again, it is no younger"


def test_a_later_fill_outdates_one_stamped_in_the_future() -> None:
    state = pictured()
    quoted(state, 100, at=0)
    state.learn_trade(filled(1, 150, at=3600), ours=False, heard_at=after(60))
    state.learn_position(position(MNQ, 1, 150, opened_at=after(60)), after(60.01))
    state.learn_trade(filled(1, 170, at=70, trade_id=2), ours=False, heard_at=after(70))
    state.learn_position(position(MNQ, 2, 160, opened_at=after(60)), after(70.01))
    assert state.open_pnl(MNQ) == 40
    assert state.memory.positions.half_seen() == frozenset()


def test_a_position_stamped_in_the_future_is_valued_by_the_next_quote() -> None:
    state = account_state()
    quoted(state, 100, at=0)
    state.learn_position(position(MNQ, 1, 150, opened_at=after(3600)), after(60))
    assert state.unmarked() == [MNQ]
    assert quoted(state, 140, at=61)
    assert state.open_pnl(MNQ) == -20


def test_an_exit_stamped_in_the_future_is_in_the_next_full_picture() -> None:
    state = pictured(position(MNQ, 3, 100, opened_at=AT))
    quoted(state, 50, at=1)
    told = filled(-2, 50, at=3600, pnl=-200)
    state.learn_trade(told, ours=False, heard_at=after(60))
    assert state.open_total() == -100
    state.learn_trade(replace(told, realized_pnl=Decimal(-201)), ours=False, heard_at=after(61))
    assert state.open_total() == -99, "what all of it is up, less what is realized"
    left = position(MNQ, 1, 100, opened_at=AT)
    state.learn_picture(Reconciled(at=after(65), account_id=1, positions=(left,), orders=()))
    assert state.open_total() == -100
    assert state.memory.positions.unpriced == {}
