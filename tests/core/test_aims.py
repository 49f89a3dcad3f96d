"""What actions come to, by name."""

from risk_manager.core.actions import Cancel, CancelAll, CancelSymbol, Close, CloseAll, Reduce, Resize, Warn
from risk_manager.core.aims import aims_of, reached, wants_of
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.enforcements import Aims
from tests.builders import CL, ES, MNQ, account_state, after, lock, order, position


def state() -> AccountState:
    return account_state(
        position(MNQ, 3), position(ES, 1), orders=[order(1, MNQ), order(2, ES), order(3, CL, 5), order(4, MNQ)]
    )


def test_closing_names_the_position_and_every_order_of_its_contract() -> None:
    assert aims_of([Close(MNQ)], state()) == Aims({(MNQ, 1): 0}, {1: 0, 4: 0})
    assert aims_of([Reduce(MNQ, 0)], state()) == Aims({(MNQ, 1): 0}, {1: 0, 4: 0})
    assert aims_of([Close(CL)], state()) == Aims({}, {3: 0})


def test_close_all_names_what_is_held_and_cancel_all_what_is_working_at_that_moment() -> None:
    assert aims_of([CloseAll()], state()) == Aims({(MNQ, 1): 0, (ES, 2): 0}, {1: 0, 2: 0, 4: 0})
    assert aims_of([CancelAll()], state()) == Aims({}, dict.fromkeys((1, 2, 3, 4), 0))
    assert aims_of([CloseAll(), CancelAll()], account_state()) == Aims()
    assert aims_of([CloseAll(), Close(CL)], state()) == aims_of([CloseAll()], state())


def test_narrower_actions_name_what_they_say() -> None:
    found = aims_of([Reduce(MNQ, 2), Cancel(1), CancelSymbol("CL"), Resize(2, 3), Resize(2, 2), Warn("X")], state())
    assert found == Aims({(MNQ, 1): 2}, {1: 0, 3: 0, 2: 2})


def test_a_close_is_about_its_position_and_covers_the_cancels_of_its_contract() -> None:
    assert wants_of([Close(MNQ), Cancel(1), Cancel(2)], state()) == Aims({(MNQ, 1): 0}, {2: 0})
    assert wants_of([CloseAll(), CancelAll()], state()) == Aims({(MNQ, 1): 0, (ES, 2): 0}, {3: 0})


def test_of_two_targets_the_lower_counts() -> None:
    assert aims_of([Reduce(MNQ, 2), Reduce(MNQ, 1)], state()).positions == {(MNQ, 1): 1}


def test_what_is_gone_or_small_enough_is_reached() -> None:
    now = state()
    wanted = Aims({(MNQ, 1): 3, (ES, 2): 0, (CL, 9): 0}, {1: 1, 2: 0, 99: 0, 3: 4})
    assert reached(wanted, now) == Aims({(MNQ, 1): 3, (CL, 9): 0}, {1: 1, 99: 0})
    now.learn_position(position(ES, -1), after(1))
    assert (ES, 2) in reached(wanted, now).positions


def test_a_lock_is_about_nothing_that_is_there() -> None:
    assert aims_of([lock(), Close(CL)], state()) == Aims({}, {3: 0})
