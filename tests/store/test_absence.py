"""A database that could not be opened at the start: everything waits, and is written when it can be opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store import database as module
from risk_manager.store.database import Database, open_for_daemon, open_when_free
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.intents import path_beside
from risk_manager.store.reading import stored_state

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
OLD, NEW = {"old": {"until": None}}, {"new": {"until": None}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "_BUSY_AT_FIRST", 0.0)
    path = tmp_path / "state.db"
    with closing(open_for_daemon(path)) as database:
        database.snapshots.save(1, {"lockouts": OLD}, at=AT)
        database.journal.append("event", {"n": 1}, at=AT)
    return path


@contextmanager
def held_by_somebody_else(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield


def write_something(database: Database) -> None:
    database.snapshots.load(1, "lockouts")
    database.snapshots.save(1, {"lockouts": NEW}, at=AT)
    database.journal.append("event", {"n": 2}, at=AT)
    with pytest.raises(StoreUnavailableError, match="locked"):
        database.journal.commit_plan({"n": 3}, at=AT, account_id=1)
    with pytest.raises(StoreUnavailableError, match="locked"):
        database.journal.log_enforcement("proven", {"n": 4}, at=AT, account_id=1)


def journal_of(path: Path) -> list[int]:
    with stored_state(path) as stored:
        return [entry.body["n"] for entry in stored.journal()]


def locks_of(path: Path) -> list[str]:
    with closing(open_for_daemon(path)) as database:
        return list(database.snapshots.load(1, "lockouts"))


def test_a_database_that_was_locked_at_the_start_is_read_at_once_and_written_once_it_is_free(path: Path) -> None:
    with held_by_somebody_else(path):
        with pytest.raises(StoreUnavailableError, match="locked"):
            open_for_daemon(path)
        database = open_when_free(path, "the database is locked")
        assert database.snapshots.load(1, "lockouts") == {"old": '{"until":null}'}
        write_something(database)
        assert not database.flush()
        assert "locked" in str(database.writer.failure)
        assert database.writer.waiting == 5
    assert database.flush()
    assert (database.writer.failure, database.writer.waiting) == (None, 0)
    database.close()
    assert sorted(journal_of(path)) == [1, 2, 3]
    assert locks_of(path) == ["new"]


def test_once_it_is_free_a_plan_is_as_safe_from_sudden_death_as_ever(path: Path) -> None:
    with held_by_somebody_else(path):
        database = open_when_free(path, "the database is locked")
    database.journal.append("event", {"n": 2}, at=AT)
    assert database.flush()
    database.journal.commit_plan({"n": 3}, at=AT, account_id=1)
    assert b'"kind":"plan"' in path_beside(path).read_bytes()
    database.close()


def test_what_cannot_be_read_at_the_start_is_still_there_when_the_database_is_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "salvage", lambda *_: False)
    with held_by_somebody_else(path):
        database = open_when_free(path, "the database is locked")
        write_something(database)
    assert database.flush()
    database.close()
    assert sorted(journal_of(path)) == [1, 2, 3]  # under numbers of their own
    assert sorted(locks_of(path)) == ["new", "old"]


def test_it_ends_though_the_database_never_came_back(path: Path) -> None:
    with held_by_somebody_else(path):
        database = open_when_free(path, "the database is locked")
        write_something(database)
        database.close()
    assert journal_of(path) == [1]


@pytest.mark.parametrize(("spoiled", "why"), [(b"no database " * 1000, "not a database"), (b"", "schema 999")])
def test_a_database_that_turns_out_broken_or_too_new_is_left_as_it_is_and_told(
    path: Path, spoiled: bytes, why: str
) -> None:
    database = open_when_free(path, "the database is locked")
    path.write_bytes(spoiled)
    if not spoiled:
        with closing(sqlite3.connect(path)) as later:
            later.execute("CREATE TABLE schema_version AS SELECT 999 AS version")
    before = path.read_bytes()
    database.journal.append("event", {"n": 2}, at=AT)
    assert not database.flush()
    assert why in str(database.writer.failure)
    database.close()
    assert path.read_bytes() == before
