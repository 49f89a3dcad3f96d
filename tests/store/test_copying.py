import sqlite3
from pathlib import Path

import pytest

from risk_manager.store.copying import copy_database, examine_database
from risk_manager.store.database import open_database
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError


def test_a_database_is_copied_whole_while_its_daemon_writes(tmp_path: Path) -> None:
    database = open_database(tmp_path / "state.db")
    try:
        copy_database(tmp_path / "state.db", tmp_path / "copy.db")
    finally:
        database.close()
    examine_database(tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("nothing of the kind, and long enough to be looked at")
    with pytest.raises(StoreUnavailableError, match="no database"):
        examine_database(tmp_path / "copy.db")
    with pytest.raises(StoreUnavailableError, match="cannot be copied"):
        copy_database(tmp_path / "absent.db", tmp_path / "other.db")


def test_a_copy_of_a_later_version_is_told(tmp_path: Path) -> None:
    open_database(tmp_path / "state.db").close()
    connection = sqlite3.connect(tmp_path / "state.db")
    connection.execute("INSERT INTO schema_version (version) VALUES (9999)")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaTooNewError):
        examine_database(tmp_path / "state.db")
