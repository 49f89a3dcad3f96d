import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import Database, open_database, open_for_daemon
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.intents import path_beside
from risk_manager.store.reading import stored_state
from risk_manager.store.writer import Writer

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = open_database(path)
    yield opened
    opened.close()


def allow_growth(writer: Writer, *, pages: int) -> None:
    """SQLite's own limit stands for a disk that is full."""
    writer.read(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(database: Database) -> None:
    allow_growth(database.writer, pages=1)
    with pytest.raises(StoreUnavailableError, match="full"):
        database.journal.commit_plan({"text": "x" * 100_000}, at=AT, account_id=1)
    assert "full" in str(database.writer.failure)
    assert database.writer.waiting == 1
    allow_growth(database.writer, pages=100_000)
    assert database.flush()
    assert database.writer.waiting == 0
    assert [entry.kind for entry in database.journal.entries(since=AT)] == ["plan"]


def test_a_foreign_writer_delays_but_loses_nothing(database: Database, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="locked"):
            database.journal.commit_plan({"n": 1}, at=AT, account_id=1)
        foreign.execute("ROLLBACK")
    database.journal.commit_plan({"n": 2}, at=AT, account_id=1)
    assert database.flush()
    assert [entry.body["n"] for entry in database.journal.entries(since=AT)] == [1, 2]


def test_a_database_that_became_read_only_is_told(database: Database) -> None:
    database.writer.read("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailableError, match="readonly"):
        database.journal.commit_plan({}, at=AT, account_id=1)
    assert not database.flush()
    database.writer.read("PRAGMA query_only = OFF")


if sys.platform != "win32":  # which lets nobody move what is open

    @pytest.mark.parametrize("instead", [False, True])
    def test_a_database_moved_away_under_the_daemon_is_told_until_it_is_back(tmp_path: Path, *, instead: bool) -> None:
        data = tmp_path / "data"
        with closing(open_database(data / "state.db")) as database:
            database.journal.append("event", {"n": 1}, at=AT)
            assert database.flush()
            data.rename(tmp_path / "moved")
            if instead:
                open_database(data / "state.db").close()
            database.journal.append("event", {"n": 2}, at=AT)
            assert not database.flush()
            assert "moved away or replaced" in str(database.writer.failure)
            if instead:
                shutil.rmtree(data)
            (tmp_path / "moved").rename(data)
            database.journal.append("event", {"n": 3}, at=AT)
            assert database.flush()
        with stored_state(data / "state.db") as stored:
            assert len(stored.journal()) == 3


def test_state_that_changed_during_a_failure_is_not_overwritten_by_the_older_word(database: Database) -> None:
    database.writer.read("PRAGMA query_only = ON")
    rows = database.snapshots.changes(1, {"timers": {"x": {"n": 1}}}, at=AT)
    with pytest.raises(StoreUnavailableError):
        database.journal.commit_plan({}, at=AT, account_id=1, state=rows)
    database.snapshots.save(1, {"timers": {"x": {"n": 2}}}, at=AT)
    database.writer.read("PRAGMA query_only = OFF")
    assert database.flush()
    assert database.snapshots.load(1, "timers") == {"x": '{"n":2}'}


def test_readers_see_commits_while_the_daemon_is_at_work(database: Database, path: Path) -> None:
    rows = database.snapshots.changes(1, {"account_state": {"account": {"balance": "50000"}}}, at=AT)
    database.journal.commit_plan({}, at=AT, account_id=1, state=rows)
    with stored_state(path) as stored:
        assert stored.account_ids() == [1]
        assert stored.newest() == AT


def test_many_rows_are_all_written_and_folded_into_the_database(database: Database, path: Path) -> None:
    for number in range(5000):
        database.journal.append("event", {"number": number}, at=AT)
    assert database.flush()
    assert len(database.journal.entries(since=AT)) == 5000
    assert path.stat().st_size > 100_000


def test_closing_writes_what_waits(path: Path) -> None:
    database = open_database(path)
    for number in range(500):
        database.journal.append("event", {"number": number}, at=AT)
    database.close()
    with stored_state(path) as stored:
        assert len(stored.journal(limit=1000)) == 500


def test_closing_ends_also_when_nothing_can_be_written(path: Path) -> None:
    database = open_database(path)
    database.writer.read("PRAGMA query_only = ON")
    database.journal.append("event", {}, at=AT)
    database.close()
    assert database.writer.waiting == 1


@pytest.fixture
def daemons(path: Path) -> Iterator[Database]:
    opened = open_for_daemon(path)
    yield opened
    opened.close()


def test_an_intent_waits_for_no_foreign_writer(daemons: Database, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        daemons.journal.commit_plan({"n": 1}, at=AT, account_id=1)
        foreign.execute("ROLLBACK")
    assert daemons.flush()
    assert [entry.body["n"] for entry in daemons.journal.entries(since=AT)] == [1]


def test_intents_that_could_not_be_written_are_tried_again_whole_and_first(daemons: Database, path: Path) -> None:
    daemons.writer.read("PRAGMA query_only = ON")
    rows = daemons.snapshots.changes(1, {"timers": {"x": {"n": 1}}}, at=AT)
    daemons.journal.commit_plan({"n": 1}, at=AT, account_id=1, state=rows)
    assert not daemons.flush()
    assert daemons.writer.waiting == 2
    assert path_beside(path).stat().st_size > 0
    daemons.snapshots.save(1, {"timers": {"x": {"n": 2}}}, at=AT)
    daemons.writer.read("PRAGMA query_only = OFF")
    assert daemons.flush()
    assert daemons.snapshots.load(1, "timers") == {"x": '{"n":2}'}


def test_an_intent_takes_the_place_of_an_older_word_that_still_waits(daemons: Database) -> None:
    daemons.snapshots.save(1, {"timers": {"x": {"n": 1}}}, at=AT)
    rows = daemons.snapshots.changes(1, {"timers": {"x": {"n": 2}}}, at=AT)
    daemons.journal.commit_plan({}, at=AT, account_id=1, state=rows)
    assert daemons.flush()
    assert daemons.snapshots.load(1, "timers") == {"x": '{"n":2}'}
