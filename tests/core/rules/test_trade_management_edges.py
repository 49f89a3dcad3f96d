"""RULE-012: which contract a price concerns, which of several prices is wanted, and what is left as it is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import Close
from risk_manager.core.events import ClockTicked, QuoteUpdated
from risk_manager.core.model.order import OrderType
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.trade_management import TradeManagement
from tests.builders import CL, ES, MNQ, UNKNOWN, Desk, after, dec, deeds, position, trade
from tests.core.rules.test_trade_management import AUTO, BREAKEVEN, TRAILING, managing, move, place, stop


def quote(contract_id: str, last: str) -> QuoteUpdated:
    return QuoteUpdated(at=after(1), contract_id=contract_id, last=dec(last), bid=None, ask=None)


def test_a_price_concerns_the_position_in_its_own_contract_alone() -> None:
    judge = TradeManagement.model_validate(AUTO)
    desk = Desk()
    desk.reads(position(MNQ), position(ES))
    desk.quotes(MNQ, 100)
    desk.quotes(ES, 100)
    assert [one.subject for one in judge.evaluate(desk.state, quote(ES, "100"))] == [ES]
    assert {one.subject for one in judge.evaluate(desk.state, ClockTicked(at=after(1)))} == {MNQ, ES}
    assert judge.evaluate(desk.state, quote(CL, "100")) == ()


def test_an_unknown_contract_keeps_no_other_from_its_stop() -> None:
    desk = managing(**AUTO)
    desk.quotes(MNQ, 100)
    assert deeds(desk.reads(position(UNKNOWN, 1), position(MNQ, 1), at=1)) == [place(1, "98")]


def test_a_position_that_is_being_closed_keeps_no_other_from_its_stop() -> None:
    blocked = MaxContractsPerInstrument.model_validate(
        {"limits": {"CL": 0}, "unknown_symbol_action": "allow_unlimited"}
    )
    desk = Desk(blocked, TradeManagement.model_validate(AUTO))
    desk.quotes(MNQ, 100)
    assert deeds(desk.reads(position(CL))) == [Close(CL)]
    assert deeds(desk.reads(position(CL), position(MNQ), at=1)) == [place(1, "98")]


def test_the_next_instant_is_that_of_the_stop_that_may_be_changed_first() -> None:
    desk = managing(1, min_interval="10s", **TRAILING)
    desk.orders(stop(1, "98"))
    desk.quotes(MNQ, "102.5", at=1)
    desk.orders(stop(1, "98", 6), at=5)
    (judge,) = desk.policies[1].rules
    instants = [judge.deadline(desk.state, after(at)) for at in (6, 11, 14, 15)]
    assert instants == [after(11), after(15), after(15), None]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_negative_price_is_a_price_and_profit_is_told_from_it(sign: int) -> None:
    desk = managing(**BREAKEVEN)
    desk.reads(position(MNQ, sign, -100), orders=[stop(sign, str(-100 - 2 * sign))], at=1)
    assert not desk.quotes(MNQ, dec(-100) + sign, at=2)
    assert deeds(desk.quotes(MNQ, dec(-100) + 3 * sign, at=3)) == [move(str(dec(-100) + sign * dec("0.5")))]


@pytest.mark.parametrize(
    ("breakeven_at", "trailing_at", "target"), [(20, 10, "98"), (10, 20, "100"), (12, 13, "100"), (13, 12, "98")]
)
def test_what_its_profit_calls_for_first_moves_the_stop(breakeven_at: int, trailing_at: int, target: str) -> None:
    trailing = {"activation_ticks": trailing_at, "distance_ticks": 20}
    desk = managing(1, auto_breakeven={"trigger_ticks": breakeven_at}, trailing_stop=trailing)
    desk.orders(stop(1, "97"))
    assert deeds(desk.quotes(MNQ, 103, at=1)) == [move(target)]


@pytest.mark.parametrize("settings", [BREAKEVEN, TRAILING])
def test_a_bare_position_gets_the_stop_of_its_entry_until_its_profit_calls_for_more(settings: dict[str, Any]) -> None:
    assert deeds(managing(1, **AUTO, **settings).quotes(MNQ, 101, at=1)) == [place(1, "98")]


def test_its_own_stop_that_covers_the_position_is_asked_for_nothing() -> None:
    desk = managing(1, **AUTO, **BREAKEVEN)
    desk.orders(stop(1, "101"), ours=True)
    assert not desk.quotes(MNQ, 103, at=1)
    assert not desk.ticks(5)


def test_nothing_is_placed_while_a_fill_is_half_seen() -> None:
    desk = managing(1, **AUTO)
    desk.trades(trade(signed_size=1, at=after(1)), at=1)
    assert not desk.quotes(MNQ, 100, at=2)
    assert deeds(desk.holds(MNQ, 2, at=3)) == [place(2, "98")]


def test_a_stop_of_its_own_of_which_no_price_is_told_is_no_reason_to_leave_the_rest_bare() -> None:
    desk = managing(2, **AUTO)
    desk.orders(replace(stop(1, "98"), stop_price=None), ours=True)
    assert deeds(desk.quotes(MNQ, 100, at=1)) == [place(1, "98")]


def test_a_short_stop_that_was_moved_by_hand_stays_until_more_is_wanted_than_the_better_of_two_prices() -> None:
    desk = managing(-1, **BREAKEVEN, **TRAILING)
    desk.orders(stop(-1, "103"))
    assert deeds(desk.quotes(MNQ, 96, at=1)) == [move("97")]
    desk.orders(stop(-1, "97"), at=2)
    assert not desk.orders(stop(-1, "102"), at=3)
    assert not desk.ticks(5)
    assert deeds(desk.quotes(MNQ, "95.5", at=6)) == [move("96.5")]


def test_a_stop_limit_is_moved_as_a_stop_is() -> None:
    desk = managing(1, **BREAKEVEN)
    desk.orders(stop(1, "98", kind=OrderType.STOP_LIMIT))
    assert deeds(desk.quotes(MNQ, 103, at=1)) == [move("100.5")]


def test_in_shadow_a_price_of_another_contract_shows_nothing_twice() -> None:
    desk = Desk(TradeManagement.model_validate({**AUTO, "mode": "shadow"}))
    desk.reads(position(MNQ), position(ES))
    assert [plan.shadow for plan in desk.quotes(MNQ, 100, at=1)] == [True]
    assert [plan.shadow for plan in desk.quotes(ES, 100, at=2)] == [True]
    assert not desk.quotes(MNQ, 101, at=3)


@pytest.mark.parametrize("ticks", [-1, "2", 1.5])
def test_an_offset_is_a_whole_number_of_ticks_from_nothing_on(ticks: object) -> None:
    with pytest.raises(ValidationError, match="offset_ticks"):
        TradeManagement.model_validate({"auto_breakeven": {"trigger_ticks": 10, "offset_ticks": ticks}})


@pytest.mark.parametrize("interval", ["-1s", timedelta(seconds=-1)])
def test_an_interval_is_no_less_than_nothing(interval: object) -> None:
    with pytest.raises(ValidationError, match="min_interval"):
        TradeManagement.model_validate({**AUTO, "min_interval": interval})
