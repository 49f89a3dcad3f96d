"""A lockout at work."""

import pytest

from risk_manager.core.actions import Action, Cancel, Close, CloseAll, LockMode, Reduce, Resize
from risk_manager.core.events import Reconciled
from risk_manager.core.model.order import Order, OrderStatus
from risk_manager.core.model.position import Position
from risk_manager.core.standing_order import ceilings_now, wanted_by
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import Lockout
from risk_manager.core.state.memory import News
from tests.builders import AT, CL, ES, MNQ, account_state, after, order, position, stop_order, trade


def lockout(mode: LockMode, root: str | None = None, ceilings: dict[str, int] | None = None) -> Lockout:
    names = {"mnq": MNQ, "es": ES, "cl": CL}
    return Lockout(
        rule="a_rule",
        code="A_REASON",
        mode=mode,
        root=root,
        since=AT,
        until=None,
        except_roots=frozenset() if root else frozenset(["CL"]),
        ceilings={names[name]: size for name, size in (ceilings or {}).items()},
    )


def seen(*held: Position, orders: tuple[Order, ...] = ()) -> AccountState:
    """Tell of positions that nobody has doubts about."""
    state = account_state(*held, orders=orders)
    state.memory.positions.unexplained.clear()
    return state


def no_new_risk(state: AccountState, **ceilings: int) -> list[Action]:
    return wanted_by([lockout(LockMode.NO_NEW_RISK, ceilings=ceilings)], state)


def test_flat_closes_and_cancels_everything_in_scope() -> None:
    state = seen(position(MNQ, 1), position(CL, 1), orders=(order(1, MNQ, -1), order(2, CL), order(3, ES)))
    assert wanted_by([lockout(LockMode.FLAT)], state) == [Close(MNQ), Cancel(1), Cancel(3)]
    assert wanted_by([lockout(LockMode.FLAT, "CL")], state) == [Close(CL), Cancel(2)]
    assert wanted_by([], state) == []


@pytest.mark.parametrize(
    ("net_size", "ceiling", "wanted"),
    [
        (2, 2, []),
        (1, 2, []),
        (3, 2, [Reduce(MNQ, 2)]),
        (-3, -2, [Reduce(MNQ, 2)]),
        (-1, 2, [Close(MNQ)]),
        (1, 0, [Close(MNQ)]),
    ],
)
def test_no_new_risk_holds_a_position_to_its_ceiling(net_size: int, ceiling: int, wanted: list[Action]) -> None:
    assert no_new_risk(seen(position(MNQ, net_size)), mnq=ceiling) == wanted


def test_a_halt_blocks_no_exit() -> None:
    exits = (stop_order(1, MNQ, -2), order(2, MNQ, -2), order(3, MNQ, -1, status=OrderStatus.SUSPENDED))
    assert no_new_risk(seen(position(MNQ, 2), orders=exits), mnq=2) == []


def test_entries_are_cancelled_and_so_is_a_stop_whose_position_is_gone() -> None:
    state = seen(position(MNQ, 2), orders=(order(1, MNQ, 1), stop_order(2, ES, -1), order(3, ES, 1)))
    assert no_new_risk(state, mnq=2) == [Cancel(1), Cancel(2), Cancel(3)]


def test_what_is_out_of_scope_is_left_alone() -> None:
    assert no_new_risk(seen(position(CL, 9), orders=(order(1, CL),))) == []


def test_an_exit_larger_than_the_position_is_made_as_large() -> None:
    assert no_new_risk(seen(position(MNQ, 2), orders=(order(1, MNQ, -3),)), mnq=2) == [Resize(1, 2)]
    partly = order(1, MNQ, -5, filled=1)
    state = seen(position(MNQ, 2))
    state.memory.orders.learn(partly, AT)
    assert no_new_risk(state, mnq=2) == [Resize(1, 3)]


def test_nothing_is_resized_while_a_fill_is_half_seen() -> None:
    state = seen(position(MNQ, 3), orders=(order(1, MNQ, -3),))
    state.learn_trade(trade("-5", signed_size=-1, at=after(1)), ours=False)
    assert no_new_risk(state, mnq=3) == []
    state.learn_position(position(MNQ, 2), after(2))
    assert no_new_risk(state, mnq=3) == [Resize(1, 2)]


def test_an_exit_whose_fill_is_known_before_its_position_is_not_undone() -> None:
    state = seen(position(MNQ, 3))
    state.learn_trade(trade("-5", signed_size=-3, at=after(1)), ours=False)
    assert no_new_risk(state, mnq=2) == []
    partly = seen(position(MNQ, 3))
    partly.learn_trade(trade("-5", signed_size=-1, at=after(1)), ours=False)
    assert no_new_risk(partly, mnq=2) == []


def test_a_fill_that_turns_the_position_closes_what_is_still_shown() -> None:
    state = seen(position(MNQ, 1))
    state.learn_trade(trade(signed_size=-3, at=after(1)), ours=False)
    assert no_new_risk(state, mnq=-1) == [Close(MNQ)]


def test_the_ceiling_is_what_is_held_less_what_the_plan_takes() -> None:
    state = seen(position(MNQ, 3), position(ES, -2), position(CL, 1))
    assert ceilings_now(state, []) == {MNQ: 3, ES: -2, CL: 1}
    assert ceilings_now(state, [Reduce(MNQ, 2), Reduce(ES, 1), Reduce(CL, 5), Close(CL), Cancel(1)]) == {MNQ: 2, ES: -1}
    assert ceilings_now(state, [CloseAll()]) == {}


def test_the_ceiling_includes_fills_up_to_the_trade_that_sets_the_lock_and_no_later_ones() -> None:
    state = seen(position(MNQ, 1))
    first, second = trade(at=after(1)), trade(at=after(2))
    state.learn_trade(first, ours=False)
    state.learn_trade(second, ours=False)
    state.news = News(trades=(first,))
    assert ceilings_now(state, []) == {MNQ: 2}
    state.news = News()
    assert ceilings_now(state, []) == {MNQ: 3}


def test_a_fill_that_a_picture_tells_late_sets_the_ceiling_as_of_its_own_time() -> None:
    state = seen(position(MNQ, 1))
    bought = trade(at=after(2))
    state.learn_trade(bought, ours=False)
    state.news = News()
    state.learn_picture(
        Reconciled(at=after(5), account_id=1, positions=(position(MNQ, 2),), orders=(), trades=(bought,))
    )
    assert ceilings_now(state, []) == {MNQ: 2}
    assert ceilings_now(state, [], after(1)) == {MNQ: 1}
    state.news = News(trades=(bought,))
    assert ceilings_now(state, [], after(1)) == {MNQ: 2}, "what a stream tells is judged as it comes"


def test_a_turn_that_makes_no_more_than_the_ceiling_is_left_alone_though_another_side_is_shown() -> None:
    state = seen(position(MNQ, -1))
    state.learn_trade(trade(signed_size=2, at=after(1)), ours=False)
    assert no_new_risk(state, mnq=1) == []


def test_what_is_shown_is_within_though_a_fill_will_make_it_more() -> None:
    state = seen(position(MNQ, 2))
    state.learn_trade(trade(signed_size=2, at=after(1)), ours=False)
    assert no_new_risk(state, mnq=3) == []


def test_a_lock_of_a_root_that_is_not_there_wants_nothing() -> None:
    state = account_state(position(MNQ, 1))
    assert wanted_by([lockout(LockMode.FLAT, "ES")], state) == []
    assert wanted_by([lockout(LockMode.FLAT)], account_state()) == []
