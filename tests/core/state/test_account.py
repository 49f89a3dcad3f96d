"""All that is known of one account, and how it is learned."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from risk_manager.core.events import AccountUpdated, AccountVanished, QuoteUpdated, Reconciled
from risk_manager.core.model.order import OrderStatus
from risk_manager.core.model.trading_calendar import TradingCalendar
from risk_manager.core.policy import Mark, Policy
from risk_manager.core.rule import PnlBasis
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.enforcements import Aims, Enforcement
from risk_manager.core.state.quotes import Quotes
from tests.builders import AT, ES, MNQ, RESET, UNKNOWN, account_state, after, lock, order, position, stop_order, trade

RULE = MaxContracts(limit=1)


def learned(policy: Policy | None = None) -> AccountState:
    return account_state(policy=policy)


def quote(state: AccountState, contract_id: str, last: str, **prices: str) -> None:
    bid, ask = (Decimal(prices[name]) if name in prices else None for name in ("bid", "ask"))
    state.quotes.apply(QuoteUpdated(at=AT, contract_id=contract_id, last=Decimal(last), bid=bid, ask=ask))
    state.mark(contract_id)


def test_open_pnl_adds_up_the_marked_positions_and_names_the_others() -> None:
    state = account_state(position(MNQ, 2), position(ES, 1), position(UNKNOWN, 1))
    quote(state, MNQ, "110")
    quote(state, UNKNOWN, "110")
    assert state.open_pnl(MNQ) == 40
    assert state.open_pnl(ES) is None
    assert state.open_pnl("another") is None
    assert state.open_total() == 40
    assert state.unmarked() == [ES, UNKNOWN]


def test_the_sum_of_open_pnl_follows_every_change() -> None:
    state = account_state(position(MNQ, 2), position(ES, 1))
    quote(state, MNQ, "110")
    quote(state, ES, "90")
    assert state.open_total() == 40 - 500
    quote(state, MNQ, "120")
    assert state.open_total() == 80 - 500
    state.learn_position(position(ES, 0), after(1))
    assert state.open_total() == 80
    state.learn_picture(Reconciled(at=after(2), account_id=1, positions=(), orders=()))
    assert state.open_total() == 0


def test_a_position_is_marked_at_the_quote_that_is_there_already() -> None:
    state = learned()
    quote(state, MNQ, "110")
    state.learn_position(position(MNQ, 1, opened_at=AT), after(1))
    assert state.open_pnl(MNQ) == 20


def test_another_way_to_mark_acts_at_once() -> None:
    state = account_state(position(MNQ, 1))
    quote(state, MNQ, "110", bid="90", ask="120")
    state.adopt(Policy(mark=Mark.BID_ASK))
    assert state.open_pnl(MNQ) == -20


def test_the_pnl_of_the_day_is_realized_and_with_open_where_asked_and_with_fees_where_asked() -> None:
    state = account_state(position(MNQ, 1))
    quote(state, MNQ, "110")
    state.learn_trade(trade("-100", fees=3), ours=False)
    assert state.pnl_of_day(PnlBasis.REALIZED, with_fees=True) == -103
    assert state.pnl_of_day(PnlBasis.REALIZED, with_fees=False) == -100
    assert state.pnl_of_day(PnlBasis.REALIZED_PLUS_OPEN, with_fees=True) == -83


def test_the_day_of_a_changed_calendar_is_summed_anew() -> None:
    state = learned()
    state.learn_trade(trade("-100", at=AT - timedelta(hours=2)), ours=False)
    assert state.today.net == -100
    state.adopt(Policy(calendar=TradingCalendar(time(9), ZoneInfo("America/Chicago"))))
    assert state.today.net == 0
    state.adopt(replace(state.policy, shadow=True))
    assert state.today.net == 0


def test_a_new_day_begins_at_the_reset_and_old_trades_are_forgotten_in_time() -> None:
    state = learned()
    state.learn_trade(trade("-100"), ours=False)
    state.advance(RESET - timedelta(seconds=1))
    assert state.today.net == -100
    state.advance(RESET)
    assert state.today.net == 0
    assert len(state.trades.by_id) == 1
    state.advance(RESET + timedelta(days=3))
    assert state.trades.by_id == {}


def test_a_clock_that_goes_backward_is_not_followed() -> None:
    state = learned()
    state.advance(after(10))
    state.advance(after(5))
    assert state.now == after(10)


def test_an_order_and_its_trade_tell_of_one_fill() -> None:
    state = learned()
    state.learn_order(order(5, MNQ, 3, filled=2, updated_at=after(1)), after(1), ours=False)
    state.learn_trade(trade(order_id=5, signed_size=2, at=after(1)), ours=False)
    assert state.memory.positions.expected_net(MNQ) == 2
    state.learn_trade(trade(order_id=5, signed_size=1, at=after(2)), ours=False)
    state.learn_order(order(5, MNQ, 3, filled=3, status=OrderStatus.FILLED), after(2), ours=False)
    assert state.memory.positions.expected_net(MNQ) == 3


def test_a_correction_or_a_void_is_no_second_fill() -> None:
    state = learned()
    told = trade("-5", trade_id=1, signed_size=2)
    for one in (told, told, replace(told, realized_pnl=Decimal(-6)), replace(told, voided=True)):
        state.learn_trade(one, ours=False)
    assert sum(one.signed_size for one in state.memory.positions.unshown[MNQ]) == 2


@pytest.mark.parametrize("way", ["order first", "trade first", "in a picture"])
def test_a_fill_of_our_own_order_is_ours_whichever_is_heard_first(way: str) -> None:
    state = learned()
    told = trade(trade_id=9, order_id=5)
    if way == "order first":
        state.learn_order(order(5), AT, ours=True)
    state.learn_trade(told, ours=False)
    if way == "trade first":
        state.learn_order(order(5), AT, ours=True)
    if way == "in a picture":
        state.learn_picture(
            Reconciled(at=after(1), account_id=1, positions=(), orders=(), own_order_ids=frozenset([5, 6]))
        )
    assert state.trades.own == {9}


def test_a_picture_replaces_positions_and_orders_and_completes_trades() -> None:
    state = account_state(position(MNQ, 2), orders=[order(1), order(2)])
    state.learn_trade(trade("-5", trade_id=1), ours=False)
    state.learn_picture(
        Reconciled(
            at=after(5),
            account_id=1,
            positions=(position(ES, 1),),
            orders=(order(2), order(3)),
            trades=(trade("-7", trade_id=2), trade("-5", trade_id=1)),
        )
    )
    assert state.positions.keys() == {ES}
    assert state.working_orders.keys() == {2, 3}
    assert state.today.net == -12
    assert [one.trade_id for one in state.news.trades] == [1, 2]


def test_what_the_venue_does_not_say_of_an_account_is_unchanged() -> None:
    state = learned()
    state.memory.learn_account(AccountUpdated(at=AT, account_id=1, balance=Decimal(5), name="PRAC", simulated=True))
    state.memory.learn_account(AccountUpdated(at=AT, account_id=1))
    assert (state.account.can_trade, state.account.balance) == (True, Decimal(5))
    assert (state.account.name, state.account.simulated) == ("PRAC", True)
    state.memory.learn_account(AccountUpdated(at=AT, account_id=1, can_trade=False, simulated=False))
    assert (state.account.can_trade, state.account.simulated) == (False, False)


def test_an_account_that_vanished_is_back_when_the_venue_says_that_it_may_trade_or_not() -> None:
    state = learned()
    state.memory.learn_account(AccountVanished(at=AT, account_id=1))
    state.memory.learn_account(AccountUpdated(at=AT, account_id=1, balance=Decimal(5)))
    assert state.memory.vanished
    state.memory.learn_account(AccountUpdated(at=AT, account_id=1, can_trade=True))
    assert not state.memory.vanished


def test_the_best_of_a_position_is_remembered_and_its_mark_is_not() -> None:
    state = account_state(position(MNQ, -1))
    for price in ("110", "95", "105"):
        quote(state, MNQ, price)
    holding = state.holdings[MNQ]
    assert (holding.peak_open_pnl, holding.best_mark) == (Decimal(10), Decimal(95))
    assert state.memory.peak_open_total == 10
    state.begin_anew(Quotes())
    assert state.unmarked() == [MNQ]
    assert holding.peak_open_pnl == 10


def test_rules_read_who_and_what_and_which_locks() -> None:
    state = learned()
    assert (state.account_id, state.root(ES), state.lockouts.by_key) == (1, "ES", {})


def test_a_quote_of_what_is_not_held_or_without_a_mark_values_nothing() -> None:
    state = account_state(position(MNQ, 1))
    state.quotes.apply(QuoteUpdated(at=AT, contract_id=ES, last=Decimal(5)))
    state.quotes.apply(QuoteUpdated(at=AT, contract_id=MNQ, bid=Decimal(5)))
    assert not state.mark(ES)
    assert not state.mark(MNQ)
    quote(state, MNQ, "110")
    assert not state.mark(MNQ), "the same value again is no change"


def test_a_stop_of_the_daemon_answers_the_request_for_it() -> None:
    state = learned()
    state.memory.stop_requests.placed[MNQ] = AT
    state.learn_order(stop_order(5, MNQ), AT, ours=True)
    assert state.memory.stop_requests.placed == {}


def test_a_position_closed_just_before_a_restart_is_not_held_on_to_by_a_clock_that_starts_behind() -> None:
    state = account_state(position(MNQ, 2))
    state.learn_position(position(MNQ, 3), at=after(10))
    state.learn_order(stop_order(5), after(10), ours=False)
    state.awaits_picture = True
    state.learn_picture(Reconciled(at=after(9), account_id=1, positions=(), orders=(), as_of=after(9)))
    assert state.positions == {}
    assert state.working_orders == {}


def test_what_a_stream_told_after_a_later_picture_was_asked_for_is_kept() -> None:
    state = account_state(position(MNQ, 2))
    state.learn_position(position(MNQ, 3), at=after(10))
    state.learn_picture(Reconciled(at=after(11), account_id=1, positions=(), orders=(), as_of=after(9)))
    assert set(state.positions) == {MNQ}


def test_a_lock_that_is_over_ends_when_its_instant_comes() -> None:
    state = learned()
    state.lockouts.put(lock(until=after(5)), now=AT, reason="", ceilings={})
    state.advance(after(5))
    assert state.lockouts.by_key == {}


def test_a_trade_first_told_as_void_fills_nothing_that_has_a_price() -> None:
    state = account_state(position(MNQ, 1))
    before = dict(state.memory.positions.unpriced)
    state.learn_trade(trade("-5", signed_size=-1, voided=True, at=after(1)), ours=False)
    assert state.memory.positions.unpriced == before
    assert state.memory.positions.leaving.by_contract == {}


def test_an_increase_of_what_is_marked_is_nothing_that_is_gone() -> None:
    state = account_state(position(MNQ, 1))
    quote(state, MNQ, "110")
    state.learn_position(position(MNQ, 2), after(1))
    assert state.marks.untold() == 0


def test_what_nothing_is_taking_away_yet_remains() -> None:
    state = account_state(position(MNQ, -3), position(ES, 2))
    aims = Aims({(MNQ, state.holdings[MNQ].incarnation): 1})
    state.memory.enforcements.by_key["a_rule", "CODE", ""] = Enforcement(aims)
    assert (state.will_remain(MNQ), state.will_remain(ES)) == (1, 2)
