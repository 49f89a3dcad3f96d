"""RULE-005: take an open profit at its target, or before it is lost again."""

from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import CancelAll, Close, CloseAll, Lock, LockMode
from risk_manager.core.rules.max_unrealized_profit import ExitMode, MaxUnrealizedProfit
from tests.builders import CL, ES, MNQ, Desk, account_state, after, dec, deeds, evidence, position


def target(**settings: Any) -> MaxUnrealizedProfit:
    return MaxUnrealizedProfit.model_validate({"profit_target": 100, **settings})


def breakeven(**settings: Any) -> MaxUnrealizedProfit:
    return MaxUnrealizedProfit.model_validate({"mode_of_exit": "breakeven", "arm_profit": 100, **settings})


@pytest.mark.parametrize(("price", "breaches"), [("149.75", False), ("150", True), ("160", True)])
def test_the_target_is_taken_when_touched(price: str, breaches: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(target())
    desk.holds(MNQ, 1)
    assert deeds(desk.quotes(MNQ, price)) == ([Close(MNQ)] if breaches else [])


def test_neither_an_unmarked_position_nor_a_small_profit_holds_the_next_one_back() -> None:
    desk = Desk(target())
    desk.holds(MNQ, 1)
    desk.holds(CL, 1)
    desk.holds(ES, 1)
    desk.quotes(CL, "100.01")
    assert deeds(desk.quotes(ES, 102)) == [Close(ES)]


@pytest.mark.parametrize("offset", ["-0.01", "NaN", "Infinity"])
def test_an_offset_that_is_no_profit_is_refused(offset: str) -> None:
    with pytest.raises(ValidationError):
        breakeven(offset=offset)


def test_a_position_that_was_never_armed_is_never_closed() -> None:
    desk = Desk(breakeven())
    desk.holds(MNQ, 1)
    for price in ("149.75", "100", "50"):
        assert not desk.quotes(MNQ, price)


@pytest.mark.parametrize(
    ("offset", "price", "breaches"), [(0, "100.25", False), (0, "100", True), (20, "110", True), (20, "110.25", False)]
)
def test_an_armed_position_is_closed_when_it_falls_to_the_offset(offset: int, price: str, breaches: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(breakeven(offset=offset))
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 150)
    assert deeds(desk.quotes(MNQ, price)) == ([Close(MNQ)] if breaches else [])


def test_an_increase_disarms_and_a_decrease_does_not() -> None:
    desk = Desk(breakeven())
    desk.holds(MNQ, 2)
    desk.quotes(MNQ, 130)
    desk.quotes(MNQ, 110)
    desk.holds(MNQ, 3)
    assert not desk.quotes(MNQ, 100)
    desk.quotes(MNQ, 120)
    desk.holds(MNQ, 1)
    assert desk.quotes(MNQ, 100)


@pytest.mark.parametrize("seen", ["report", "picture"])
@pytest.mark.parametrize("scope", ["total", "per_position"])
def test_an_increase_seen_in_a_picture_disarms_like_a_reported_one(seen: str, scope: str) -> None:
    desk = Desk(breakeven(scope=scope))
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 150)
    desk.quotes(MNQ, 110)
    if seen == "picture":
        desk.reads(position(MNQ, 2), at=1)
    else:
        desk.holds(MNQ, 2, at=1)
    assert not desk.quotes(MNQ, 100, at=2)


def test_in_total_a_new_contract_disarms() -> None:
    desk = Desk(breakeven(scope="total"))
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 150)
    desk.quotes(MNQ, 120)
    desk.holds(ES, 1)
    assert not desk.quotes(MNQ, 100)


def test_positions_that_lost_their_marks_in_a_restart_are_no_fall_to_breakeven() -> None:
    desk = Desk(breakeven(scope="total"))
    desk.holds(MNQ, 1)
    desk.holds(ES, 1)
    desk.quotes(MNQ, 150)
    desk.quotes(ES, 101)
    desk.restarts(at=1)
    assert not desk.reads(position(MNQ, 1), position(ES, 1), at=2)
    assert not desk.quotes(MNQ, 90)
    assert deeds(desk.quotes(ES, 100)) == [CloseAll(), CancelAll()]


def test_in_total_everything_goes_and_locks_as_configured() -> None:
    desk = Desk(target(scope="total", lockout="1h"))
    desk.holds(MNQ, 1)
    desk.holds(ES, 1)
    desk.quotes(MNQ, 100)
    close, cancel, lock = deeds(desk.quotes(ES, 102, at=1))
    assert (close, cancel) == (CloseAll(), CancelAll())
    assert isinstance(lock, Lock)
    assert (lock.mode, lock.until, lock.root) == (LockMode.FLAT, after(3601), None)


def test_in_total_nothing_held_is_no_fall() -> None:
    desk = Desk(breakeven(scope="total"))
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 150)
    assert not desk.holds(MNQ, 0)


def test_utilization_is_profit_by_what_it_is_taken_or_armed_at() -> None:
    desk = Desk()
    desk.holds(MNQ, 1)
    desk.holds(ES, 1)
    desk.quotes(MNQ, 125)
    (used,) = breakeven().utilization(desk.state)
    assert (used.subject, used.ratio) == ("MNQ", dec("0.5"))
    desk.quotes(ES, 101)
    assert [one.ratio for one in target(scope="total").utilization(desk.state)] == [dec(1)]
    assert MaxUnrealizedProfit.model_construct().utilization(account_state()) == ()


@pytest.mark.parametrize("mode", ExitMode)
def test_without_its_number_it_takes_nothing(mode: ExitMode) -> None:
    desk = Desk(MaxUnrealizedProfit.model_construct(mode_of_exit=mode))
    desk.holds(MNQ, 1)
    for price in (150, 100, 90):
        assert not desk.quotes(MNQ, price)


def test_a_target_that_stands_beside_breakeven_takes_nothing() -> None:
    desk = Desk(breakeven(profit_target=200))
    desk.holds(MNQ, 1)
    assert not desk.quotes(MNQ, 300)
    assert deeds(desk.quotes(MNQ, 100)) == [Close(MNQ)]


def test_in_total_what_never_had_a_mark_is_left_out_of_breakeven() -> None:
    desk = Desk(breakeven(scope="total"))
    desk.holds(MNQ, 1)
    desk.holds(ES, 1)
    desk.quotes(MNQ, 150)
    assert deeds(desk.quotes(MNQ, 100)) == [CloseAll(), CancelAll()]


def test_in_total_the_target_is_taken_while_a_restart_has_forgotten_another_mark() -> None:
    desk = Desk(target(scope="total"))
    desk.holds(MNQ, 1)
    desk.holds(ES, 1)
    desk.quotes(MNQ, 110)
    desk.quotes(ES, "100.25")
    desk.restarts(at=1)
    assert not desk.reads(position(MNQ, 1), position(ES, 1), at=2)
    assert deeds(desk.quotes(MNQ, 150)) == [CloseAll(), CancelAll()]


@pytest.mark.parametrize(
    "settings", [{}, {"mode_of_exit": "breakeven"}, {"mode_of_exit": "breakeven", "profit_target": 5}]
)
def test_a_mode_needs_its_own_number(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs"):
        MaxUnrealizedProfit.model_validate(settings)


@pytest.mark.parametrize(("scope", "subject", "root"), [("per_position", MNQ, "MNQ"), ("total", "", None)])
def test_its_decisions_say_who_decides_and_why(scope: str, subject: str, root: str | None) -> None:
    name = "max_unrealized_profit"
    body = {"profit_target": 50, "scope": scope, "lockout": "15m"}
    desk = Desk(MaxUnrealizedProfit.model_validate(body))
    desk.holds(MNQ, 1)
    assert evidence(desk.quotes(MNQ, 130)) == [(name, "OPEN_PROFIT_REACHED", subject, dec(60), dec(50), True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code, lock.root, lock.mode) == (name, "OPEN_PROFIT_REACHED", root, LockMode.FLAT)
    body = {"mode_of_exit": "breakeven", "arm_profit": 50, "offset": 10, "scope": scope}
    desk = Desk(MaxUnrealizedProfit.model_validate(body))
    desk.holds(MNQ, 1)
    assert not desk.quotes(MNQ, 130)
    assert evidence(desk.quotes(MNQ, 104)) == [(name, "BACK_AT_BREAKEVEN", subject, dec(8), dec(10), True)]
