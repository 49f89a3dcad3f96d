"""Fills, each once, and what they add up to."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.core.model.trade import Trade
from risk_manager.core.model.trading_calendar import TradingCalendar
from risk_manager.core.policy import TOPSTEP_DAY
from risk_manager.core.state.trades import Trades
from tests.builders import AT, ES, MNQ, NQ, RESET, after, dec, trade

TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)


def known(*trades: Trade) -> Trades:
    memory = Trades()
    for one in trades:
        memory.learn(one, TOPSTEP_DAY)
    return memory


def test_fees_and_commissions_belong_to_the_loss() -> None:
    total = known(trade("-100", fees="1.44", commissions="1")).sum_of(TODAY)
    assert (total.gross, total.costs, total.net) == (Decimal(-100), Decimal("2.44"), Decimal("-102.44"))


def test_the_fees_of_an_opening_fill_count_though_it_realized_nothing() -> None:
    assert known(trade(None, fees="0.36", commissions="0.25")).sum_of(TODAY).net == Decimal("-0.61")


def test_the_same_trade_twice_is_once() -> None:
    told = trade("-5", trade_id=1)
    memory = Trades()
    assert memory.learn(told, TOPSTEP_DAY) == told
    assert memory.learn(told, TOPSTEP_DAY) is None
    assert memory.sum_of(TODAY).gross == -5


def test_a_correction_replaces_what_was_known() -> None:
    assert known(trade("-5", trade_id=1), trade("-7", trade_id=1)).sum_of(TODAY).gross == -7


def test_a_voided_trade_leaves_every_sum_and_stays_voided() -> None:
    told = trade("-5", trade_id=1)
    memory = known(told, replace(told, voided=True), told, replace(told, realized_pnl=Decimal(3)))
    assert memory.sum_of(TODAY).gross == 0
    assert list(memory.counting()) == []
    assert memory.of_order(1) == []
    assert memory.filled_size(1) == 0


def test_a_late_trade_belongs_to_the_day_of_its_own_time() -> None:
    memory = known(trade("-5", at=RESET - timedelta(microseconds=1)), trade("-7", at=RESET))
    assert (memory.sum_of(TODAY).gross, memory.sum_of(TOMORROW).gross) == (dec(-5), dec(-7))


def test_another_calendar_adds_everything_up_anew() -> None:
    memory = known(trade("-5", at=AT))
    memory.rebook(TradingCalendar(time(9), ZoneInfo("America/Chicago")))
    assert (memory.sum_of(TODAY).gross, memory.sum_of(TOMORROW).gross) == (dec(0), dec(-5))


def test_the_fills_of_an_order_come_in_the_order_of_their_own_times() -> None:
    memory = known(
        trade(trade_id=3, order_id=9, at=after(2)),
        trade(trade_id=2, order_id=9, at=after(1), signed_size=-4),
        trade(trade_id=1, order_id=9, at=after(1)),
    )
    assert [one.trade_id for one in memory.of_order(9)] == [1, 2, 3]
    assert memory.filled_size(9) == 6


def test_a_correction_that_moves_a_trade_to_another_order_can_still_be_forgotten() -> None:
    memory = known(trade(trade_id=1, order_id=5), trade(trade_id=1, order_id=6))
    assert memory.of_order(5) == []
    assert len(memory.of_order(6)) == 1
    memory.forget_before(after(1))
    assert memory.by_order == {}


def test_what_some_orders_have_filled_is_kept() -> None:
    memory = known(trade(trade_id=1, order_id=5), trade(trade_id=2, order_id=6))
    memory.forget_before(after(1), except_of={6})
    assert (memory.filled_size(5), memory.filled_size(6)) == (0, 1)


def test_what_no_rule_looks_back_to_is_forgotten_with_its_day() -> None:
    memory = known(trade("-5", trade_id=1, order_id=7), trade("-6", trade_id=2, order_id=7, at=AT + timedelta(days=4)))
    memory.own.add(1)
    memory.forget_before(AT + timedelta(days=3))
    assert memory.by_id.keys() == {2}
    assert memory.by_order == {7: [2]}
    assert memory.own == set()
    assert memory.sum_of(TODAY).gross == 0
    assert len(memory.sums) == 1


CENTS = st.integers(-100_000, 100_000).map(lambda cents: Decimal(cents) / 100)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.none() | CENTS, CENTS.map(abs), st.booleans(), st.integers(0, 2)), max_size=30
    )
)
def test_a_sum_is_that_of_the_last_words_on_trades_that_were_never_voided(
    told: list[tuple[int, Decimal | None, Decimal, bool, int]],
) -> None:
    memory = Trades()
    words: dict[int, Trade] = {}
    for number, pnl, fees, voided, day in told:
        one = trade(pnl, trade_id=number, fees=fees, voided=voided, at=AT + timedelta(days=day))
        memory.learn(one, TOPSTEP_DAY)
        if number not in words or not words[number].voided:
            words[number] = one
    for day in range(3):
        counting = [one for one in words.values() if not one.voided and one.at == AT + timedelta(days=day)]
        expected = sum((one.gross_pnl - one.costs for one in counting), Decimal(0))
        assert memory.sum_of(TODAY + timedelta(days=day)).net == pytest.approx(expected, abs=0)


def test_the_last_fill_of_a_contract_is_the_last_that_counts_by_its_own_time() -> None:
    trades = Trades()
    late, early = trade(trade_id=1, at=after(9)), trade(trade_id=2, at=after(5))
    assert trades.latest(late.contract_id) is None
    for one in (late, early, trade(trade_id=3, contract_id=ES, at=after(20))):
        trades.learn(one, TOPSTEP_DAY)
        assert trades.latest(late.contract_id) == late
    trades.learn(replace(late, voided=True), TOPSTEP_DAY)
    assert trades.latest(late.contract_id) == early
    trades.forget_before(after(6))
    assert trades.latest(late.contract_id) is None


def test_what_filled_after_an_instant_is_added_up_signed() -> None:
    trades = Trades()
    for number, size in enumerate((4, -1, 2)):
        trades.learn(trade(trade_id=number, signed_size=size, at=after(number)), TOPSTEP_DAY)
    trades.learn(trade(trade_id=9, signed_size=8, at=after(9), voided=True), TOPSTEP_DAY)
    assert trades.signed_sizes_after(after(0)) == {MNQ: 1}


def test_a_fill_stamped_later_than_it_was_heard_of_filled_when_it_was_first_heard_of() -> None:
    trades = Trades()
    early, plain = trade(trade_id=1, at=after(60)), trade(trade_id=2, at=after(9))
    trades.hear(plain, after(10))
    assert trades.filled_at(plain) == after(9)
    assert trades.as_heard(plain) is plain
    for heard in (5, 8):
        trades.hear(early, after(heard))
    assert trades.filled_at(early) == after(5)
    assert trades.filled_at(plain) == after(9)
    assert trades.as_heard(early) == replace(early, at=after(5))
    assert trades.filled_at(replace(early, at=after(3))) == after(3), "a correction may date it back"


def test_it_is_not_the_last_fill_for_its_stamp_and_forgotten_like_others() -> None:
    trades = Trades()
    early, later = trade(trade_id=1, at=after(60)), trade(trade_id=2, signed_size=4, at=after(9))
    for one, heard in ((early, 5), (later, 9)):
        trades.hear(one, after(heard))
        trades.learn(one, TOPSTEP_DAY)
    assert trades.latest(MNQ) == later
    assert trades.signed_sizes_after(after(5)) == {MNQ: 4}
    trades.forget_before(after(61))
    assert (trades.by_id, trades.ahead) == ({}, {})


def test_what_others_filled_is_added_up_without_the_trade_itself() -> None:
    trades = Trades()
    first, second = trade(trade_id=1, signed_size=3, at=after(1)), trade(trade_id=2, signed_size=-1, at=after(2))
    for one in (first, second, trade(trade_id=3, contract_id=ES, signed_size=8, at=after(3))):
        trades.learn(one, TOPSTEP_DAY)
    assert trades.signed_size_besides(second, since=after(0)) == 3
    assert trades.signed_size_besides(second, since=after(1)) == 0
    assert trades.signed_size_besides(first, since=after(1)) == -1


def test_the_way_back_from_a_size_goes_fill_by_fill_to_an_instant() -> None:
    fills = [
        trade(trade_id=number, signed_size=size, at=after(at))
        for number, size, at in ((1, 1, 1), (2, -2, 2), (4, 3, 3), (3, 1, 3), (5, -1, 4), (6, 9, 5))
    ]
    others = [trade(signed_size=7, at=after(3), contract_id=ES), trade(signed_size=7, at=after(3), voided=True)]
    path = known(*fills, *others).path_back(MNQ, 4, since=after(1), upto=after(4))
    assert path == [(after(4), 4), (after(4), 5), (after(3), 2), (after(3), 1), (after(2), 3)]


def test_a_size_is_traced_to_itself_where_nothing_has_filled_since() -> None:
    trades = known(trade(signed_size=2, at=after(1)), trade(signed_size=7, at=after(3), contract_id=ES))
    for contract_id, net_size in ((MNQ, 2), (NQ, 5)):
        assert trades.path_back(contract_id, net_size, since=after(1), upto=after(4)) == [(after(4), net_size)]
