"""RULE-004: no open loss beyond the limit."""

from typing import Any

import pytest

from risk_manager.core.actions import CancelAll, Close, CloseAll, Lock, LockMode, Warn
from risk_manager.core.events import ContractLearned
from risk_manager.core.model.contract import Contract
from risk_manager.core.rule import LockoutEnd, Scope
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.strictness import loosened
from tests.builders import CL, ES, MNQ, RESET, UNKNOWN, Desk, account_state, after, dec, deeds, evidence, position


def rule(**settings: Any) -> DailyUnrealizedLoss:
    return DailyUnrealizedLoss.model_validate({"loss_limit": 100, **settings})


@pytest.mark.parametrize(
    ("net_size", "price", "breaches"),
    [
        (1, "50.25", False),
        (1, "50", True),
        (1, "-50", True),
        (-1, "149.75", False),
        (-1, "150", True),
        (-1, "50", False),
    ],
)
def test_a_position_is_closed_when_its_loss_touches_the_limit(net_size: int, price: str, breaches: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(rule())
    desk.holds(MNQ, net_size)
    desk.holds(ES, 1)
    assert deeds(desk.quotes(MNQ, price)) == ([Close(MNQ)] if breaches else [])


def test_neither_an_unmarked_position_nor_a_small_loss_holds_the_next_one_back() -> None:
    desk = Desk(rule())
    desk.holds(MNQ, 1)
    desk.holds(CL, 1)
    desk.holds(ES, 1)
    desk.quotes(CL, "99.99")
    assert deeds(desk.quotes(ES, 98)) == [Close(ES)]


@pytest.mark.parametrize("price", ["NaN", "0", "-Infinity", "1e30"])
def test_a_nan_or_zero_price_closes_no_position_and_disables_no_limit(price: str) -> None:
    desk = Desk(rule())
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 60)
    assert not desk.quotes(MNQ, price)
    assert desk.quotes(MNQ, 50)


def test_the_lock_of_a_position_is_that_of_its_root() -> None:
    desk = Desk(rule(lockout="15m"))
    desk.holds(MNQ, 1)
    (lock,) = [one for one in deeds(desk.quotes(MNQ, 40, at=5)) if isinstance(one, Lock)]
    assert (lock.root, lock.mode, lock.until) == ("MNQ", LockMode.FLAT, after(905))


def test_in_total_a_winner_offsets_a_loser_and_the_day_is_over() -> None:
    desk = Desk(rule(scope="total"))
    desk.holds(MNQ, 1)
    desk.holds(ES, 1)
    desk.quotes(ES, 101)
    assert not desk.quotes(MNQ, 26)
    close, cancel, lock = deeds(desk.quotes(MNQ, 25))
    assert (close, cancel) == (CloseAll(), CancelAll())
    assert isinstance(lock, Lock)
    assert (lock.mode, lock.until, lock.root) == (LockMode.FLAT, RESET, None)


def test_in_total_lockout_none_is_none() -> None:
    desk = Desk(rule(scope="total", lockout="none"))
    desk.holds(MNQ, 1)
    assert deeds(desk.quotes(MNQ, 25)) == [CloseAll(), CancelAll()]


def test_in_total_an_unmarked_position_is_left_out_and_told_once() -> None:
    desk = Desk(rule(scope="total"))
    assert deeds(desk.holds(MNQ, 1)) == [Warn("POSITION_UNMARKED")]
    assert deeds(desk.holds(ES, 1)) == [Warn("POSITION_UNMARKED")]
    assert desk.holds(ES, 2) == ()
    assert CloseAll() in deeds(desk.quotes(MNQ, 25))


def test_a_loss_that_becomes_known_with_the_tick_size_is_judged_at_once() -> None:
    desk = Desk(rule())
    desk.quotes(UNKNOWN, 1)
    assert not desk.holds(UNKNOWN, 2)
    told = Contract(UNKNOWN, "NBU6", "F.US.NOBODY", dec(1), dec(1))
    assert deeds(desk.hear(ContractLearned(at=after(1), contract=told))) == [Close(UNKNOWN)]


def test_utilization_is_loss_by_limit_of_each_marked_position_or_of_all() -> None:
    state = account_state(position(MNQ, 1), position(ES, 1))
    assert rule().utilization(state) == []
    desk = Desk(rule())
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 75)
    (used,) = rule().utilization(desk.state)
    assert (used.subject, used.ratio) == ("MNQ", dec("0.5"))
    desk.holds(ES, 1)
    desk.quotes(ES, "99.75")
    assert [one.subject for one in rule().utilization(desk.state)] == ["MNQ", "ES"]
    (used,) = rule(scope="total").utilization(desk.state)
    assert (used.measured, used.limit, used.subject) == (dec("62.50"), dec(100), "")


def test_its_decisions_say_who_decides_and_why() -> None:
    name = "daily_unrealized_loss"
    desk = Desk(DailyUnrealizedLoss.model_validate({"loss_limit": 50, "lockout": "15m"}))
    desk.holds(MNQ, 1)
    assert evidence(desk.quotes(MNQ, 70)) == [(name, "OPEN_LOSS_REACHED", MNQ, dec(60), dec(50), True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code, lock.root) == (name, "OPEN_LOSS_REACHED", "MNQ")
    desk = Desk(DailyUnrealizedLoss.model_validate({"loss_limit": 50, "scope": "total"}))
    desk.holds(MNQ, 1)
    assert evidence(desk.holds(ES, 1)) == [(name, "POSITION_UNMARKED", ES, None, None, False)]
    assert evidence(desk.quotes(MNQ, 70)) == [(name, "OPEN_LOSS_REACHED", "", dec(60), dec(50), True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code, lock.root) == (name, "OPEN_LOSS_REACHED", None)


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        ({"scope": "total"}, {"scope": "total", "lockout": "none"}, ["lockout"]),
        ({"scope": "total"}, {"scope": "total", "lockout": "15m"}, ["lockout"]),
        ({"scope": "total"}, {"scope": "total", "lockout": "daily_reset"}, []),
        ({"scope": "total"}, {"scope": "total", "lockout": "permanent"}, []),
        ({"scope": "total"}, {"scope": "per_position", "lockout": "none"}, ["scope", "lockout"]),
        ({"scope": "total", "lockout": "15m"}, {"scope": "total"}, ["lockout"]),
        ({"lockout": "15m"}, {}, ["lockout"]),
        ({}, {"lockout": "15m"}, []),
    ],
)
def test_a_lock_that_is_left_to_its_default_is_not_taken_away_at_once(
    before: dict[str, str], after: dict[str, str], waits: list[str]
) -> None:
    old, new = (DailyUnrealizedLoss.model_validate({"loss_limit": 50, **one}) for one in (before, after))
    assert loosened(old, new) == waits


def test_the_lock_that_is_left_out_is_told_as_what_it_comes_to() -> None:
    assert rule(scope="total").setting("lockout") is LockoutEnd.DAILY_RESET
    assert rule().setting("lockout") is LockoutEnd.NONE
    assert rule(lockout="permanent").setting("lockout") is LockoutEnd.PERMANENT
    assert rule(scope="total").setting("scope") is Scope.TOTAL
