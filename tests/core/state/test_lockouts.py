"""The locks of an account."""

from datetime import datetime

import pytest

from risk_manager.core.actions import LockMode
from risk_manager.core.state.lockouts import Lockout, Lockouts
from tests.builders import AT, MNQ, after, lock


def put(locks: Lockouts, until: datetime | None = None, root: str | None = None, **ceilings: int) -> Lockout | None:
    return locks.put(lock(until=until, root=root), now=AT, reason="why", ceilings=ceilings)


def test_a_new_lock_of_the_same_never_shortens_it() -> None:
    locks = Lockouts()
    assert put(locks, after(60)) is not None
    assert put(locks, after(30)) is None
    assert locks.next_end() == after(60)
    assert put(locks, after(90)) is None
    assert locks.next_end() == after(90)
    put(locks, None)
    assert locks.next_end() is None
    put(locks, after(90))
    assert locks.next_end() is None


def test_a_lock_is_known_by_rule_scope_mode_and_reason() -> None:
    locks = Lockouts()
    for one in (
        lock(),
        lock("other"),
        lock(root="ES"),
        lock(mode=LockMode.NO_NEW_RISK),
        lock(code="ANOTHER"),
        lock(until=after(5)),
    ):
        locks.put(one, now=AT, reason="", ceilings={})
    assert len(locks.by_key) == 5


@pytest.mark.parametrize(("seconds", "changes"), [(-1, False), (0, False), (1, True)])
def test_a_lock_that_is_over_already_begins_nothing(seconds: float, changes: bool) -> None:  # noqa: FBT001 - a table
    assert Lockouts().would_change(lock(until=after(seconds)), AT) is changes


def test_only_a_later_end_changes_a_lock() -> None:
    locks = Lockouts()
    put(locks, after(60))
    assert not locks.would_change(lock(until=after(60)), AT)
    assert locks.would_change(lock(until=after(61)), AT)
    assert locks.would_change(lock(), AT)


def test_a_lock_by_hand_is_set_and_lengthened_and_never_shortened() -> None:
    locks = Lockouts()
    assert locks.put_by_hand(after(60), now=AT)
    assert not locks.put_by_hand(after(30), now=AT)
    assert locks.put_by_hand(None, now=AT)
    (one,) = locks.of_rule("admin")
    assert (one.until, one.mode, one.root, one.code) == (None, LockMode.FLAT, None, "LOCKED_BY_HAND")


def test_locks_end_by_themselves_and_by_word() -> None:
    locks = Lockouts()
    put(locks, after(60))
    put(locks, None, root="ES")
    assert not locks.expire(after(59))
    assert locks.expire(after(60))
    assert len(locks.by_key) == 1
    locks.end([one.key for one in locks.of_rule("a_rule")])
    locks.end([("gone", None, LockMode.FLAT, "")])
    assert locks.by_key == {}


def test_locks_are_found_by_rule_and_root() -> None:
    locks = Lockouts()
    put(locks)
    put(locks, root="ES")
    assert len(locks.of_rule("a_rule")) == 2
    assert [one.root for one in locks.of_rule("a_rule", "ES")] == ["ES"]
    assert locks.of_rule("other") == []


def test_a_root_lock_covers_its_root_and_an_account_lock_all_but_its_exceptions() -> None:
    locks = Lockouts()
    root = locks.put(lock(root="ES"), now=AT, reason="", ceilings={})
    account = locks.put(lock(except_roots=["CL"]), now=AT, reason="", ceilings={})
    assert root is not None
    assert account is not None
    assert [root.covers("ES"), root.covers("MES")] == [True, False]
    assert [account.covers("ES"), account.covers("CL")] == [True, False]


@pytest.mark.parametrize(
    ("ceiling", "sizes", "left"),
    [
        (3, (2,), 2),
        (3, (4,), 3),
        (3, (1, 2), 2),
        (3, (0,), None),
        (3, (-2,), None),
        (-3, (-2,), -2),
        (-3, (-4, 0), -3),
        (-3, (1, 0), None),
    ],
)
def test_a_ceiling_falls_as_the_position_shrinks_and_never_rises(
    ceiling: int, sizes: tuple[int, ...], left: int | None
) -> None:
    one = Lockout(
        rule="r", code="C", mode=LockMode.NO_NEW_RISK, root=None, since=AT, until=None, ceilings={MNQ: ceiling}
    )
    one.lower_ceiling(MNQ, *sizes)
    one.lower_ceiling("another", 1)
    assert one.ceilings.get(MNQ) == left


def test_a_lock_that_covers_a_root_more_is_wider_and_never_lets_one_go() -> None:
    locks = Lockouts()
    locks.put(lock(except_roots=["ES", "CL"]), now=AT, reason="", ceilings={})
    assert not locks.would_change(lock(except_roots=["ES", "CL", "NQ"]), AT)
    assert locks.would_change(lock(except_roots=["CL", "NQ"]), AT)
    locks.put(lock(except_roots=["CL", "NQ"]), now=AT, reason="", ceilings={})
    (known,) = locks.by_key.values()
    assert known.except_roots == {"CL"}


def kept(since: float = 0, until: float | None = 60, excepted: str = "", **ceilings: int) -> Lockouts:
    """One lock, as a record has it."""
    one = lock(until=None if until is None else after(until))
    locks = Lockouts()
    locks.put(one, now=after(since), reason="", ceilings=ceilings)
    (only,) = locks.by_key.values()
    only.except_roots = frozenset(excepted.split())
    return locks


def only(locks: Lockouts) -> Lockout:
    (one,) = locks.by_key.values()
    return one


@pytest.mark.parametrize(
    ("known", "told", "is_news", "kept_until"),
    [
        (Lockouts(), kept(), True, 60),
        (kept(), kept(), False, 60),
        (kept(until=60), kept(until=90), True, 90),
        (kept(until=90), kept(until=60), False, 90),
        (kept(until=60), kept(until=None), True, None),
        (kept(since=5, until=30), kept(since=0, until=60), True, 60),
        (kept(since=5, until=60), kept(since=0, until=30), False, 60),
        (kept(since=0, until=60), kept(since=5, until=30), True, 30),
    ],
)
def test_a_lock_of_another_record_is_taken_back_where_it_is_missing_or_ends_later_whenever_each_began(
    known: Lockouts,
    told: Lockouts,
    is_news: bool,  # noqa: FBT001 - a table
    kept_until: float | None,
) -> None:
    assert known.take_back(only(told)) is is_news
    assert only(known).until == (None if kept_until is None else after(kept_until))


def test_a_lock_that_another_record_has_wider_is_widened() -> None:
    known = kept(excepted="ES NQ")
    assert known.take_back(only(kept(excepted="NQ GC")))
    assert only(known).except_roots == {"NQ"}


def test_a_lock_that_another_record_has_no_wider_is_no_news() -> None:
    known = kept(excepted="ES")
    assert not known.take_back(only(kept(excepted="ES NQ")))
    assert only(known).except_roots == {"ES"}


def test_of_two_ceilings_of_the_same_lock_the_lower_one_holds_and_none_where_one_record_has_none() -> None:
    known = kept(a=3, b=-3, c=1, d=1)
    assert not known.take_back(only(kept(a=1, b=-2, c=2)))
    assert only(known).ceilings == {"a": 1, "b": -2, "c": 1}
