"""How much a lock leaves of what was held: ceilings that fall, and never rise."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from risk_manager.core.actions import LockMode
from risk_manager.core.events import Reconciled
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import Lockout
from tests.builders import AT, ES, MNQ, account_state, after, lock, position, trade


def locked(state: AccountState, at: datetime = AT, **ceilings: int) -> Lockout:
    put = state.lockouts.put(
        lock(f"at {at}", mode=LockMode.NO_NEW_RISK), now=at, reason="", ceilings={MNQ: ceilings["mnq"]}
    )
    assert put is not None
    return put


def picture(*trades: Trade, at: float, net_size: int = 2, as_of: float | None = None) -> Reconciled:
    held: Sequence[Position] = (position(MNQ, net_size),) if net_size else ()
    asked = after(at if as_of is None else as_of)
    return Reconciled(at=after(at), account_id=1, positions=tuple(held), orders=(), trades=trades, as_of=asked)


def test_ceilings_follow_a_position_that_shrinks_also_in_a_picture() -> None:
    state = account_state(position(MNQ, 3), position(ES, 1))
    state.memory.positions.unexplained.clear()
    state.lockouts.put(lock(mode=LockMode.NO_NEW_RISK), now=AT, reason="", ceilings={MNQ: 3, ES: 1})
    (known,) = state.lockouts.by_key.values()
    state.learn_position(position(MNQ, 2), after(1))
    assert known.ceilings == {MNQ: 2, ES: 1}
    state.learn_picture(Reconciled(at=after(2), account_id=1, positions=(position(MNQ, 3),), orders=()))
    assert known.ceilings == {MNQ: 2}


def test_a_position_that_made_way_for_another_since_the_lock_has_no_ceiling() -> None:
    state = account_state()
    state.learn_position(position(MNQ, 2, opened_at=after(0)), after(1))
    locks = dict.fromkeys((2, 9), LockMode.NO_NEW_RISK)
    for seconds, mode in locks.items():
        one = lock(f"at {seconds}", mode=mode)
        state.lockouts.put(one, now=after(seconds), reason="", ceilings={MNQ: 2})
    state.learn_position(position(MNQ, 2, opened_at=after(5)), after(6))
    assert [one.ceilings for one in state.lockouts.by_key.values()] == [{}, {MNQ: 2}]


def test_a_lock_without_a_ceiling_for_a_contract_is_left_as_it_is() -> None:
    state = account_state()
    put = state.lockouts.put(lock(mode=LockMode.NO_NEW_RISK), now=AT, reason="", ceilings={ES: 1})
    assert put is not None
    state.learn_position(position(MNQ, 1), after(1))
    assert put.ceilings == {ES: 1}


@pytest.mark.parametrize(
    ("opened", "is_left"), [(None, True), (0.0, True), (1.0, True), (1.5, False), (5.0, False), (7.0, True)]
)
def test_after_what_was_stored_is_lost_a_position_opened_under_the_lock_has_no_ceiling(
    opened: float | None, *, is_left: bool
) -> None:
    state = account_state()
    put = locked(state, mnq=2)
    opened_at = None if opened is None else after(opened)
    state.learn_picture(
        Reconciled(at=after(6), account_id=1, positions=(position(MNQ, 2, opened_at=opened_at),), orders=())
    )
    assert (MNQ in put.ceilings) is is_left, "a stamp later than it was heard tells nothing"


@pytest.mark.parametrize(
    ("signed_sizes", "left"),
    [
        ([-1, 1], 1),
        ([1, -1], 2),
        ([-2, 2], None),
        ([-4, 4], None),
        ([-1, 1, -1, 1], 1),
        ([-1, 1, 1, -1], 1),
        ([], 2),
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_what_went_and_came_back_between_two_pictures_is_new_risk(
    signed_sizes: list[int], left: int | None, side: int
) -> None:
    state = account_state(position(MNQ, side * 2))
    put = locked(state, mnq=side * 2)
    fills = [trade(signed_size=side * size, at=after(1 + number)) for number, size in enumerate(signed_sizes)]
    state.learn_picture(picture(*reversed(fills), at=9, net_size=side * 2))
    assert put.ceilings == ({} if left is None else {MNQ: side * left})


def test_fills_at_one_instant_are_taken_in_the_order_of_their_ids() -> None:
    state = account_state(position(MNQ, 2))
    put = locked(state, mnq=2)
    fills = [trade(trade_id=1, signed_size=1, at=after(1)), trade(trade_id=2, signed_size=-1, at=after(1))]
    state.learn_picture(picture(*fills, at=9))
    assert put.ceilings == {MNQ: 2}


def test_fills_from_before_the_lock_or_after_the_picture_take_nothing_from_its_ceiling() -> None:
    state = account_state(position(MNQ, 2), at=after(2))
    put = locked(state, at=after(4), mnq=2)
    state.learn_trade(trade(signed_size=-1, at=after(3)), ours=False)
    state.learn_trade(trade(signed_size=1, at=after(4)), ours=False)
    fills = [trade(signed_size=-1, at=after(8.2)), trade(signed_size=1, at=after(8.5))]
    state.learn_picture(picture(*fills, at=9, as_of=8))
    assert put.ceilings == {MNQ: 2}


def test_a_fill_at_the_instant_of_the_picture_is_in_it() -> None:
    state = account_state(position(MNQ, 2))
    put = locked(state, mnq=2)
    fills = [trade(signed_size=-1, at=after(8)), trade(signed_size=1, at=after(9))]
    state.learn_picture(picture(*fills, at=9))
    assert put.ceilings == {MNQ: 1}


def test_a_purchase_without_the_sale_before_it_takes_no_room_away() -> None:
    state = account_state(position(MNQ, 2))
    put = locked(state, mnq=2)
    state.learn_picture(picture(trade(signed_size=1, at=after(3)), at=9))
    assert put.ceilings == {MNQ: 2}, "a fill is missing, or this one belongs before the lock"
    sale = trade(signed_size=-1, at=after(2))
    state.learn_picture(picture(sale, at=12))
    assert put.ceilings == {MNQ: 1}, "the next picture brings what was missing"


def test_other_contracts_and_voided_fills_take_nothing() -> None:
    state = account_state(position(MNQ, 2), position(ES, 2))
    put = locked(state, mnq=2)
    fills = [
        trade(signed_size=-1, at=after(2), contract_id=ES),
        trade(signed_size=1, at=after(3), contract_id=ES),
        trade(signed_size=-1, at=after(2), voided=True),
        trade(signed_size=1, at=after(3), voided=True),
    ]
    state.learn_picture(picture(*fills, at=9))
    assert put.ceilings == {MNQ: 2}


def test_a_picture_that_a_stream_has_overtaken_is_not_gone_back_from() -> None:
    state = account_state(position(MNQ, 2))
    put = locked(state, mnq=2)
    state.learn_position(position(MNQ, 2), after(8.5))
    fills = [trade(signed_size=-1, at=after(2)), trade(signed_size=1, at=after(3))]
    state.learn_picture(picture(*fills, at=9, as_of=8))
    assert put.ceilings == {MNQ: 2}
    state.learn_picture(picture(*fills, at=12))
    assert put.ceilings == {MNQ: 1}


def test_the_contracts_with_a_ceiling_are_listed() -> None:
    state = account_state(position(MNQ, 2))
    locked(state, mnq=2)
    assert state.ceilings.contracts() == {MNQ}


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("signed_sizes", "left"), [([], 2), ([1], 1), ([-1], 2), ([2], 0), ([4], 0), ([1, -1, 1], 1), ([-2, 2, -1, 1], 0)]
)
def test_of_what_a_picture_shows_that_is_left_which_was_there_ever_since_the_fill_that_set_the_lock(
    signed_sizes: list[int], left: int, side: int
) -> None:
    state = account_state()
    fills = [trade(signed_size=side * size, at=after(3 + number)) for number, size in enumerate(signed_sizes)]
    state.learn_picture(picture(trade(signed_size=side, at=after(2)), *fills, at=9, net_size=side * 2))
    assert state.ceilings.at(after(2), after(9), MNQ) == side * left


def test_a_position_opened_after_the_fill_that_set_the_lock_was_not_there() -> None:
    state = account_state()
    held = position(MNQ, 2, opened_at=after(5))
    state.learn_picture(Reconciled(at=after(9), account_id=1, positions=(held,), orders=()))
    assert [state.ceilings.at(after(at), after(9), MNQ) for at in (3.5, 4.0, 5.0)] == [0, 2, 2]


def test_of_what_a_stream_has_told_after_the_picture_fills_up_to_the_lock_are_there() -> None:
    state = account_state()
    state.learn_picture(picture(at=9, net_size=0))
    state.learn_trade(trade(signed_size=2, at=after(9.2)), ours=False)
    state.learn_trade(trade(signed_size=1, at=after(9.4)), ours=False)
    assert state.ceilings.at(after(9.3), after(9), MNQ) == 2
