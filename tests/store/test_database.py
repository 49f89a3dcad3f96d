import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import open_database, open_in_memory
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError
from risk_manager.store.migrations import MIGRATIONS

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)


def names_of_tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()


def test_a_new_database_has_every_table(tmp_path: Path) -> None:
    open_database(tmp_path / "data" / "state.db").close()
    assert names_of_tables(tmp_path / "data" / "state.db") >= {
        "lockouts", "daily_pnl", "contract_cache", "trades", "positions", "orders",
        "enforcement_log", "timers", "journal", "schema_version",
        "alerts_outbox", "daemon_life",
    }  # fmt: skip


def test_what_is_stored_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    first = open_database(path)
    first.snapshots.save(1, {"daily_pnl": {"2026-03-10": {"gross": "1.50"}}}, at=AT)
    first.journal.append("started", {}, at=AT)
    first.close()
    second = open_database(path)
    assert second.snapshots.load(1, "daily_pnl") == {"2026-03-10": '{"gross":"1.50"}'}
    assert [entry.kind for entry in second.journal.entries(since=AT)] == ["started"]
    assert second.set_aside is None
    second.close()


@pytest.mark.parametrize("content", [b"this is no database" * 200, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_broken_file_is_set_aside_and_a_new_one_made(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    database = open_database(path)
    assert database.set_aside == tmp_path / "state.db.broken-1"
    assert database.set_aside.read_bytes() == content
    database.journal.append("started", {}, at=AT)
    assert database.flush()
    database.close()


def test_a_second_broken_file_does_not_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    for number in (1, 2):
        path.write_bytes(b"nonsense" * 1000)
        database = open_database(path)
        database.close()
        assert database.set_aside == tmp_path / f"state.db.broken-{number}"


def test_damage_inside_a_good_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = open_database(path)
    for number in range(3000):
        database.journal.append("event", {"number": number, "text": "x" * 100}, at=AT)
    database.close()
    content = bytearray(path.read_bytes())
    content[40_000:200_000] = b"\x5a" * 160_000
    path.write_bytes(content)
    database = open_database(path)
    assert database.set_aside is not None
    database.close()


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    database = open_database(tmp_path / "state.db")
    assert database.set_aside is None
    database.close()


def test_a_newer_schema_is_refused_and_left_alone_with_what_its_last_life_had_not_folded_in(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    open_database(path).close()
    later = sqlite3.connect(path)
    later.execute("INSERT INTO schema_version (version) VALUES (99)")
    later.commit()
    files = {one.name: one.read_bytes() for one in (path, path.with_name("state.db-wal"))}
    later.close()
    for name, content in files.items():  # as a death of the later version leaves them
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SchemaTooNewError, match=f"schema 99, this version knows up to {len(MIGRATIONS)}"):
        open_database(path)
    assert {name: (tmp_path / name).read_bytes() for name in files} == files


def test_a_place_where_nothing_can_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailableError, match=r"state\.db"):
        open_database(tmp_path / "file" / "state.db")
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        open_database(tmp_path / "state.db")


def test_the_memory_only_store_works_alike() -> None:
    database = open_in_memory()
    database.journal.commit_plan({"do": []}, at=AT, account_id=1)
    assert [entry.kind for entry in database.journal.entries(since=AT)] == ["plan"]
    assert database.flush()
    database.close()


def test_the_write_ahead_log_is_in_use_and_gone_after_a_clean_close(tmp_path: Path) -> None:
    database = open_database(tmp_path / "state.db")
    database.journal.commit_plan({}, at=AT, account_id=1)
    assert (tmp_path / "state.db-wal").exists()
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


if sys.platform != "win32":

    def test_nobody_else_may_read_it(tmp_path: Path) -> None:
        database = open_database(tmp_path / "state.db")
        database.journal.commit_plan({}, at=AT, account_id=1)
        assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
        database.close()
