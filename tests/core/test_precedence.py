"""Many decisions, one plan."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
    LockMode,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
    Unlock,
    Warn,
)
from risk_manager.core.decisions import Decision
from risk_manager.core.model.order import OrderSide
from risk_manager.core.precedence import settle, settle_locks
from risk_manager.core.state.account import AccountState
from tests.builders import AT, CL, ES, MNQ, account_state, after, lock, order, position

MOVE = MoveStop(order_id=1, stop=Decimal(90))
PLACE = PlaceStop(contract_id=MNQ, side=OrderSide.SELL, size=1, stop=Decimal(90))


def state() -> AccountState:
    return account_state(position(MNQ, 3), position(ES, 1), orders=[order(1, MNQ), order(2, ES), order(3, CL)])


def decided(*actions: Action) -> Decision:
    return Decision(rule="rule", code="CODE", actions=actions)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ([CloseAll(), Close(MNQ), Reduce(ES, 1)], [CloseAll()]),
        ([Close(MNQ), Reduce(MNQ, 1)], [Close(MNQ)]),
        ([Reduce(MNQ, 2), Reduce(MNQ, 1)], [Reduce(MNQ, 1)]),
        ([Reduce(MNQ, 0)], [Close(MNQ)]),
        ([CancelAll(), Cancel(1), CancelSymbol("ES"), Resize(2, 1)], [CancelAll()]),
        ([CancelSymbol("MNQ"), Cancel(1), Cancel(2)], [CancelSymbol("MNQ"), Cancel(2)]),
        ([Close(MNQ), Cancel(1), Cancel(2), Resize(1, 1)], [Close(MNQ), Cancel(2)]),
        ([CloseAll(), Cancel(1), Cancel(3)], [CloseAll(), Cancel(3)]),
        ([Reduce(MNQ, 1), Resize(1, 1), Resize(2, 1)], [Reduce(MNQ, 1), Resize(2, 1)]),
        ([Cancel(1), Resize(1, 1)], [Cancel(1)]),
        ([Resize(1, 3), Resize(1, 2)], [Resize(1, 2)]),
        ([Cancel(99)], [Cancel(99)]),
        ([CancelSymbol("ES")], [CancelSymbol("ES")]),
        ([Resize(1, 2)], [Resize(1, 2)]),
        ([PLACE], [PLACE]),
        ([MOVE], [MOVE]),
        ([Close(MNQ), MOVE, PLACE], [Close(MNQ)]),
        ([Reduce(MNQ, 1), MOVE, PLACE], [Reduce(MNQ, 1), MOVE]),
        ([Reduce(ES, 1), MOVE, PLACE], [Reduce(ES, 1), PLACE, MOVE]),
        ([CloseAll(), MOVE, PLACE], [CloseAll()]),
        (
            [Unlock(rule="b"), Unlock(rule="a", root="ES"), Unlock(rule="b")],
            [Unlock(rule="a", root="ES"), Unlock(rule="b")],
        ),
        ([Warn("X"), Warn("X")], [Warn("X")]),
        ([lock()], []),
    ],
)
def test_the_stronger_action_wins_whatever_the_order(wanted: list[Action], left: list[Action]) -> None:
    for way in permutations(wanted):
        assert list(settle([decided(one) for one in way], state())) == left


ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.builds(Close, st.sampled_from([MNQ, ES, CL])),
    st.builds(Reduce, st.sampled_from([MNQ, ES]), st.integers(0, 2)),
    st.just(CloseAll()),
    st.builds(Cancel, st.integers(1, 4)),
    st.builds(CancelSymbol, st.sampled_from(["ES", "CL"])),
    st.just(CancelAll()),
    st.builds(Resize, st.integers(1, 3), st.integers(1, 3)),
    st.just(MOVE),
    st.just(PLACE),
    st.builds(Warn, st.sampled_from("XY")),
)


@given(st.lists(st.lists(ACTIONS, max_size=4), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_rules_never_changes_what_is_settled(wanted: list[list[Action]], chance: object) -> None:
    decisions = [decided(*actions) for actions in wanted]
    shuffled = list(decisions)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands a Random over
    assert settle(decisions, state()) == settle(shuffled, state())


def kept(*locks: Lock) -> list[Lock]:
    return [one for one, _ in settle_locks([decided(one) for one in locks], state())]


def test_all_locks_are_kept_each_once_with_the_later_end() -> None:
    early, late, never = (lock(until=end) for end in (after(10), after(20), None))
    for way in permutations([early, late]):
        assert kept(*way) == [late]
    for way in permutations([early, never]):
        assert kept(*way) == [never]
    other = lock("b_rule", mode=LockMode.NO_NEW_RISK)
    assert kept(other, never, lock(root="ES")) == [never, lock(root="ES"), other]


@pytest.mark.parametrize(
    ("instants", "since"), [((5, 3), 3), ((3, 5), 3), ((None, 4), 4), ((4, None), 4), ((None, None), None)]
)
@pytest.mark.parametrize("ends", [(10, 20), (20, 10)])
def test_of_several_fills_that_want_one_lock_the_earliest_counts(
    instants: tuple[int | None, ...], since: int | None, ends: tuple[int, int]
) -> None:
    wanted = [
        replace(decided(lock(until=after(end))), since=None if at is None else after(at))
        for at, end in zip(instants, ends, strict=True)
    ]
    ((kept, decision),) = settle_locks(wanted, state())
    assert kept.until == after(20)
    assert decision.since == (None if since is None else after(since))


def test_a_lock_that_begins_and_lengthens_nothing_is_left_out() -> None:
    known = state()
    known.lockouts.put(lock(until=after(10)), now=AT, reason="", ceilings={})
    wanted = [decided(lock(until=end)) for end in (after(10), after(5), after(-1))]
    assert settle_locks(wanted, known) == []
    assert len(settle_locks([decided(lock(until=after(11)))], known)) == 1


def test_the_plan_is_in_the_same_order_however_its_parts_came() -> None:
    contracts = [f"CON.F.US.X{number:02}.U26" for number in range(18)]
    wanted: list[Action] = [
        *map(Close, contracts[:6]),
        *(Reduce(one, 1) for one in contracts[6:12]),
        *(CancelSymbol(f"R{number:02}") for number in range(12)),
        *map(Cancel, range(1000, 0, -77)),
        *(Resize(number, 1) for number in range(2000, 1100, -77)),
        *(PlaceStop(contract_id=one, side=OrderSide.SELL, size=1, stop=Decimal(90)) for one in contracts[12:]),
        *(MoveStop(order_id=number, stop=Decimal(90)) for number in range(3000, 2100, -77)),
        *(Unlock(rule=f"rule {number:02}", root=root) for number in range(6) for root in (None, "ES")),
        *(Warn(f"CODE_{number:02}") for number in range(12)),
    ]
    kinds = (Close, Reduce, CancelSymbol, Cancel, Resize, PlaceStop, MoveStop, Unlock, Warn)
    settled = settle([decided(*reversed(wanted))], state())
    assert settled == settle([decided(one) for one in wanted], state())
    assert [type(one) for one in settled] == sorted((type(one) for one in settled), key=kinds.index)
    for kind in kinds:
        ours = [repr(one) for one in settled if isinstance(one, kind)]
        assert len(ours) == len([one for one in wanted if isinstance(one, kind)])
        if kind not in {Cancel, Resize, Unlock, MoveStop}:
            assert ours == sorted(ours)
    for kind in (Cancel, Resize, MoveStop):
        ids = [one.order_id for one in settled if isinstance(one, kind)]
        assert ids == sorted(ids)
    unlocks = [(one.rule, one.root or "") for one in settled if isinstance(one, Unlock)]
    assert unlocks == sorted(unlocks)


def test_the_unlocks_of_one_rule_come_by_root() -> None:
    unlocks = [Unlock(rule="rule", root=root) for root in (None, "CL", "ES", "GC", "MNQ", "NQ", "RTY", "YM")]
    assert settle([decided(*reversed(unlocks))], state()) == tuple(unlocks)


def test_the_locks_of_a_plan_are_in_the_same_order_however_they_came() -> None:
    wanted = [
        lock(rule, root=root, code=code)
        for rule in ("a_rule", "b_rule")
        for root in (None, "CL", "ES")
        for code in ("A_REASON", "B_REASON")
    ]
    assert kept(*wanted) == kept(*reversed(wanted)) == wanted


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (PLACE, []),
        (replace(MOVE, size=2), []),
        (replace(MOVE, size=1), [replace(MOVE, size=1)]),
        (MOVE, [MOVE]),
        (replace(PLACE, contract_id=ES), [replace(PLACE, contract_id=ES)]),
        (MoveStop(order_id=99, stop=Decimal(90), size=4), [MoveStop(order_id=99, stop=Decimal(90), size=4)]),
    ],
)
def test_where_a_contract_is_being_reduced_no_stop_is_placed_or_enlarged(
    wanted: PlaceStop | MoveStop, left: list[Action]
) -> None:
    assert settle([decided(Reduce(MNQ, 2), wanted)], state()) == (Reduce(MNQ, 2), *left)


def test_a_stop_of_an_order_that_is_gone_by_now_is_moved_all_the_same() -> None:
    gone = MoveStop(order_id=99, stop=Decimal(90))
    assert settle([decided(Close(MNQ), gone)], state()) == (Close(MNQ), gone)


def test_a_decision_s_locks_are_all_kept_and_what_is_none_is_not_among_them() -> None:
    one = decided(Close(MNQ), lock(), CancelAll(), lock(root="ES"))
    assert settle_locks([one], state()) == [(lock(), one), (lock(root="ES"), one)]
