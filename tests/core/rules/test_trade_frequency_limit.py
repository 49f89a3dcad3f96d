"""RULE-006: do not trade too often."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import CancelAll, CloseAll, Lock, LockMode
from risk_manager.core.model.order import OrderStatus
from risk_manager.core.policy import Policy
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from tests.builders import MNQ, RESET, Desk, after, deeds, order, trade

MINUTE, HOUR, SESSION = TradeFrequencyLimit.codes


def rule(per_minute: int | None = 2, **settings: Any) -> TradeFrequencyLimit:
    limits = settings.pop("limits", {"per_minute": per_minute})
    return TradeFrequencyLimit.model_validate({"limits": limits, **settings})


def ends(desk: Desk) -> dict[str, Any]:
    return {lock.code: lock.until for lock in desk.state.lockouts.by_key.values()}


@pytest.mark.parametrize(("third", "breaches"), [(59.9, True), (60, False)])
def test_a_window_slides_and_is_half_open(third: float, breaches: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(rule())
    desk.fills(at=0)
    assert not desk.fills(at=30)
    assert bool(desk.fills(at=third)) is breaches


def test_the_cooldown_runs_from_the_last_trade_of_the_window() -> None:
    desk = Desk(rule())
    for at in (0, 1):
        desk.fills(at=at)
    desk.trades(trade(at=after(2)), at=10)
    assert ends(desk) == {MINUTE: after(62)}


def test_getting_out_during_the_lock_does_not_prolong_it_and_afterwards_it_is_judged_again() -> None:
    desk = Desk(rule())
    for at in (0, 1, 2, 5):
        desk.fills(at=at)
    assert ends(desk) == {MINUTE: after(62)}
    assert not desk.fills(at=63)
    assert desk.fills(at=64)


def test_a_partial_fill_is_no_second_trade_but_a_second_fill() -> None:
    for count, breaches in (("orders", False), ("fills", True)):
        desk = Desk(rule(count=count))
        for at in (0, 1, 2):
            desk.fills(at=at, order_id=7)
        assert bool(desk.locks) is breaches


def test_round_turns_are_closing_orders() -> None:
    desk = Desk(rule(count="round_turns"))
    for at in range(6):
        desk.fills(5 if at % 2 else None, at=at)
    assert len(desk.plans) == 1
    assert desk.plans[0].at == after(5)


@pytest.mark.parametrize("way", ["told with the fill", "told with the order", "told after the fill"])
def test_fills_of_the_daemons_own_orders_do_not_count(way: str) -> None:
    desk = Desk(rule())
    for at in (0, 1):
        desk.fills(at=at)
    if way == "told with the order":
        desk.orders(order(7), at=2, ours=True)
    desk.trades(trade(order_id=7, at=after(2)), at=2, ours=way == "told with the fill")
    if way == "told after the fill":
        desk.orders(order(7), at=3, ours=True)
        desk.clears(rule().name, at=4)
        assert not desk.fills(at=60.5)
        return
    assert not desk.locks


def test_a_voided_trade_leaves_the_count_and_the_lock_that_it_set_stays() -> None:
    desk = Desk(rule())
    told = trade(trade_id=1)
    desk.trades(told)
    desk.trades(replace(told, voided=True))
    desk.fills(at=1)
    assert not desk.fills(at=2)
    last = trade(trade_id=2, at=after(3))
    assert desk.trades(last, at=3)
    desk.trades(replace(last, voided=True), at=4)
    assert desk.locks


def test_a_trade_learned_late_fills_the_window_of_its_own_time() -> None:
    desk = Desk(rule(cooldowns={"per_minute": "10m"}))
    desk.fills(at=0)
    desk.fills(at=20)
    assert desk.trades(trade(at=after(10)), at=300)
    assert ends(desk) == {MINUTE: after(620)}


def test_a_cooldown_that_is_over_already_locks_nothing() -> None:
    desk = Desk(rule())
    desk.fills(at=0)
    desk.fills(at=20)
    assert not desk.trades(trade(at=after(10)), at=80)


def test_several_windows_at_once_are_several_locks() -> None:
    desk = Desk(rule(limits={"per_minute": 1, "per_hour": 1, "per_session": 1}))
    desk.fills(at=0)
    desk.fills(at=1)
    assert ends(desk) == {MINUTE: after(61), HOUR: after(1801), SESSION: RESET}


def test_the_session_is_since_the_reset() -> None:
    desk = Desk(rule(limits={"per_session": 1}))
    desk.fills(at=0)
    reset = (RESET - after(0)).total_seconds()
    assert not desk.fills(at=reset)
    assert desk.fills(at=reset + 1)
    assert ends(desk) == {SESSION: RESET + timedelta(days=1)}


@pytest.mark.parametrize(("cooldown", "until"), [("permanent", None), ("daily_reset", RESET), ("15m", after(901))])
def test_a_cooldown_may_end_otherwise(cooldown: str, until: object) -> None:
    desk = Desk(rule(1, cooldowns={"per_minute": cooldown}))
    desk.fills(at=0)
    desk.fills(at=1)
    assert ends(desk) == {MINUTE: until}


def test_no_cooldown_is_no_lock() -> None:
    desk = Desk(rule(1, cooldowns={"per_minute": "none"}))
    desk.fills(at=0)
    assert not desk.fills(at=1)


@pytest.mark.parametrize(
    ("on_breach", "mode"), [("keep_positions", LockMode.NO_NEW_RISK), ("close_all", LockMode.FLAT)]
)
def test_positions_are_kept_or_closed_as_configured(on_breach: str, mode: LockMode) -> None:
    desk = Desk(rule(1, on_breach=on_breach))
    desk.fills(at=0)
    found = deeds(desk.fills(at=1))
    assert [one.mode for one in found if isinstance(one, Lock)] == [mode]
    assert (CloseAll() in found, CancelAll() in found) == (mode is LockMode.FLAT,) * 2


def test_a_window_that_an_admin_cleared_locks_again_when_it_is_full_again() -> None:
    desk = Desk(rule(1))
    desk.fills(at=0)
    desk.fills(at=1)
    desk.clears(rule().name, at=2)
    desk.fills(at=500)
    assert desk.fills(at=501)


def test_in_shadow_every_further_trade_too_many_is_shown() -> None:
    desk = Desk(rule(1, mode="shadow"))
    for at in (0, 1, 500, 501):
        desk.fills(at=at)
    assert [plan.at for plan in desk.plans] == [after(1), after(501)]
    assert all(plan.shadow for plan in desk.plans)
    assert not desk.locks


def test_a_full_picture_judges_only_what_it_brings() -> None:
    desk = Desk()
    for at in (0, 1):
        desk.fills(at=at)
    desk.reloads(rule(1, limits={"per_hour": 5}), at=1)
    assert not desk.reads(trades=[trade(at=after(0))], at=2)


def test_a_changed_limit_judges_the_windows_that_reach_to_now() -> None:
    desk = Desk(rule(5))
    for at in (0, 1):
        desk.fills(at=at)
    assert not desk.reloads(rule(5, on_breach="close_all"), at=2)
    assert desk.reloads(rule(1), at=3)
    desk = Desk(rule(5))
    for at in (0, 1):
        desk.fills(at=at)
    assert not desk.reloads(rule(1), at=61)


def test_the_fill_that_sets_the_lock_keeps_its_position_whichever_word_comes_first() -> None:
    for way in ("trade first", "order first", "position first"):
        desk = Desk(rule(1))
        desk.fills(at=0)
        desk.holds(MNQ, 1, at=1)
        told = trade(trade_id=8, order_id=7, at=after(10))
        filled = order(7, status=OrderStatus.FILLED, filled=1, updated_at=after(10.002))
        if way == "position first":
            desk.holds(MNQ, 2, at=10.003)
        if way == "order first":
            desk.orders(filled, at=10.003)
        desk.trades(told, at=10.004)
        desk.orders(filled, at=10.005)
        desk.holds(MNQ, 2, at=10.006)
        assert len(desk.plans) == 1, way
        (lock,) = desk.state.lockouts.by_key.values()
        assert lock.ceilings == {MNQ: 2}, way


def test_utilization_is_trades_by_limit_of_each_window() -> None:
    desk = Desk(rule(limits={"per_minute": 4, "per_session": 8}), policy=Policy())
    desk.fills(at=0)
    desk.fills(at=30)
    desk.ticks(70)
    used = desk.policies[1].rules[0].utilization(desk.state)
    assert [(one.subject, int(one.measured), int(one.limit)) for one in used] == [(MINUTE, 1, 4), (SESSION, 2, 8)]


@pytest.mark.parametrize("limits", [{}, {"per_minute": 0}, {"per_day": 1}, {"per_minute": None}])
def test_at_least_one_window_is_limited(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(limits=limits)
