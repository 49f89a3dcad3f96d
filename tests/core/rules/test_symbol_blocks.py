"""RULE-011: some products are not to be traded at all."""

from typing import Any

import pytest

from risk_manager.core.actions import Cancel, Close, Lock, LockMode, Reduce, Resize, Unlock
from risk_manager.core.model.order import OrderStatus
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from tests.builders import ES, ES_LATER, MES, MNQ, Desk, after, deciders, deeds, order, position


def rule(*roots: str, **settings: Any) -> SymbolBlocks:
    return SymbolBlocks.model_validate({"blocked_symbols": roots or ("mnq",), **settings})


def locks(actions: list[Any]) -> list[tuple[Any, ...]]:
    return [(one.root, one.mode, one.until) for one in actions if isinstance(one, Lock)]


def test_a_position_in_a_blocked_root_is_closed_and_the_root_locked_without_end() -> None:
    found = deeds(Desk(rule()).holds(MNQ, 1))
    assert Close(MNQ) in found
    assert locks(found) == [("MNQ", LockMode.FLAT, None)]


def test_an_order_in_a_blocked_root_is_cancelled() -> None:
    desk = Desk(rule())
    assert Cancel(5) in deeds(desk.orders(order(5)))
    assert Cancel(6) in deeds(desk.orders(order(6), at=1))
    assert deciders(desk.plans[-1:]) == {"symbol_blocks", "lockout"}


@pytest.mark.parametrize("blocked", ["ES", "/es", " es "])
def test_every_month_is_meant_and_no_other_root(blocked: str) -> None:
    desk = Desk(rule(blocked))
    assert not desk.holds(MES, 1)
    assert desk.holds(ES_LATER, 1)
    assert Close(ES) in deeds(desk.holds(ES, 1))


def test_a_reload_acts_at_once_on_what_is_there_and_ends_the_lock_of_a_root_taken_off() -> None:
    desk = Desk(rule("CL"))
    desk.holds(MNQ, 1)
    assert Close(MNQ) in deeds(desk.reloads(rule("CL", "MNQ"), at=1))
    desk.holds(MNQ, 0, at=2)
    assert deeds(desk.reloads(rule("CL"), at=3)) == [Unlock(rule="symbol_blocks", root="MNQ")]
    assert not desk.locks


def test_removing_the_rule_ends_its_locks() -> None:
    desk = Desk(rule())
    desk.holds(MNQ, 1)
    assert deeds(desk.reloads(at=1)) == [Unlock(rule="symbol_blocks")]
    assert not desk.locks


def test_what_was_there_before_may_stay_and_only_shrink() -> None:
    desk = Desk()
    desk.reads(position(MNQ, 2), orders=[order(5, MNQ, -3), order(6, MNQ, 1)])
    found = deeds(desk.reloads(rule(close_existing=False), at=1))
    assert locks(found) == [("MNQ", LockMode.NO_NEW_RISK, None)]
    assert [one for one in found if not isinstance(one, Lock)] == [Cancel(6), Resize(5, 2)]
    desk.holds(MNQ, 1, at=2)
    assert Reduce(MNQ, 1) in deeds(desk.holds(MNQ, 2, at=3))


def test_with_existing_ones_kept_a_new_position_is_closed() -> None:
    desk = Desk(rule(close_existing=False))
    assert Close(MNQ) in deeds(desk.holds(MNQ, 1))


def test_a_position_found_by_the_first_picture_was_there_before() -> None:
    desk = Desk(rule(close_existing=False))
    found = deeds(desk.reads(position(MNQ, 1), orders=[order(5, MNQ, -1)], at=1))
    assert len(found) == 1
    assert locks(found) == [("MNQ", LockMode.NO_NEW_RISK, None)]
    assert not desk.reads(position(MNQ, 1), orders=[order(5, MNQ, -1)], at=2)


def test_an_exit_from_a_fill_that_no_position_report_shows_yet_is_judged_and_left_alone() -> None:
    desk = Desk()
    desk.orders(order(4, MNQ, 1, filled=1, status=OrderStatus.FILLED, updated_at=after(1)), at=1)
    desk.orders(order(5, MNQ, -1), at=2)
    assert locks(deeds(desk.reloads(rule(close_existing=False), at=3))) == [("MNQ", LockMode.NO_NEW_RISK, None)]
    assert len(deeds(desk.plans)) == 1
