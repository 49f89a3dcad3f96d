from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import Database, open_database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.own_rows import OwnRows

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
BODY = '{"channel":"a","due_at":"x","alert":{"kind":"breach","title":"t","count":2}}'


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "state.db")
    yield opened
    opened.close()


def test_rows_are_kept_replaced_and_dropped(database: Database) -> None:
    rows = OwnRows(database.writer, "alerts_outbox")
    rows.keep("b", "{}", at=AT)
    rows.keep("a", "{}", at=AT, account_id=7)
    rows.keep("a", BODY, at=AT, account_id=7)
    database.flush()
    assert rows.load() == {"a": BODY, "b": "{}"}
    rows.drop("b", at=AT)
    database.flush()
    assert rows.load() == {"a": BODY}


def test_people_can_read_what_waits_in_columns(database: Database) -> None:
    OwnRows(database.writer, "alerts_outbox").keep("a", BODY, at=AT)
    database.flush()
    (row,) = database.writer.read("SELECT channel, due_at, kind, title, count FROM alerts_outbox")
    assert tuple(row) == ("a", "x", "breach", "t", 2)


def test_a_table_that_is_gone_is_told(database: Database) -> None:
    database.writer.change("DROP TABLE daemon_life", {})
    with pytest.raises(StoreUnavailableError):
        OwnRows(database.writer, "daemon_life").load()
