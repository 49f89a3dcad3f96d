"""RULE-002: no more than so many contracts of one product."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import Close, Lock, LockMode, Reduce
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.core.strictness import loosened, mixed
from tests.builders import CL, ES, ES_LATER, MES, RESET, Desk, account_state, dec, deeds, evidence, position


def rule(*, unknown: str = "allow_unlimited", **settings: Any) -> MaxContractsPerInstrument:
    return MaxContractsPerInstrument.model_validate(
        {"limits": {"es": 2, "CL": 0}, "unknown_symbol_action": unknown, **settings}
    )


@pytest.mark.parametrize(("size", "expected"), [(2, []), (3, [Reduce(ES, 2)]), (-3, [Reduce(ES, 2)])])
def test_only_the_excess_of_a_root_goes(size: int, expected: list[object]) -> None:
    assert deeds(Desk(rule()).holds(ES, size)) == expected


def test_every_month_counts_and_what_grew_last_goes_first() -> None:
    desk = Desk(rule())
    desk.holds(ES_LATER, 1)
    desk.holds(ES, 1)
    assert deeds(desk.holds(ES_LATER, 3)) == [Reduce(ES_LATER, 1)]
    assert deeds(desk.holds(ES, 4)) == [Reduce(ES, 1)], "what is being taken from the later one counts as gone"


def test_a_month_that_is_being_closed_counts_for_the_breach_and_gives_nothing_more() -> None:
    desk = Desk(rule(lockout="15m"), NoStopLossGrace(grace_period=timedelta(seconds=30)))
    desk.holds(ES, 2, at=0)
    assert deeds(desk.ticks(30)) == [Close(ES)]
    (breach,) = desk.holds(ES_LATER, 2, at=31)
    assert [type(one) for one in breach.actions] == [Lock]
    assert [(one.measured, one.limit) for one in breach.decisions] == [(4, 2)]
    assert deeds(desk.holds(ES_LATER, 3)) == [Reduce(ES_LATER, 2)]


def test_of_months_that_one_picture_shows_the_lowest_contract_id_gives_first() -> None:
    months = [f"CON.F.US.EP.{month}27" for month in "FGHJKMNQUVXZ"]
    desk = Desk(rule(limits={"ES": 23}))
    desk.reads(*(position(one, 2) for one in months), at=1)
    assert deeds(desk.plans) == [Reduce(months[0], 1)]


def test_closing_closes_every_month_of_the_root() -> None:
    desk = Desk(rule(on_breach="close_position", lockout="daily_reset"))
    desk.holds(ES_LATER, 1)
    desk.holds(MES, 9)
    found = deeds(desk.holds(ES, 2))
    assert found[:2] == [Close(ES), Close(ES_LATER)]
    assert [(one.root, one.mode, one.until) for one in found if isinstance(one, Lock)] == [("ES", LockMode.FLAT, RESET)]


def test_closing_leaves_a_root_alone_at_its_limit_and_closes_it_whole_above() -> None:
    desk = Desk(rule(on_breach="close_position"))
    assert not desk.holds(ES, 2)
    assert deeds(desk.holds(ES, 3)) == [Close(ES)]


@pytest.mark.parametrize(("limit", "mode"), [(0, LockMode.FLAT), (1, LockMode.NO_NEW_RISK)])
def test_only_where_nothing_may_be_held_the_lock_of_reducing_is_flat(limit: int, mode: LockMode) -> None:
    desk = Desk(rule(limits={"ES": limit}, lockout="15m"))
    assert [one.mode for one in deeds(desk.holds(ES, 2)) if isinstance(one, Lock)] == [mode]


def test_reducing_locks_new_risk_of_the_root() -> None:
    (lock,) = [one for one in deeds(Desk(rule(lockout="permanent")).holds(ES, 3)) if isinstance(one, Lock)]
    assert (lock.root, lock.mode, lock.until) == ("ES", LockMode.NO_NEW_RISK, None)


def test_a_limit_of_zero_forbids_the_product() -> None:
    assert deeds(Desk(rule()).holds(CL, 1)) == [Close(CL)]


@pytest.mark.parametrize(
    ("unknown", "size", "expected"),
    [
        ("allow_unlimited", 99, []),
        ("block", 1, [Close(MES)]),
        ("allow_with_limit:3", 3, []),
        ("allow_with_limit:3", 4, [Reduce(MES, 3)]),
    ],
)
def test_a_root_without_a_limit_has_the_common_one(unknown: str, size: int, expected: list[object]) -> None:
    assert deeds(Desk(rule(unknown=unknown)).holds(MES, size)) == expected


def test_utilization_names_each_root_with_a_limit() -> None:
    used = rule().utilization(account_state(position(ES, 1), position(MES, 1)))
    assert [(one.subject, one.measured, one.limit) for one in used] == [("ES", dec(1), dec(2))]
    used = rule().utilization(account_state(position(CL, 1)))
    assert used[0].ratio == 1


@pytest.mark.parametrize("unknown", ["allow", "allow_with_limit", "allow_with_limit:-1", "allow_with_limit:x", ""])
def test_an_unknown_symbol_action_is_one_of_three(unknown: str) -> None:
    with pytest.raises(ValidationError, match="allow_with_limit:N"):
        rule(unknown=unknown)


@pytest.mark.parametrize("limit", [-1, 1.5, "1", True, None])
def test_a_limit_is_a_whole_number_from_nothing_on(limit: object) -> None:
    with pytest.raises(ValidationError):
        rule(limits={"ES": limit})


def test_a_root_that_is_limited_twice_is_refused_however_it_is_spelled() -> None:
    with pytest.raises(ValidationError, match="ES is given twice"):
        rule(limits={"ES": 1, "es": 5})


def test_each_root_over_its_limit_is_decided_by_itself() -> None:
    desk = Desk(rule(unknown="allow_with_limit:1"))
    desk.reads(position(MES, 1), position(ES, 3), position(CL, 1), at=1)
    assert sorted(one[2] for one in evidence(desk.plans)) == ["CL", "ES"]


def test_utilization_sums_the_months_and_leaves_out_what_has_no_limit() -> None:
    state = account_state(position(ES, 1), position(ES_LATER, -2), position(MES, 5))
    assert [(one.subject, one.measured, one.limit) for one in rule().utilization(state)] == [("ES", dec(3), dec(2))]
    used = rule(unknown="allow_with_limit:4").utilization(state)
    assert [(one.subject, one.measured, one.limit) for one in used] == [("ES", dec(3), dec(2)), ("MES", dec(5), dec(4))]


@pytest.mark.parametrize("missing", ["limits", "unknown_symbol_action"])
def test_limits_and_the_action_for_unknown_roots_must_be_named(missing: str) -> None:
    settings: dict[str, Any] = {"limits": {"ES": 1}, "unknown_symbol_action": "block"}
    del settings[missing]
    with pytest.raises(ValidationError, match=missing):
        MaxContractsPerInstrument.model_validate(settings)


def test_its_decision_says_who_decides_and_why() -> None:
    body = {"limits": {"ES": 2}, "unknown_symbol_action": "block", "lockout": "15m"}
    desk = Desk(MaxContractsPerInstrument.model_validate(body))
    name, code = "max_contracts_per_instrument", "MAX_CONTRACTS_PER_INSTRUMENT_EXCEEDED"
    assert evidence(desk.holds(ES, -3)) == [(name, code, "ES", 3, 2, True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code, lock.root) == (name, code, "ES")


@pytest.mark.parametrize(
    ("old", "new", "looser", "held"),
    [
        ({"ES": 2}, {"ES": 3}, ["limits"], {"ES": 2}),
        ({"ES": 3}, {"ES": 2}, [], {"ES": 2}),
        ({"ES": 2}, {"ES": 2, "NQ": 1}, [], {"ES": 2, "NQ": 1}),
        ({"ES": 2, "NQ": 1}, {"ES": 2}, ["limits"], {"ES": 2, "NQ": 1}),
        ({"ES": 2}, {"ES": 3, "NQ": 1}, ["limits"], {"ES": 2, "NQ": 1}),
    ],
)
def test_a_higher_limit_of_any_root_is_looser_and_of_each_the_lower_one_holds(
    old: dict[str, int], new: dict[str, int], looser: list[str], held: dict[str, int]
) -> None:
    before, wanted = rule(limits=old), rule(limits=new)
    assert loosened(before, wanted) == looser
    assert mixed(before, wanted, granted=lambda _: False)["limits"] == held


def test_a_limit_that_other_roots_have_anyway_is_left_out_of_the_lower_ones() -> None:
    before, wanted = rule(limits={"ES": 2}, unknown="block"), rule(limits={"ES": 3, "NQ": 1}, unknown="block")
    assert mixed(before, wanted, granted=lambda _: False)["limits"] == {"ES": 2}


def test_to_allow_more_of_unlisted_roots_is_looser() -> None:
    strictest_first = [rule(unknown=one) for one in ("block", "allow_with_limit:2", "allow_unlimited")]
    for strict, loose in pairwise(strictest_first):
        assert loosened(strict, loose) == ["unknown_symbol_action"]
        assert loosened(loose, strict) == []


def test_another_word_for_the_same_limit_of_unlisted_roots_is_no_looser() -> None:
    blocked, none_allowed = rule(unknown="block"), rule(unknown="allow_with_limit:0")
    assert loosened(blocked, none_allowed) == loosened(none_allowed, blocked) == []


def test_to_unlist_a_root_is_no_looser_where_unlisted_ones_are_blocked_from_now_on() -> None:
    before, wanted = rule(limits={"ES": 2}, unknown="allow_unlimited"), rule(limits={}, unknown="block")
    assert loosened(before, wanted) == []
