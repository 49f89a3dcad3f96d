"""RULE-009: when it acts by time alone, and what counts as the end of a session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from risk_manager.core.actions import Cancel, Close, Lock, Reduce, Resize
from risk_manager.core.events import ClockTicked, PositionUpdated
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from tests.builders import CL, MNQ, Desk, account_state, after, deciders, deeds, order, position

DAY = {"start": "08:30", "end": "15:00", "timezone": "America/Chicago"}
MORNING = {"start": "08:00", "end": "12:00", "timezone": "America/Chicago"}
END = 5 * 3600.0
"""15:00 in Chicago, in seconds after 10:00."""
DAY_LONG = 24 * 3600.0
NEXT = datetime(2026, 3, 11, 13, 30, tzinfo=UTC)


def rule(**settings: Any) -> SessionBlockOutside:
    return SessionBlockOutside.model_validate({"global_session": DAY, **settings})


def locked(desk: Desk) -> bool:
    return any(isinstance(one, Lock) for one in deeds(desk.plans))


def test_before_the_end_it_acts_by_time_alone_and_exactly_then() -> None:
    desk = Desk(rule(flatten_before_end="10m"))
    desk.holds(MNQ, 1)
    assert desk.engine.next_deadline() == after(END - 600)
    desk.ticks(END + 60)
    assert [plan.at for plan in desk.plans] == [after(END - 600)]


@pytest.mark.parametrize(("now", "next_edge"), [(-601, after(END - 600)), (-600, NEXT), (-300, NEXT), (0, NEXT)])
def test_after_the_instant_at_which_it_flattens_the_next_start_is_waited_for(now: float, next_edge: datetime) -> None:
    assert rule(flatten_before_end="10m").deadline(account_state(), after(END + now)) == next_edge


def test_of_several_sessions_the_edge_that_comes_first_is_waited_for() -> None:
    both = rule(per_instrument_sessions={"CL": MORNING})
    assert both.deadline(account_state(), after(0)) == after(2 * 3600)
    assert both.deadline(account_state(), after(2 * 3600)) == after(END)


def test_where_no_day_has_a_session_there_is_no_edge_to_wait_for() -> None:
    never = rule(days=[], per_instrument_sessions={"CL": MORNING})
    assert never.deadline(account_state(), after(0)) is None
    assert never.next_session_start(account_state(), "MNQ") is None
    own_only = rule(global_session=None, days=[], per_instrument_sessions={"CL": MORNING, "GC": DAY})
    assert own_only.next_session_start(account_state(), "MNQ") is None


@pytest.mark.parametrize("days", [["mon", "tue"], []])
def test_time_that_passes_outside_sets_no_lock_where_nothing_is_there(days: list[str]) -> None:
    desk = Desk(rule(days=days), at=after(END + 60))
    for at in (END + 61, END + 3600):
        desk.ticks(at)
    assert not desk.plans


def test_a_report_of_the_very_end_that_is_told_later_sets_no_lock_where_nothing_is_there() -> None:
    desk = Desk(rule(), at=after(END + 60))
    assert not desk.hear(PositionUpdated(at=after(END), position=position(MNQ, 0)))


def test_found_outside_an_order_alone_is_cancelled_and_the_lock_set() -> None:
    desk = Desk(rule(), at=after(END + 60))
    found = deeds(desk.orders(order(5, CL)))
    assert Cancel(5) in found
    assert locked(desk)


def test_what_was_opened_between_flattening_and_the_end_was_not_held_at_the_end() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, lockout_outside_session=False, flatten_before_end="10m"))
    desk.holds(MNQ, 1, at=END - 601)
    assert deeds(desk.holds(CL, 1, at=END - 300)) == [Close(CL)]
    assert deeds(desk.enforced(ok=False, at=END + 60)) == [Close(CL)]


def test_after_so_long_without_a_session_nothing_was_held_at_its_end() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, days=[]))
    desk.holds(MNQ, 1, at=0)
    desk.enforced(ok=False, at=60)
    assert Close(MNQ) in deeds(desk.plans[-1:])


def test_the_end_of_a_roots_own_session_closes_nothing_else() -> None:
    desk = Desk(rule(per_instrument_sessions={"CL": MORNING}))
    desk.holds(MNQ, 1)
    desk.holds(CL, 1)
    assert [one for one in deeds(desk.ticks(2 * 3600)) if isinstance(one, Close)] == [Close(CL)]


def keeping(**settings: Any) -> SessionBlockOutside:
    return rule(close_positions_at_session_end=False, lockout_outside_session=False, **settings)


def test_a_position_first_seen_at_the_very_end_was_not_held_then() -> None:
    assert deeds(Desk(keeping()).holds(MNQ, 1, at=END)) == [Close(MNQ)]


def test_what_is_kept_without_a_lock_is_no_breach() -> None:
    desk = Desk()
    desk.holds(MNQ, 1)
    at_end = ClockTicked(at=after(END))
    desk.hear(at_end)
    assert keeping().evaluate(desk.state, at_end) == []


def test_what_is_kept_without_a_lock_has_its_exits_sized_whatever_order_stands_before_them() -> None:
    desk = Desk(keeping())
    desk.reads(position(MNQ, 2), orders=[order(4, MNQ, 1), order(5, MNQ, -3)])
    assert deeds(desk.ticks(END)) == [Cancel(4), Resize(5, 2)]


def test_what_grows_again_under_the_lock_is_the_locks_matter_alone() -> None:
    desk = Desk(rule(close_positions_at_session_end=False))
    desk.holds(MNQ, 2)
    desk.ticks(END)
    plans = desk.holds(MNQ, 3, at=END + 1)
    assert deeds(plans) == [Reduce(MNQ, 2)]
    assert deciders(plans) == {"lockout"}


def test_each_end_locks_anew_while_what_the_last_one_asked_for_is_still_under_way() -> None:
    desk = Desk(rule(close_positions_at_session_end=False))
    desk.holds(MNQ, 2)
    desk.orders(order(5, CL))
    desk.ticks(END + DAY_LONG)
    assert Cancel(5) in deeds(desk.plans[:1])
    (lock,) = deeds(desk.plans[1:])
    assert isinstance(lock, Lock)
    assert lock.until == NEXT + timedelta(days=1)
    assert not desk.ticks(END + DAY_LONG + 60)
    assert deeds(desk.holds(MNQ, 3, at=END + DAY_LONG + 61)) == [Reduce(MNQ, 2)]


def test_after_an_admin_has_cleared_the_lock_more_that_appears_is_decided_anew() -> None:
    desk = Desk(rule(), at=after(END + 60))
    desk.holds(MNQ, 1)
    desk.clears("session_block_outside", at=END + 61)
    assert not desk.holds(MNQ, 1, at=END + 62)
    found = deeds(desk.orders(order(5, CL), at=END + 63))
    assert Cancel(5) in found
    assert any(isinstance(one, Lock) for one in found)
