"""RULE-009: trade within the session's hours only."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from risk_manager.core.actions import Cancel, Close, Lock, LockMode, Reduce, Resize
from risk_manager.core.events import PositionUpdated
from risk_manager.core.model.order import OrderStatus, OrderType
from risk_manager.core.model.trading_calendar import Holidays
from risk_manager.core.policy import Policy
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from tests.builders import AT, CL, ES, MNQ, Desk, after, deeds, evidence, order, position

DAY = {"start": "08:30", "end": "15:00", "timezone": "America/Chicago"}
OVERNIGHT = {"start": "18:00", "end": "17:00", "timezone": "America/Chicago"}
END = 5 * 3600.0
"""15:00 in Chicago, in seconds after 10:00."""
NEXT = datetime(2026, 3, 11, 13, 30, tzinfo=UTC)


def rule(session: dict[str, str] | None = DAY, **settings: Any) -> SessionBlockOutside:
    return SessionBlockOutside.model_validate({"global_session": session, **settings})


def lock_of(desk: Desk) -> Lock:
    (lock,) = [one for one in deeds(desk.plans) if isinstance(one, Lock)]
    return lock


def test_exactly_at_the_end_everything_goes_by_time_alone() -> None:
    desk = Desk(rule())
    desk.holds(MNQ, 1)
    desk.orders(order(5, CL))
    assert desk.engine.next_deadline() == after(END)
    desk.ticks(END + 60)
    (plan,) = desk.plans
    assert plan.at == after(END)
    assert set(plan.actions[:2]) == {Close(MNQ), Cancel(5)}
    assert (lock_of(desk).mode, lock_of(desk).until, lock_of(desk).root) == (LockMode.FLAT, NEXT, None)


def test_the_lock_is_set_at_the_end_also_with_nothing_to_close() -> None:
    desk = Desk(rule())
    desk.ticks(END)
    assert lock_of(desk).until == NEXT
    assert not desk.ticks(END + 1)


def test_found_outside_otherwise_the_lock_is_set_when_something_is_there() -> None:
    desk = Desk(rule(), at=after(END + 60))
    assert not desk.reads()
    assert Close(MNQ) in deeds(desk.holds(MNQ, 1))
    assert lock_of(desk).until == NEXT


def test_without_the_lock_only_what_is_there_goes() -> None:
    desk = Desk(rule(lockout_outside_session=False))
    desk.holds(MNQ, 1)
    assert deeds(desk.ticks(END)) == [Close(MNQ)]
    assert not Desk(rule(lockout_outside_session=False)).ticks(END)


def test_from_before_the_end_on_it_counts_as_outside() -> None:
    desk = Desk(rule(flatten_before_end="10m"))
    desk.holds(MNQ, 1)
    assert not desk.ticks(END - 601)
    assert Close(MNQ) in deeds(desk.ticks(END - 600))
    assert lock_of(desk).until == NEXT


def test_inside_nothing_is_asked_for_and_the_lock_ends_at_the_next_start() -> None:
    desk = Desk(rule())
    desk.ticks(END)
    start = (NEXT - AT).total_seconds()
    desk.ticks(start - 1)
    assert desk.locks
    desk.ticks(start)
    assert not desk.locks
    assert not desk.holds(MNQ, 1)


def test_an_early_close_comes_early_and_a_holiday_has_no_session() -> None:
    early = Policy(holidays=Holidays(early_closes={date(2026, 3, 10): time(12)}, closed=frozenset([date(2026, 3, 11)])))
    desk = Desk(rule(), policy=early)
    desk.ticks(2 * 3600)
    assert lock_of(desk).until == NEXT + timedelta(days=1)
    ignoring = Desk(rule(respect_holidays=False), policy=early)
    assert not ignoring.ticks(2 * 3600)


def test_a_root_with_a_session_of_its_own_goes_on_and_has_its_own_lock() -> None:
    own = {"CL": {"start": "08:00", "end": "16:00", "timezone": "America/Chicago"}}
    desk = Desk(rule(per_instrument_sessions=own))
    desk.holds(CL, 1)
    desk.holds(ES, 1)
    assert Close(CL) not in deeds(desk.ticks(END))
    assert lock_of(desk).except_roots == {"CL"}
    desk.orders(order(5, CL, -1), at=END + 1)
    assert Cancel(5) not in deeds(desk.plans)
    found = deeds(desk.ticks(END + 3600))
    assert Close(CL) in found
    assert [one.root for one in found if isinstance(one, Lock)] == ["CL"]


def test_only_roots_with_a_session_are_concerned_where_there_is_no_global_one() -> None:
    desk = Desk(rule(None, per_instrument_sessions={"CL": DAY}))
    desk.holds(ES, 1)
    desk.ticks(END)
    assert not desk.holds(ES, 2)
    assert Close(CL) in deeds(desk.holds(CL, 1))


def test_positions_held_at_the_end_may_stay_with_their_exits() -> None:
    desk = Desk(rule(close_positions_at_session_end=False))
    desk.reads(position(MNQ, 2), orders=[order(5, MNQ, -2), order(6, MNQ, 1), order(7, ES, -1)])
    found = deeds(desk.ticks(END))
    assert found[:2] == [Cancel(6), Cancel(7)]
    assert lock_of(desk).mode is LockMode.NO_NEW_RISK
    assert Close(ES) in deeds(desk.holds(ES, 1, at=END + 1))
    assert Reduce(MNQ, 2) in deeds(desk.holds(MNQ, 3, at=END + 2))


def test_what_is_kept_without_a_lock_wants_nothing() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, lockout_outside_session=False))
    desk.holds(MNQ, 2)
    assert not desk.ticks(END)


def test_what_is_kept_without_a_lock_may_not_grow_again() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, lockout_outside_session=False))
    desk.holds(MNQ, 3)
    desk.holds(MNQ, 5, at=END - 1)
    assert deeds(desk.holds(MNQ, 6, at=END + 1)) == [Reduce(MNQ, 5)]
    desk.holds(MNQ, 2, at=END + 2)
    assert deeds(desk.holds(MNQ, 4, at=END + 3)) == [Reduce(MNQ, 2)]
    assert not desk.locks


def test_what_is_kept_without_a_lock_is_not_reduced_for_what_an_exit_has_filled_already() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, lockout_outside_session=False))
    desk.holds(MNQ, 2)
    gone = order(5, MNQ, -1, kind=OrderType.MARKET, filled=1, status=OrderStatus.FILLED, updated_at=after(END + 2))
    desk.orders(gone, at=END + 2)
    assert not desk.hear(PositionUpdated(at=after(END + 1), position=position(MNQ, 3)))


def test_exits_of_what_is_kept_without_a_lock_are_no_larger_than_that() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, lockout_outside_session=False))
    told = [order(5, MNQ, -3, filled=0), order(6, MNQ, -2), order(7, MNQ, 1), order(8, ES, -1)]
    desk.reads(position(MNQ, 2), orders=told)
    assert deeds(desk.ticks(END)) == [Cancel(7), Cancel(8), Resize(5, 2)]


def test_exits_are_left_alone_while_a_fill_is_half_seen() -> None:
    desk = Desk(rule(close_positions_at_session_end=False, lockout_outside_session=False))
    desk.reads(position(MNQ, 2))
    desk.holds(MNQ, 1, at=END - 1)
    desk.orders(order(5, MNQ, -2), at=END - 0.5)
    assert not desk.ticks(END)


def test_a_position_first_seen_outside_is_closed() -> None:
    desk = Desk(rule(close_positions_at_session_end=False), at=after(END + 60))
    assert Close(MNQ) in deeds(desk.reads(position(MNQ, 2)))


def test_outside_for_longer_than_anyone_looks_back_is_outside() -> None:
    desk = Desk(
        rule(days=["mon"]), policy=Policy(holidays=Holidays(closed=frozenset([date(2026, 3, 9), date(2026, 3, 2)])))
    )
    assert Close(MNQ) in deeds(desk.holds(MNQ, 1))


def test_overnight_the_days_are_those_on_which_a_session_ends() -> None:
    friday_evening = datetime(2026, 3, 13, 22, 30, tzinfo=UTC)
    desk = Desk(rule(OVERNIGHT), at=friday_evening)
    assert desk.holds(MNQ, 1)
    assert lock_of(desk).until == datetime(2026, 3, 15, 23, tzinfo=UTC)


def test_the_end_follows_the_wall_clock_over_the_spring_change() -> None:
    before = Desk(rule(OVERNIGHT), at=datetime(2026, 3, 6, 15, tzinfo=UTC))
    after_change = Desk(rule(OVERNIGHT), at=datetime(2026, 3, 9, 15, tzinfo=UTC))
    assert [desk.state.policy.rules[0].deadline(desk.state, desk.now) for desk in (before, after_change)] == [
        datetime(2026, 3, 6, 23, tzinfo=UTC),
        datetime(2026, 3, 9, 22, tzinfo=UTC),
    ]


def test_the_next_start_is_that_of_the_root_or_of_the_account_or_of_whatever_there_is() -> None:
    state = Desk().state
    own = {"CL": {**DAY, "start": "12:00"}}
    both = rule(per_instrument_sessions=own)
    assert both.next_session_start(state, "CL") == after(2 * 3600)
    assert both.next_session_start(state, "ES") == NEXT
    assert rule(None, per_instrument_sessions=own).next_session_start(state, None) == after(2 * 3600)


def test_a_product_that_starts_later_keeps_no_lock_of_another_or_of_the_account_waiting() -> None:
    both = rule(per_instrument_sessions={"CL": {**DAY, "start": "09:00"}})
    state = Desk().state
    assert [both.next_session_start(state, root) for root in ("ES", None)] == [NEXT, NEXT]


@pytest.mark.parametrize("roots", [("CL", "GC"), ("GC", "CL")])
def test_a_lock_for_which_no_session_holds_waits_for_the_last_to_start_whichever_is_named_first(
    roots: tuple[str, str],
) -> None:
    hours = {"CL": {**DAY, "start": "12:00"}, "GC": {**DAY, "start": "11:00"}}
    own = rule(None, per_instrument_sessions={root: hours[root] for root in roots})
    assert own.next_session_start(Desk().state, None) == after(2 * 3600)
    assert own.next_session_start(Desk().state, "GC") == after(3600)


def test_a_rule_without_a_next_session_locks_without_end_and_does_not_stall() -> None:
    desk = Desk(rule(days=[]))
    desk.holds(MNQ, 1)
    assert lock_of(desk).until is None
    assert desk.engine.next_deadline() == datetime(2026, 3, 10, 22, tzinfo=UTC)


def test_its_decisions_say_who_decides_and_why() -> None:
    name, code = "session_block_outside", "OUTSIDE_SESSION"
    desk = Desk(rule(per_instrument_sessions={"MNQ": DAY}))
    desk.holds(MNQ, 1)
    assert sorted(evidence(desk.ticks(END))) == [
        (name, code, "", None, None, False),
        (name, code, "MNQ", None, None, True),
    ], "where nothing is there the lock is no breach, only the hour"
    assert {(lock.rule, lock.code, lock.root) for lock in desk.state.lockouts.by_key.values()} == {
        (name, code, None),
        (name, code, "MNQ"),
    }


def test_the_sessions_that_come_are_told_for_the_account_and_for_products_of_their_own() -> None:
    one = rule(per_instrument_sessions={"CL": OVERNIGHT})
    coming = one.coming_sessions(Desk(one).state, days=2)
    assert {root for root, _ in coming} == {None, "CL"}
    assert min(window.ends_at for root, window in coming if root is None) == after(END)
