import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from risk_manager.store.errors import SchemaTooNewError
from risk_manager.store.migrations import MIGRATIONS, instant_text, migrate, schema_of

STEPS = (("CREATE TABLE a (x)",), ("CREATE TABLE b (x)", "INSERT INTO a VALUES (1)"))


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def test_an_older_schema_is_brought_up_step_by_step(connection: sqlite3.Connection) -> None:
    assert migrate(connection, STEPS[:1]) == 0
    assert migrate(connection, STEPS) == 1
    assert schema_of(connection) == 2
    assert connection.execute("SELECT x FROM a").fetchall() == [(1,)]


def test_the_newest_schema_stays_as_it_is(connection: sqlite3.Connection) -> None:
    migrate(connection, STEPS)
    assert migrate(connection, STEPS) == 2
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_a_step_that_fails_leaves_nothing_of_itself(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (STEPS[0], ("CREATE TABLE c (x)", "nonsense")))
    assert schema_of(connection) == 1
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'c'").fetchone() == (0,)


def test_a_newer_schema_is_refused(connection: sqlite3.Connection) -> None:
    migrate(connection, STEPS)
    with pytest.raises(SchemaTooNewError):
        migrate(connection, STEPS[:1])


def test_columns_are_read_out_of_the_stored_row(connection: sqlite3.Connection) -> None:
    migrate(connection, MIGRATIONS)
    connection.execute("""
        INSERT INTO positions (account_id, key, body, saved_at) VALUES
        (1, 'C', '{"position": {"contract_id": "C", "net_size": -2, "average_price": "21000.25"}}', '')
    """)
    row = connection.execute("SELECT contract_id, net_size, average_price, since FROM positions").fetchone()
    assert row == ("C", -2, "21000.25", None)


def test_instants_sort_as_text() -> None:
    instants = [
        datetime(2026, 3, 10, 9, tzinfo=timezone(timedelta(hours=-5))),
        datetime(2026, 3, 10, 14, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 10, 14, 0, 1, tzinfo=UTC),
    ]
    texts = [instant_text(instant) for instant in instants]
    assert texts == sorted(texts)
    assert texts[0] == "2026-03-10T14:00:00.000000+00:00"
