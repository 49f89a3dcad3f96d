import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import Database, open_database, open_in_memory
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.salvage import salvage

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
LOCK = {"manual": {"until": None}}


@pytest.fixture
def memory() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def store_a_lock(path: Path) -> None:
    database = open_database(path)
    database.snapshots.save(1, {"lockouts": LOCK}, at=AT)
    assert database.flush()
    database.close()


@contextlib.contextmanager
def held_by_somebody_else(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE theirs (a)")
        yield


def locks_of(database: Database) -> list[str]:
    return list(database.snapshots.load(1, "lockouts"))


def test_a_database_that_somebody_else_holds_does_not_make_the_locks_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store_a_lock(path)
    with held_by_somebody_else(path):
        database = open_in_memory(knowing=path)
        assert locks_of(database) == ["manual"]
        database.close()


def test_what_only_the_write_ahead_log_knows_is_salvaged_too(tmp_path: Path, memory: sqlite3.Connection) -> None:
    path = tmp_path / "state.db"
    alive = open_database(path)
    alive.snapshots.save(1, {"lockouts": LOCK}, at=AT)
    assert alive.flush()
    assert salvage(path, memory)
    assert memory.execute("SELECT key FROM lockouts").fetchall() == [("manual",)]
    alive.close()


def test_without_room_for_a_copy_the_file_is_read_where_it_lies(
    tmp_path: Path, memory: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    store_a_lock(path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no-such-folder"))
    assert salvage(path, memory)
    assert memory.execute("SELECT key FROM lockouts").fetchall() == [("manual",)]


@pytest.mark.parametrize("content", [None, b"", b"no database" * 500])
def test_nothing_is_salvaged_where_nothing_can_be_read(
    tmp_path: Path, memory: sqlite3.Connection, content: bytes | None
) -> None:
    path = tmp_path / "state.db"
    if content is not None:
        path.write_bytes(content)
    assert not salvage(path, memory)
    assert memory.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_schema_of_a_later_version_is_left_alone(tmp_path: Path, memory: sqlite3.Connection) -> None:
    path = tmp_path / "state.db"
    store_a_lock(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as later:
        later.execute("INSERT INTO schema_version (version) VALUES (99)")
    assert not salvage(path, memory)


def test_a_held_database_is_said_to_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.db"
    store_a_lock(path)
    monkeypatch.setattr("risk_manager.store.database._BUSY_AT_FIRST", 0.01)
    with held_by_somebody_else(path), pytest.raises(StoreUnavailableError, match="locked"):
        open_database(path)
