"""RULE-008: no position without a stop for longer than the grace period."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import Close, Lock, LockMode
from risk_manager.core.model.order import OrderStatus
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from tests.builders import ES, MNQ, Desk, after, deeds, evidence, position, stop_order


def rule(**settings: Any) -> NoStopLossGrace:
    return NoStopLossGrace.model_validate({"grace_period": "60s", **settings})


def bare(**settings: Any) -> Desk:
    desk = Desk(rule(**settings))
    desk.holds(MNQ, 2, at=0)
    return desk


def test_time_alone_closes_a_bare_position_at_the_end_of_its_grace_and_not_before() -> None:
    desk = bare()
    assert desk.engine.next_deadline() == after(60)
    assert not desk.ticks(59.9)
    assert deeds(desk.ticks(70)) == [Close(MNQ)]
    assert desk.plans[-1].at == after(60)


def test_a_stop_in_time_stops_the_clock_and_losing_it_starts_it_anew() -> None:
    desk = bare()
    desk.orders(stop_order(5, MNQ, -2), at=59)
    assert not desk.ticks(300)
    desk.orders(replace(stop_order(5, MNQ, -2), status=OrderStatus.CANCELLED), at=300)
    assert not desk.ticks(359.9)
    assert desk.ticks(360)


def test_a_change_of_size_does_not_restart_the_clock() -> None:
    desk = bare()
    desk.holds(MNQ, 3, at=30)
    desk.holds(MNQ, 1, at=40)
    assert desk.ticks(60)


def test_a_change_of_side_is_another_position_with_a_clock_of_its_own() -> None:
    desk = bare()
    desk.holds(MNQ, -2, at=30)
    assert not desk.ticks(89)
    assert desk.ticks(90)


@pytest.mark.parametrize(
    ("full", "covered", "closed"), [(True, 1, True), (True, 2, False), (False, 1, False), (False, 0, True)]
)
def test_how_much_a_stop_must_cover_is_configured(full: bool, covered: int, closed: bool) -> None:  # noqa: FBT001 - a table
    desk = bare(require_full_size=full)
    if covered:
        desk.orders(stop_order(5, MNQ, -covered), at=1)
    assert bool(desk.ticks(60)) is closed


def test_the_lock_is_that_of_the_root() -> None:
    desk = bare(lockout="5m")
    (lock,) = [one for one in deeds(desk.ticks(60)) if isinstance(one, Lock)]
    assert (lock.root, lock.mode, lock.until) == ("MNQ", LockMode.FLAT, after(360))


def test_a_close_that_failed_is_decided_again_and_the_deadline_does_not_spin() -> None:
    desk = bare()
    desk.ticks(60)
    deadline = desk.engine.next_deadline()
    assert deadline is not None
    assert deadline > after(60)
    assert not desk.ticks(61)
    assert deeds(desk.enforced(ok=False, contract_id=MNQ, at=62)) == [Close(MNQ)]


def test_time_alone_does_not_undo_an_admins_word_but_a_larger_position_does() -> None:
    desk = bare(lockout="5m")
    desk.ticks(60)
    desk.clears("no_stop_loss_grace", at=61)
    assert not desk.ticks(90)
    assert desk.holds(MNQ, 3, at=91)


def test_a_clock_goes_on_after_a_restart_but_closes_nothing_before_the_orders_were_read() -> None:
    desk = bare()
    desk.restarts(at=50)
    assert not desk.ticks(70)
    assert not desk.reads(position(MNQ, 2), orders=[stop_order(5, MNQ, -2)], at=71)
    desk = bare()
    desk.restarts(at=50)
    assert deeds(desk.reads(position(MNQ, 2), at=71)) == [Close(MNQ)]


def test_a_position_first_seen_in_a_picture_starts_its_clock_then() -> None:
    desk = Desk(rule())
    desk.reads(position(MNQ, 2), at=100)
    assert not desk.ticks(159)
    assert desk.ticks(160)


def test_the_clock_runs_only_while_the_rule_does() -> None:
    desk = bare()
    desk.reloads(at=30)
    desk.reloads(rule(), at=40)
    assert not desk.ticks(99)
    assert desk.ticks(100)


def test_a_shorter_grace_acts_at_once() -> None:
    desk = bare()
    assert deeds(desk.reloads(rule(grace_period="30s"), at=45)) == [Close(MNQ)]


def test_each_position_has_its_own_end_of_grace() -> None:
    desk = bare()
    desk.holds(ES, 1, at=30)
    assert desk.engine.next_deadline() == after(60)
    assert deeds(desk.ticks(60)) == [Close(MNQ)]
    assert desk.engine.next_deadline() == after(90)
    assert deeds(desk.ticks(90)) == [Close(ES)]


def test_a_grace_of_less_than_a_second_is_refused() -> None:
    assert rule(grace_period="1s")
    with pytest.raises(ValidationError):
        rule(grace_period="0.5s")


def test_its_decision_says_who_decides_and_why() -> None:
    desk = Desk(NoStopLossGrace.model_validate({"grace_period": "10s", "lockout": "15m"}))
    desk.holds(MNQ, 1, at=0)
    assert evidence(desk.ticks(12)) == [("no_stop_loss_grace", "NO_STOP_LOSS", f"{MNQ} 1", 10, 10, True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code, lock.root) == ("no_stop_loss_grace", "NO_STOP_LOSS", "MNQ")


def test_it_tells_when_it_will_close_a_bare_position_and_nothing_of_a_protected_one() -> None:
    desk = bare()
    assert rule().closes_at(desk.state, MNQ) == after(60)
    desk.orders(stop_order(5, MNQ, -2), at=30)
    assert rule().closes_at(desk.state, MNQ) is None
    assert rule().closes_at(desk.state, "CON.F.US.CLE.U26") is None
