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
from tests.builders import MNQ, RESET, Desk, after, deeds, evidence, order, trade

MINUTE, HOUR, SESSION = TradeFrequencyLimit.codes


def rule(per_minute: int | None = 2, **settings: Any) -> TradeFrequencyLimit:
    limits = settings.pop("limits", {"per_minute": per_minute})
    return TradeFrequencyLimit.model_validate({"limits": limits, **settings})


def ends(desk: Desk) -> dict[str, Any]:
    return {lock.code: lock.until for lock in desk.state.lockouts.by_key.values()}


@pytest.mark.parametrize(
    ("window", "third", "breaches"),
    [("per_minute", 59.9, True), ("per_minute", 60, False), ("per_hour", 3599.9, True), ("per_hour", 3600, False)],
)
def test_a_window_slides_and_is_half_open(window: str, third: float, breaches: bool) -> None:  # noqa: FBT001 - a table
    desk = Desk(rule(limits={window: 2}))
    desk.fills(at=0)
    assert not desk.fills(at=30)
    assert bool(desk.fills(at=third)) is breaches


@pytest.mark.parametrize(
    ("limits", "cooldowns", "looks_back"),
    [
        ({"per_minute": 2, "per_hour": 9}, {"per_hour": "4h"}, timedelta(hours=5)),
        ({"per_session": 9}, {"per_session": "4h"}, timedelta(hours=28)),
        ({"per_session": 9}, {}, timedelta(0)),
        ({"per_minute": 9, "per_hour": 9}, {"per_minute": "permanent", "per_hour": "daily_reset"}, timedelta(days=2)),
    ],
)
def test_a_trade_matters_for_as_long_as_its_window_and_the_pause_after_it(
    limits: dict[str, int], cooldowns: dict[str, str], looks_back: timedelta
) -> None:
    assert rule(limits=limits, cooldowns=cooldowns).looks_back == looks_back


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


@pytest.mark.parametrize("on_breach", ["keep_positions", "close_all"])
def test_a_cooldown_that_is_over_already_locks_and_closes_nothing(on_breach: str) -> None:
    desk = Desk(rule(on_breach=on_breach))
    desk.fills(at=0)
    desk.fills(at=20)
    assert not desk.trades(trade(at=after(10)), at=80)
    day = Desk(rule(limits={"per_session": 1}, on_breach=on_breach))
    day.fills(at=0)
    assert not day.trades(trade(at=after(1)), at=(RESET - after(0)).total_seconds() + 1)


def test_of_the_windows_that_a_late_trade_fills_the_latest_counts() -> None:
    desk = Desk(rule(3, cooldowns={"per_minute": "10m"}))
    for at in (0, 10, 20, 65):
        desk.fills(at=at)
    assert desk.trades(trade(at=after(15)), at=70)
    assert ends(desk) == {MINUTE: after(665)}


def test_where_the_latest_of_its_windows_is_not_full_an_earlier_one_counts() -> None:
    desk = Desk(rule(cooldowns={"per_minute": "10m"}))
    for at in (0, 10, 72):
        desk.fills(at=at)
    assert desk.trades(trade(at=after(15)), at=73)
    assert ends(desk) == {MINUTE: after(615)}


def test_the_last_trade_is_told_by_its_time_and_not_by_its_number() -> None:
    desk = Desk(rule(1))
    desk.trades(trade(trade_id=9, at=after(0)), at=0)
    desk.trades(trade(trade_id=5, at=after(1)), at=1)
    assert ends(desk) == {MINUTE: after(61)}


def crowded(*, limit: int) -> Desk:
    """Have a minute with four trades in it that nobody has judged, under a limit lowered since."""
    long = {"cooldowns": {"per_minute": "10m"}}
    desk = Desk(rule(9, **long))
    for number, at in enumerate((60, 60.5, 61, 61), start=1):
        desk.trades(trade(trade_id=number, order_id=number, at=after(at)), at=at)
    assert not desk.reloads(rule(limit, **long), at=200)
    return desk


def test_a_window_is_judged_only_by_a_trade_that_it_contains() -> None:
    assert not crowded(limit=3).trades(trade(at=after(1)), at=201)
    assert crowded(limit=3).trades(trade(at=after(1.5)), at=201)
    assert not crowded(limit=3).trades(trade(at=after(61.5)), at=201, ours=True)
    assert not (desk := crowded(limit=2)).trades(replace(desk.state.trades.by_id[1], voided=True), at=201)


def test_a_trade_is_no_part_of_a_window_that_ended_before_it() -> None:
    desk = Desk(rule())
    for at in (100, 101):
        desk.fills(at=at)
    assert not desk.trades(trade(at=after(0)), at=102)


def test_a_window_that_an_admin_cleared_stays_cleared_whatever_else_fills_in_between() -> None:
    desk = Desk(rule(1, cooldowns={"per_minute": "1h"}))
    first = trade(trade_id=1, order_id=1, at=after(0))
    desk.trades(first, at=0)
    desk.fills(at=1)
    desk.clears(rule().name, at=2)
    desk.fills(at=500)
    assert not desk.trades(replace(first, price=first.price + 1), at=501)


def test_several_windows_at_once_are_several_locks() -> None:
    desk = Desk(rule(limits={"per_minute": 1, "per_hour": 1, "per_session": 1}))
    desk.fills(at=0)
    desk.fills(at=1)
    assert ends(desk) == {MINUTE: after(61), HOUR: after(1801), SESSION: RESET}


def test_a_window_that_locks_already_keeps_no_other_from_locking() -> None:
    desk = Desk(rule(limits={"per_minute": 1, "per_hour": 2}))
    for at in (0, 1, 2):
        desk.fills(at=at)
    assert ends(desk) == {MINUTE: after(61), HOUR: after(1802)}


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


@pytest.mark.parametrize("window", ["per_minute", "per_hour", "per_session"])
@pytest.mark.parametrize("cooldown", ["none", None, "0s"])
def test_a_limit_that_would_lock_for_nothing_is_refused(window: str, cooldown: str | None) -> None:
    with pytest.raises(ValidationError, match="leave the limit out"):
        rule(1, cooldowns={window: cooldown})


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


@pytest.mark.parametrize("window", ["minute", "hour", "session"])
def test_its_decisions_say_who_decides_and_why(window: str) -> None:
    desk = Desk(rule(limits={f"per_{window}": 1}))
    desk.trades(trade(trade_id=5))
    name, code = "trade_frequency_limit", f"TRADES_PER_{window.upper()}_EXCEEDED"
    assert evidence(desk.trades(trade(trade_id=6))) == [(name, code, "6", 2, 1, True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code) == (name, code)
