import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from risk_manager.store.place import Place

ROWS = b"what was written"


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A database with rows in its write-ahead log."""
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE told (body)")
    connection.execute("INSERT INTO told VALUES (?)", (ROWS,))
    yield path
    connection.close()


def test_the_log_is_folded_into_the_database(path: Path) -> None:
    place = Place(path)
    place.push_to_disk()
    assert ROWS not in path.read_bytes()
    place.fold()
    assert ROWS in path.read_bytes()


if sys.platform != "win32":  # which lets nobody replace what is open

    def test_a_database_that_was_replaced_is_not_taken_for_safe(path: Path) -> None:
        place = Place(path)
        fresh = path.with_name("fresh")
        fresh.write_bytes(path.read_bytes())
        fresh.replace(path)
        with pytest.raises(OSError, match="moved away or replaced"):
            place.push_to_disk()


def test_a_database_whose_log_is_gone_is_not_taken_for_safe(path: Path) -> None:
    place = Place(path)
    elsewhere = path.with_name("elsewhere.db")
    elsewhere.touch()
    with pytest.raises(OSError, match=r"elsewhere\.db-wal"):
        Place(elsewhere).push_to_disk()
    place.push_to_disk()
