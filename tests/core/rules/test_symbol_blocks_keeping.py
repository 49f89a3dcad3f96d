"""RULE-011 where what is held already may stay: what was there, what came later, and what is only half seen."""

from typing import Any

import pytest

from risk_manager.core.actions import Action, Cancel, Close, Lock, LockMode, Reduce
from risk_manager.core.model.order import Order, OrderStatus
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from tests.builders import ES, MNQ, Desk, after, deeds, order, position

MNQ_LATER = "CON.F.US.MNQ.Z26"


def rule(*roots: str, **settings: Any) -> SymbolBlocks:
    return SymbolBlocks.model_validate({"blocked_symbols": roots or ("mnq",), "close_existing": False, **settings})


def filled(order_id: int, contract_id: str, signed_size: int, *, at: float) -> Order:
    size = abs(signed_size)
    return order(order_id, contract_id, signed_size, filled=size, status=OrderStatus.FILLED, updated_at=after(at))


def kept(net_size: int = 2) -> Desk:
    """Have a position that was there when the block began, which locks no more."""
    desk = Desk(rule())
    desk.reads(position(MNQ, net_size), at=1)
    desk.clears("symbol_blocks", at=2)
    return desk


def own_actions(desk: Desk) -> list[tuple[Action, ...]]:
    return [one.actions for plan in desk.plans for one in plan.decisions if one.rule == "symbol_blocks"]


def test_blocked_roots_are_decided_by_name_whichever_came_first() -> None:
    roots = ["CL", "ES", "GC", "MNQ", "NQ", "RTY", "SI", "YM"]
    codes = {"CL": "CLE", "ES": "EP", "GC": "GCE", "NQ": "ENQ", "SI": "SIE"}
    desk = Desk()
    desk.reads(*(position(f"CON.F.US.{codes.get(root, root)}.U26") for root in reversed(roots)))
    decisions = rule(*reversed(roots)).evaluate(desk.state, desk_event(desk))
    assert [one.subject for one in decisions] == roots


def test_a_fill_that_no_report_shows_yet_is_closed_as_a_new_position_is_and_of_its_root_alone() -> None:
    desk = Desk(rule())
    desk.orders(filled(4, ES, 1, at=1), at=1)
    found = deeds(desk.orders(filled(5, MNQ, 1, at=2), at=2))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ)]


def test_months_that_filled_and_are_not_shown_yet_are_closed_by_name() -> None:
    months = [f"CON.F.US.MNQ.{month}27" for month in "FGHJKMNQ"]
    desk = Desk()
    for number, contract_id in enumerate(reversed(months)):
        desk.orders(filled(number, contract_id, 1, at=1), at=1)
    judge = rule()
    (decision,) = judge.evaluate(desk.state, desk_event(desk))
    assert [one for one in decision.actions if isinstance(one, Close)] == list(map(Close, months))


def desk_event(desk: Desk) -> Any:
    from risk_manager.core.events import ClockTicked  # noqa: PLC0415 - any event will do

    return ClockTicked(at=desk.now)


def test_what_has_filled_and_gone_again_before_any_report_was_no_position() -> None:
    desk = Desk(rule("ES"))
    desk.orders(filled(4, MNQ, 1, at=1), at=1)
    desk.orders(filled(5, MNQ, -1, at=2), at=2)
    assert not desk.reloads(rule(), at=3)


def test_a_position_in_which_more_has_filled_is_counted_once_and_as_shown() -> None:
    desk = Desk()
    desk.holds(MNQ, 1)
    desk.orders(filled(5, MNQ, 1, at=1), at=1)
    (decision,) = rule().evaluate(desk.state, desk_event(desk))
    assert decision.severity == 1


def test_to_keep_what_was_there_wants_no_close_of_it_though_an_earlier_lock_still_does() -> None:
    desk = Desk()
    desk.reads(position(MNQ, 1))
    desk.reloads(rule(close_existing=True), at=1)
    desk.plans.clear()
    desk.reloads(rule(), at=2)
    assert [[type(one) for one in actions] for actions in own_actions(desk)] == [[Lock]]


def test_what_comes_while_the_lock_is_in_force_is_closed_in_the_name_of_the_rule_too() -> None:
    desk = Desk(rule())
    desk.reads(position(MNQ, 1), at=1)
    desk.plans.clear()
    desk.holds(MNQ_LATER, 1, at=2)
    assert own_actions(desk)[0][:-1] == (Close(MNQ_LATER),)


def test_after_an_admin_has_cleared_the_lock_what_came_after_the_block_goes_when_it_grows() -> None:
    desk = kept()
    desk.holds(MNQ_LATER, 1, at=3)
    desk.clears("symbol_blocks", at=4)
    found = deeds(desk.holds(MNQ_LATER, 2, at=5))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ_LATER)]


@pytest.mark.parametrize("sign", [1, -1])
def test_growth_is_taken_back_only_when_a_report_shows_it(sign: int) -> None:
    desk = kept(2 * sign)
    desk.orders(filled(5, MNQ, sign, at=4), at=4)
    assert not [one for one in deeds(desk.plans) if isinstance(one, Reduce)]
    assert Reduce(MNQ, 2) in deeds(desk.holds(MNQ, 3 * sign, at=5))


def test_after_an_admin_has_cleared_the_lock_more_fills_that_no_report_shows_yet_are_decided_anew() -> None:
    desk = Desk(rule())
    desk.orders(filled(4, MNQ, 1, at=1), at=1)
    desk.clears("symbol_blocks", at=2)
    assert not desk.orders(order(5, ES), at=3)
    found = deeds(desk.orders(filled(6, MNQ, 1, at=4), at=4))
    assert [one for one in found if not isinstance(one, Lock)] == [Close(MNQ)]


@pytest.mark.parametrize("sign", [1, -1])
def test_exits_of_what_is_kept_stay_on_either_side(sign: int) -> None:
    desk = Desk()
    desk.reads(position(MNQ, sign), orders=[order(5, MNQ, sign), order(6, MNQ, -sign)])
    desk.reloads(rule(), at=1)
    assert own_actions(desk)[0][:-1] == (Cancel(5),)


def test_an_exit_stays_until_a_report_shows_the_position_gone() -> None:
    desk = Desk()
    desk.reads(position(MNQ, 1), orders=[order(6, MNQ, -1)])
    desk.orders(filled(7, MNQ, -1, at=1), at=1)
    assert [one.mode for one in deeds(desk.reloads(rule(), at=2)) if isinstance(one, Lock)] == [LockMode.NO_NEW_RISK]
    assert not [one for one in own_actions(desk)[0] if isinstance(one, Cancel)]
