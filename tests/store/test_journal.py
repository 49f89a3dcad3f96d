from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.core.actions import CloseAll, Lock, LockMode
from risk_manager.core.decisions import Decision, Plan
from risk_manager.store.database import Database, open_database

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "state.db")
    yield opened
    opened.close()


def test_entries_keep_their_order_also_past_an_urgent_one(database: Database) -> None:
    database.journal.append("first", {"n": 1}, at=AT)
    database.journal.commit_plan({"n": 2}, at=AT, account_id=7)
    database.journal.append("third", {"n": 3}, at=AT, account_id=7)
    assert database.flush()
    entries = database.journal.entries(since=AT)
    assert [(entry.kind, entry.account_id, entry.body["n"]) for entry in entries] == [
        ("first", None, 1),
        ("plan", 7, 2),
        ("third", 7, 3),
    ]
    assert [entry.id for entry in entries] == [1, 2, 3]


def test_a_plan_is_readable_the_moment_it_is_committed(database: Database) -> None:
    lock = Lock(rule="r", code="C", mode=LockMode.FLAT, until=AT)
    plan = Plan(
        at=AT, account_id=7, actions=(CloseAll(), lock),
        decisions=(Decision(rule="r", code="C", actions=(CloseAll(),), measured=Decimal("512.50"), limit=500),),
    )  # fmt: skip
    database.journal.commit_plan(plan, at=AT, account_id=7)
    (entry,) = database.journal.entries(since=AT)
    assert entry.body["decisions"][0]["measured"] == "512.50"
    assert entry.body["actions"][1]["mode"] == "flat"


def test_the_latest_plan_is_found_behind_whatever_else_was_noted(database: Database) -> None:
    assert database.journal.last_plan_at() is None
    database.journal.commit_plan({}, at=AT, account_id=7)
    database.journal.commit_plan({}, at=AT + DAY, account_id=7)
    database.journal.commit("daemon_status", {}, at=AT + 2 * DAY)
    assert database.journal.last_plan_at() == AT + DAY


def test_the_locks_that_waited_are_committed_with_the_plan(database: Database) -> None:
    database.snapshots.save(7, {"lockouts": {"a": {"rule": "r"}}}, at=AT)
    rows = database.snapshots.changes(7, {"lockouts": {"a": {"rule": "r"}, "b": {"rule": "s"}}}, at=AT)
    database.journal.commit_plan({}, at=AT, account_id=7, state=rows)
    assert list(database.snapshots.load(7, "lockouts")) == ["a", "b"]


def test_a_later_word_on_a_row_wins_whichever_way_it_goes(database: Database) -> None:
    snapshots = database.snapshots
    snapshots.save(7, {"lockouts": {"a": {"n": 1}}}, at=AT)
    state = snapshots.changes(7, {"lockouts": {"a": {"n": 2}}}, at=AT)
    database.journal.commit_plan({}, at=AT, account_id=7, state=state)
    assert database.flush()
    assert snapshots.load(7, "lockouts") == {"a": '{"n":2}'}


def test_numbering_goes_on_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        database = open_database(tmp_path / "other.db")
        database.journal.append("started", {}, at=AT)
        database.journal.log_enforcement("started", {}, at=AT, account_id=1)
        database.close()
    database = open_database(tmp_path / "other.db")
    assert [entry.id for entry in database.journal.entries(since=AT)] == [1, 2]
    assert [entry.id for entry in database.journal.enforcements(limit=9)] == [1, 2]
    database.close()


def test_the_latest_steps_are_read_in_the_order_in_which_they_were_taken(database: Database) -> None:
    for kind in ("started", "failed", "proven"):
        database.journal.log_enforcement(kind, {}, at=AT, account_id=1)
    assert [entry.kind for entry in database.journal.enforcements(limit=2)] == ["failed", "proven"]


def test_compaction_deletes_what_is_older(database: Database) -> None:
    for day in range(10):
        database.journal.append("event", {"day": day}, at=AT + day * DAY)
        database.journal.log_enforcement("proven", {}, at=AT + day * DAY, account_id=1)
    assert database.flush()
    assert database.journal.compact(AT + 7 * DAY) == 14
    assert [entry.body["day"] for entry in database.journal.entries(since=AT)] == [7, 8, 9]
    assert database.journal.compact(AT + 7 * DAY) == 0
