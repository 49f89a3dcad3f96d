from dataclasses import replace

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
    LockMode,
    Reduce,
    Resize,
    Unlock,
    Warn,
)
from risk_manager.core.model.contract import root_of_id
from risk_manager.core.model.order import OrderStatus
from risk_manager.daemon.enforcement.goals import Goals, Reading, goals_of
from tests.daemon.enforcement.test_pursuit import EXIT, STOP, seen
from tests.daemon.fake_venue import ES, NQ


def goals(*actions: Action, reading: Reading | None = None) -> Goals:
    return goals_of(actions, reading or seen(2, STOP), root_of_id)


def test_close_beats_reduce_and_the_lower_of_two_targets_wins() -> None:
    assert goals(Reduce(ES, 3), Close(ES)).targets == {ES: 0}
    assert goals(Reduce(ES, 1), Reduce(ES, 3)).targets == {ES: 1}


def test_close_all_names_what_is_held_now_and_keeps_looking_for_what_the_next_reading_shows() -> None:
    everything = goals(CloseAll())
    assert everything.targets == {ES: 0}
    assert everything.every_position
    assert everything.settled().targets == {ES: 0}
    assert not everything.settled().every_position


def test_cancels_name_their_orders() -> None:
    assert goals(Cancel(7)).cancels == {7}
    assert goals(CancelSymbol("ES")).cancels == {STOP.order_id}
    assert goals(CancelSymbol("MES")).cancels == frozenset()
    assert goals(CancelAll()).cancels == {STOP.order_id}


def test_a_close_of_the_daemons_own_is_waited_for_and_never_among_what_a_plan_cancels() -> None:
    reading = replace(seen(5, STOP), closing={EXIT.order_id: EXIT})
    assert reading.exits(ES) == (EXIT,)
    for action in (CancelAll(), CancelSymbol("ES")):
        assert goals(action, reading=reading).cancels == {STOP.order_id}


def test_a_suspended_market_order_is_cancelled_like_any_other() -> None:
    child = replace(EXIT, status=OrderStatus.SUSPENDED)
    assert goals(CloseAll(), CancelAll(), reading=seen(5, child)).cancels == {child.order_id}


def test_a_resize_aims_at_the_smaller_of_two_sizes() -> None:
    assert goals(Resize(2, 3), Resize(2, 1)).sizes == {2: 1}


def test_locks_and_warnings_aim_at_nothing() -> None:
    lock = Lock(rule="r", code="C", mode=LockMode.FLAT, until=None)
    assert not goals(lock, Unlock(rule="r"), Warn("W"))


def test_merging_keeps_both() -> None:
    assert goals(Close(ES)).merged(goals(Close(NQ))).targets == {ES: 0, NQ: 0}
