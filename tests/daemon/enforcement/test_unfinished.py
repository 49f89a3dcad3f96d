from dataclasses import replace
from datetime import timedelta
from typing import Any

from risk_manager.core.actions import Cancel, Resize
from risk_manager.core.model.order import Order, OrderSide
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.enforcement.unfinished import plan_for, unfinished_exits
from risk_manager.store.journal import Entry
from tests.builders import AT, MNQ, account_state, position, stop_order

REDUCE = {"do": "reduce", "contract_id": MNQ, "to": 2}
CLOSE = {"do": "close", "contract_id": MNQ}


def left(state: AccountState, deed: dict[str, Any], *, net: int = 4, orders: tuple[int, ...] = (7,)) -> tuple[Any, ...]:
    body = {
        "actions": [deed],
        "positions": {MNQ: net},
        "orders": list(orders),
        "decisions": [{"rule": "max_contracts", "code": "MAX_CONTRACTS_EXCEEDED"}],
    }
    exits = [one for _, one in unfinished_exits([Entry(1, AT, 1, "plan", body)])]
    plan = plan_for(exits, state, AT)
    return () if plan is None else plan.actions


def holding(net: int, *orders: Order) -> AccountState:
    return account_state(*([position(MNQ, net)] if net else []), orders=orders)


def test_a_stop_larger_than_what_a_reduction_left_is_made_to_fit_after_a_death() -> None:
    assert left(holding(2, stop_order(7, MNQ, -4)), REDUCE) == (Resize(7, 2),)
    assert left(holding(2, stop_order(7, MNQ, -2)), REDUCE) == ()


def test_a_stop_that_outlived_its_position_over_a_death_is_cancelled() -> None:
    assert left(holding(0, stop_order(7, MNQ, -4)), CLOSE) == (Cancel(7),)
    assert left(holding(0, stop_order(7, MNQ, -4)), {"do": "close_all"}) == (Cancel(7),)


def test_an_exit_that_has_not_filled_is_for_the_rules_to_decide_again() -> None:
    assert left(holding(4, stop_order(7, MNQ, -4)), REDUCE) == ()
    assert left(holding(4, stop_order(7, MNQ, -4)), CLOSE) == ()
    assert left(holding(-1, stop_order(7, MNQ, -4)), CLOSE) == ()


def test_an_order_that_came_after_the_plan_is_left_alone() -> None:
    assert left(holding(0, stop_order(8, MNQ, -4)), CLOSE) == ()
    later = replace(stop_order(8, MNQ, -4), created_at=AT + timedelta(seconds=1))
    assert left(holding(0, later), CLOSE) == ()


def test_an_order_that_was_at_the_venue_before_the_plan_is_dealt_with_though_the_stream_had_not_told_of_it() -> None:
    untold = replace(stop_order(8, MNQ, -4), created_at=AT - timedelta(seconds=1))
    assert left(holding(2, untold), REDUCE) == (Resize(8, 2),)
    assert left(holding(0, untold), CLOSE) == (Cancel(8),)


def test_an_entry_beside_a_reduced_position_is_left_alone() -> None:
    entry = replace(stop_order(7, MNQ, -4), side=OrderSide.BUY)
    assert left(holding(2, entry), REDUCE) == ()


def test_nothing_is_left_of_a_plan_in_shadow_or_without_an_exit() -> None:
    entries = [
        Entry(1, AT, 1, "plan", {"actions": [CLOSE], "positions": {MNQ: 4}, "shadow": True}),
        Entry(2, AT, 1, "plan", {"actions": [CLOSE], "positions": {}}),
        Entry(3, AT, 1, "gap", {}),
    ]
    assert list(unfinished_exits(entries)) == []
