import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import open_database
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError
from risk_manager.store.reading import stored_state

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 10, 14, 31, tzinfo=UTC)


def test_the_last_words_of_a_daemon_that_is_down(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database = open_database(path)
    database.snapshots.save(7, {"lockouts": {"a": {"rule": "r", "until": None}}, "account_state": {"x": 1}}, at=AT)
    database.journal.append("stopped", {}, at=LATER)
    database.close()
    with stored_state(path) as stored:
        assert stored.account_ids() == [7]
        assert stored.rows(7, "lockouts") == {"a": {"rule": "r", "until": None}}
        assert stored.newest() == LATER
        assert [entry.kind for entry in stored.journal()] == ["stopped"]


def test_a_new_database_has_no_age(tmp_path: Path) -> None:
    open_database(tmp_path / "state.db").close()
    with stored_state(tmp_path / "state.db") as stored:
        assert stored.newest() is None
        assert stored.journal() == []


def test_looking_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="not there"), stored_state(tmp_path / "state.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_left_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreUnavailableError, match="not a database"), stored_state(tmp_path / "state.db"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    open_database(tmp_path / "state.db").close()
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.execute("INSERT INTO schema_version (version) VALUES (99)")
        connection.commit()
    with pytest.raises(SchemaTooNewError), stored_state(tmp_path / "state.db"):
        pass


def test_a_database_in_a_closed_folder_is_told_as_one_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", closed)
    with pytest.raises(StoreUnavailableError, match=r"state\.db cannot be read: Permission denied"):
        stored_state(tmp_path / "state.db").__enter__()
