"""RULE-011: some products are not to be traded at all."""

from typing import Any

import pytest

from risk_manager.core.actions import Cancel, Close, Lock, LockMode, Reduce, Resize, Unlock
from risk_manager.core.events import PositionUpdated
from risk_manager.core.model.order import OrderStatus
from risk_manager.core.policy import Policy
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from tests.builders import ES, ES_LATER, MES, MNQ, Desk, after, deciders, deeds, evidence, order, position, trade

MNQ_LATER = "CON.F.US.MNQ.Z26"


def rule(*roots: str, **settings: Any) -> SymbolBlocks:
    return SymbolBlocks.model_validate({"blocked_symbols": roots or ("mnq",), **settings})


def locks(actions: list[Any]) -> list[tuple[Any, ...]]:
    return [(one.root, one.mode, one.until) for one in actions if isinstance(one, Lock)]


def test_a_position_in_a_blocked_root_is_closed_and_the_root_locked_without_end() -> None:
    found = deeds(Desk(rule()).holds(MNQ, 1))
    assert Close(MNQ) in found
    assert locks(found) == [("MNQ", LockMode.FLAT, None)]


def test_what_may_stay_is_no_breach_though_the_root_is_locked() -> None:
    desk = Desk(rule(close_existing=False))
    assert [one[-1] for one in evidence(desk.reads(position(MNQ, 1)))] == [False]
    assert [one[-1] for one in evidence(Desk(rule()).reads(position(MNQ, 1)))] == [True]


def test_an_order_in_a_blocked_root_is_cancelled() -> None:
    desk = Desk(rule())
    assert Cancel(5) in deeds(desk.orders(order(5)))
    assert Cancel(6) in deeds(desk.orders(order(6), at=1))
    assert deciders(desk.plans[-1:]) == {"symbol_blocks", "lockout"}


@pytest.mark.parametrize("blocked", ["ES", "/es", " es "])
def test_every_month_is_meant_and_no_other_root(blocked: str) -> None:
    desk = Desk(rule(blocked))
    assert not desk.holds(MES, 1)
    assert [one for one in deeds(desk.holds(ES_LATER, 1)) if isinstance(one, Close)] == [Close(ES_LATER)]
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


def kept(**settings: Any) -> Desk:
    """Have two contracts that were there when the block began, which locks no more."""
    desk = Desk(rule(close_existing=False), **settings)
    desk.reads(position(MNQ, 2), at=1)
    desk.clears("symbol_blocks", at=2)
    return desk


def test_after_an_admin_has_cleared_the_lock_what_was_there_stays_and_a_new_position_goes() -> None:
    desk = kept()
    found = deeds(desk.holds(MNQ_LATER, 1, at=3))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ_LATER)]
    assert locks(found) == [("MNQ", LockMode.NO_NEW_RISK, None)]
    assert not desk.reads(position(MNQ, 2), at=4)


def test_after_an_admin_has_cleared_the_lock_a_new_position_goes_though_a_picture_shows_it_first() -> None:
    desk = kept()
    found = deeds(desk.reads(position(MNQ, 2), position(MNQ_LATER, 1), at=3))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ_LATER)]


def test_after_an_admin_has_cleared_the_lock_what_was_there_may_not_grow() -> None:
    desk = kept()
    found = deeds(desk.holds(MNQ, 3, at=3))
    assert [one for one in found if not isinstance(one, Lock)] == [Reduce(MNQ, 2)]
    assert locks(found) == [("MNQ", LockMode.NO_NEW_RISK, None)]


def test_after_an_admin_has_cleared_the_lock_a_position_of_the_other_side_is_another() -> None:
    desk = kept()
    desk.holds(MNQ, 0, at=3)
    assert Close(MNQ) in deeds(desk.holds(MNQ, -1, at=4))


def test_a_position_opened_while_no_daemon_lived_was_not_there_before() -> None:
    desk = Desk(rule(close_existing=False))
    desk.reads(at=1)
    desk.restarts(at=5)
    found = deeds(desk.reads(position(MNQ, 1), at=6))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ)]


def test_a_position_of_before_a_restart_stays_when_the_block_is_new() -> None:
    desk = Desk()
    desk.reads(position(MNQ, 1), at=1)
    desk.policies = {1: Policy(rules=(rule(close_existing=False),))}
    desk.restarts(at=5)
    found = deeds(desk.reads(position(MNQ, 1), at=6))
    assert [one for one in found if not isinstance(one, Lock)] == []
    assert locks(found) == [("MNQ", LockMode.NO_NEW_RISK, None)]


def test_its_decisions_say_who_decides_and_why() -> None:
    desk = Desk(rule())
    assert evidence(desk.holds(MNQ, 1)) == [("symbol_blocks", "SYMBOL_BLOCKED", "MNQ", None, None, True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code) == ("symbol_blocks", "SYMBOL_BLOCKED")
    plans = desk.reloads(rule("cl"), at=1)
    assert evidence(plans) == [("symbol_blocks", "SYMBOL_ALLOWED_AGAIN", "MNQ", None, None, False)]


def test_a_lock_of_strict_mode_has_no_root_and_is_none_of_its_business() -> None:
    desk = Desk(rule(), policy=Policy(strict=True))
    desk.holds(MNQ, 1)
    found = deeds(desk.reloads(rule("cl"), at=1))
    assert [one for one in found if isinstance(one, Unlock)] == [Unlock(rule="symbol_blocks", root="MNQ")]


def test_exits_of_what_is_kept_stay_and_those_on_the_same_side_go() -> None:
    desk = Desk()
    desk.reads(position(MNQ, 1), orders=[order(5, MNQ, 1), order(6, MNQ, -1), order(7, ES, -1)])
    found = deeds(desk.reloads(rule(close_existing=False), at=1))
    assert [one for one in found if not isinstance(one, Lock)] == [Cancel(5)]


def test_without_keeping_what_is_there_every_order_goes() -> None:
    desk = Desk()
    desk.reads(position(MNQ, 1), orders=[order(5, MNQ, 1), order(6, MNQ, -1), order(7, ES, -1)])
    found = deeds(desk.reloads(rule(), at=1))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ)]
    (decision,) = desk.plans[-1].decisions
    assert decision.actions[:3] == (Close(MNQ), Cancel(5), Cancel(6))


def test_what_had_filled_when_the_block_began_was_there_though_its_report_comes_later() -> None:
    desk = Desk()
    for number, contract_id in ((4, MNQ), (6, ES)):
        filled = order(number, contract_id, 1, filled=1, status=OrderStatus.FILLED, updated_at=after(1))
        desk.orders(filled, at=1)
    assert locks(deeds(desk.reloads(rule(close_existing=False), at=3))) == [("MNQ", LockMode.NO_NEW_RISK, None)]
    assert not desk.holds(MNQ, 1, at=4)
    assert not desk.holds(ES, 1, at=5)


def test_after_an_admin_has_cleared_the_lock_a_further_order_is_news() -> None:
    desk = kept()
    found = deeds(desk.orders(order(5, MNQ, 1), at=3))
    assert [one for one in found if not isinstance(one, Lock)] == [Cancel(5)]


@pytest.mark.parametrize("sign", [1, -1])
def test_growth_is_undone_on_either_side_but_not_for_what_an_exit_has_filled(sign: int) -> None:
    desk = Desk(rule(close_existing=False))
    desk.reads(position(MNQ, 2 * sign), at=1)
    desk.clears("symbol_blocks", at=2)
    gone = order(5, MNQ, -sign, filled=1, status=OrderStatus.FILLED, updated_at=after(4))
    desk.orders(gone, at=4)
    assert Reduce(MNQ, 2) not in deeds(desk.hear(PositionUpdated(at=after(3), position=position(MNQ, 3 * sign))))
    assert Reduce(MNQ, 2) in deeds(desk.holds(MNQ, 4 * sign, at=5))


def test_a_blocked_root_in_which_what_filled_has_gone_again_is_left_alone() -> None:
    desk = Desk(rule())
    desk.trades(trade(signed_size=1, at=after(1)), at=1)
    assert desk.state.memory.positions.contracts() == {MNQ}
    desk.orders(order(5, ES), at=2)
    assert not desk.plans


def test_the_lock_of_a_root_that_is_still_blocked_stays() -> None:
    desk = Desk(rule())
    desk.holds(MNQ, 1)
    desk.reads(at=1)
    assert desk.locks == {"symbol_blocks"}
