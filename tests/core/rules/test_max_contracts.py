"""RULE-001: no more than so many contracts at a time."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import Close, CloseAll, Lock, LockMode, Reduce
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from tests.builders import ES, MES, MNQ, NQ, Desk, account_state, after, dec, deeds, evidence, position


def rule(limit: int = 2, **settings: Any) -> MaxContracts:
    return MaxContracts.model_validate({"limit": limit, **settings})


@pytest.mark.parametrize(("size", "breaches"), [(1, False), (2, False), (3, True), (-2, False), (-3, True)])
def test_at_the_limit_is_fine_and_one_more_closes_everything(size: int, breaches: bool) -> None:  # noqa: FBT001 - a table
    assert deeds(Desk(rule()).holds(MNQ, size)) == ([CloseAll()] if breaches else [])


def test_net_sets_longs_against_shorts_and_gross_adds_them() -> None:
    for count_type, breaches in (("net", False), ("gross", True)):
        desk = Desk(rule(count_type=count_type))
        desk.holds(MNQ, 2)
        assert bool(desk.holds(ES, -2)) is breaches


def test_losing_the_hedge_is_a_breach_under_net() -> None:
    desk = Desk(rule())
    desk.holds(ES, -2)
    desk.holds(MNQ, 4)
    assert deeds(desk.holds(ES, -1)) == [CloseAll()]


def test_micros_may_count_less() -> None:
    desk = Desk(rule(limit=1, micros_count_as="0.1"))
    assert not desk.holds(MNQ, 10)
    assert desk.holds(MNQ, 11)
    assert desk.plans[-1].decisions[0].measured == dec("1.1")


def test_reducing_first_undoes_the_last_increase_down_to_its_earlier_size() -> None:
    desk = Desk(rule(limit=5, count_type="gross", on_breach="reduce_to_limit"))
    desk.holds(ES, 4)
    desk.holds(MNQ, 1)
    assert deeds(desk.holds(MNQ, 3)) == [Reduce(MNQ, 1)]


def test_what_the_last_increase_does_not_give_comes_from_the_largest_and_then_by_id() -> None:
    desk = Desk(rule(limit=9, count_type="gross", on_breach="reduce_to_limit"))
    for contract_id, size in ((ES, 4), (NQ, 4), (MNQ, 1)):
        desk.holds(contract_id, size)
    desk.reloads(rule(limit=5, count_type="gross", on_breach="reduce_to_limit"))
    assert set(deeds(desk.plans)) == {Reduce(NQ, 2), Reduce(ES, 2)}


def test_under_net_a_hedge_that_is_being_closed_counts_while_it_is_held() -> None:
    desk = Desk(rule(limit=5, on_breach="reduce_to_limit"), NoStopLossGrace(grace_period=timedelta(seconds=30)))
    desk.holds(ES, -2, at=0)
    desk.holds(MNQ, 6, at=20)
    assert deeds(desk.ticks(30)) == [Close(ES)]
    assert deeds(desk.holds(MNQ, 8)) == [Reduce(MNQ, 7)]
    assert deeds(desk.holds(ES, 0)) == [Reduce(MNQ, 5)]


@pytest.mark.parametrize("side", [1, -1])
def test_what_is_being_closed_by_another_rule_is_not_taken_twice(side: int) -> None:
    desk = Desk(
        rule(limit=5, count_type="gross", on_breach="reduce_to_limit"),
        NoStopLossGrace(grace_period=timedelta(seconds=30)),
    )
    desk.holds(ES, side * 3, at=0)
    desk.ticks(30)
    assert deeds(desk.holds(MNQ, side * 4, at=31)) == []
    assert deeds(desk.holds(MNQ, side * 6)) == [Reduce(MNQ, 5)]


def test_of_two_equally_large_positions_the_lower_contract_id_gives_first() -> None:
    desk = Desk(rule(limit=9, count_type="gross", on_breach="reduce_to_limit"))
    for contract_id, size in ((ES, 4), (NQ, 4), (MNQ, 1)):
        desk.holds(contract_id, size)
    assert min(ES, NQ) == NQ
    assert deeds(desk.reloads(rule(limit=8, count_type="gross", on_breach="reduce_to_limit"))) == [Reduce(NQ, 3)]


def test_an_increase_is_undone_only_as_far_as_is_needed() -> None:
    desk = Desk(rule(limit=5, count_type="gross", on_breach="reduce_to_limit"))
    desk.holds(ES, 3)
    assert deeds(desk.holds(MNQ, 9)) == [Reduce(MNQ, 2)]


def test_the_largest_is_told_by_its_contracts_not_by_their_weight() -> None:
    settings: dict[str, Any] = {"count_type": "gross", "on_breach": "reduce_to_limit", "micros_count_as": "0.1"}
    desk = Desk(rule(limit=9, **settings))
    desk.holds(ES, 3)
    desk.holds(MNQ, 5)
    assert deeds(desk.reloads(rule(limit=3, **settings))) == [Reduce(ES, 2), Reduce(MNQ, 3)]


def test_utilization_counts_as_the_limit_does() -> None:
    state = account_state(position(MNQ, 5), position(ES, -2))
    used = [
        rule(limit=4, count_type=count_type, micros_count_as=weight).utilization(state)[0]
        for count_type in ("net", "gross")
        for weight in ("1", "0.1")
    ]
    assert [one.measured for one in used] == [dec(3), dec("1.5"), dec(7), dec("2.5")]
    assert {one.limit for one in used} == {dec(4)}


def test_the_increase_alone_may_not_be_enough() -> None:
    desk = Desk(rule(limit=3, count_type="gross", on_breach="reduce_to_limit"))
    state = account_state(position(ES, 4), position(MNQ, 2))
    (decision,) = desk.policies[1].rules[0].evaluate(state, desk_event(desk))
    assert set(decision.actions) == {Reduce(ES, 3), Reduce(MNQ, 0)}


def test_an_increase_is_undone_down_to_its_earlier_size_at_the_lowest() -> None:
    judge = rule(limit=4, count_type="gross", on_breach="reduce_to_limit")
    state = account_state(position(ES, 4), position(MNQ, 1), position(MNQ, 3))
    (decision,) = judge.evaluate(state, desk_event(Desk(judge)))
    assert set(decision.actions) == {Reduce(MNQ, 1), Reduce(ES, 3)}


def test_what_is_reduced_is_told_by_contract_whichever_was_held_first() -> None:
    judge = rule(limit=2, count_type="gross", on_breach="reduce_to_limit")
    for held in ((position(ES, 3), position(NQ, 3)), (position(NQ, 3), position(ES, 3))):
        (decision,) = judge.evaluate(account_state(*held), desk_event(Desk(judge)))
        assert [one.contract_id for one in decision.actions if isinstance(one, Reduce)] == [NQ, ES]


def desk_event(desk: Desk) -> Any:
    from risk_manager.core.events import ClockTicked  # noqa: PLC0415 - any event will do

    return ClockTicked(at=desk.now)


def test_under_net_only_the_heavier_side_gives() -> None:
    desk = Desk(rule(limit=2, on_breach="reduce_to_limit"))
    desk.holds(ES, -3, at=0)
    desk.plans.clear()
    desk.reads(position(ES, -3), position(NQ, 9), at=1)
    assert deeds(desk.plans) == [Reduce(NQ, 5)]


def test_under_gross_the_largest_gives_on_whichever_side_it_is() -> None:
    desk = Desk(rule(limit=9, count_type="gross", on_breach="reduce_to_limit"))
    desk.reads(position(ES, -4), position(NQ, 3), position(MNQ, 3), at=1)
    assert deeds(desk.plans) == [Reduce(ES, 3)]


def test_the_heavier_side_is_told_by_weight_as_the_count_is() -> None:
    desk = Desk(rule(limit=1, on_breach="reduce_to_limit", micros_count_as="0.1"))
    desk.reads(position(ES, -2), position(MNQ, 9), at=1)
    assert deeds(desk.plans) == [Reduce(ES, 1)]


def test_under_net_one_contract_of_each_is_enough_to_take_from() -> None:
    desk = Desk(rule(limit=1, on_breach="reduce_to_limit"))
    desk.reads(position(ES, 1), position(NQ, 1), at=1)
    assert deeds(desk.plans) == [Close(NQ)]


def test_under_net_a_single_contract_counts_on_its_own_side() -> None:
    desk = Desk(rule(limit=2, on_breach="reduce_to_limit"))
    desk.reads(position(ES, 1), position(NQ, 3), at=1)
    assert deeds(desk.plans) == [Reduce(NQ, 1)]


def test_under_net_an_increase_of_the_lighter_side_is_not_what_is_undone() -> None:
    desk = Desk(rule(limit=2, on_breach="reduce_to_limit"))
    desk.holds(NQ, 5)
    desk.enforced(ok=False)
    desk.plans.clear()
    assert deeds(desk.holds(ES, -1)) == []
    assert deeds(desk.enforced(ok=False)) == [Reduce(NQ, 3)]


def test_an_increase_of_the_lighter_side_gives_nothing_though_the_heavier_one_is_not_being_reduced_yet() -> None:
    judge = rule(limit=2, on_breach="reduce_to_limit")
    (decision,) = judge.evaluate(account_state(position(NQ, 5), position(ES, -1)), desk_event(Desk(judge)))
    assert decision.actions == (Reduce(NQ, 3),)


def test_reducing_to_nothing_is_a_close() -> None:
    desk = Desk(rule(limit=1, count_type="gross", on_breach="reduce_to_limit"))
    desk.holds(ES, 1)
    assert deeds(desk.holds(MES, 1)) == [Close(MES)]


@pytest.mark.parametrize(
    ("on_breach", "mode"), [("close_all", LockMode.FLAT), ("reduce_to_limit", LockMode.NO_NEW_RISK)]
)
def test_the_lock_is_flat_where_it_closes_and_no_new_risk_where_it_reduces(on_breach: str, mode: LockMode) -> None:
    desk = Desk(rule(on_breach=on_breach, lockout="15m"))
    locks = [one for one in deeds(desk.holds(MNQ, 3)) if isinstance(one, Lock)]
    assert [(one.mode, one.until, one.root) for one in locks] == [(mode, after(900), None)]


def test_utilization_is_contracts_held_by_limit() -> None:
    (used,) = rule().utilization(account_state(position(MNQ, 1)))
    assert used.ratio == dec("0.5")


@pytest.mark.parametrize(
    "settings",
    [
        {"limit": 0},
        {"limit": 1.5},
        {"limit": "3"},
        {},
        {"limit": 1, "micros_count_as": 0},
        {"limit": 1, "micros_count_as": 1.1},
        {"limit": 1, "on_breach": "panic"},
        {"limit": 1, "lockout": "5"},
        {"limit": 1, "limits": 3},
        {"limit": 1, "lockout": 5},
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MaxContracts.model_validate(settings)


def test_a_lockout_may_be_a_duration_already() -> None:
    assert rule(lockout=timedelta(seconds=5)).lockout == timedelta(seconds=5)


def test_its_decision_says_who_decides_and_why() -> None:
    desk = Desk(MaxContracts.model_validate({"limit": 2, "lockout": "15m"}))
    name, code = "max_contracts", "MAX_CONTRACTS_EXCEEDED"
    assert evidence(desk.holds(MNQ, -3)) == [(name, code, "", dec(3), 2, True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code) == (name, code)
