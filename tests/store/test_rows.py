import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from risk_manager.store.migrations import OWN_TABLES, STATE_TABLES, migrate
from risk_manager.store.rows import ContractRow, LogRow, StateRow, append_log, put_contract, put_state


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        migrate(opened)
        yield opened


@pytest.mark.parametrize("table", [*STATE_TABLES, *OWN_TABLES])
def test_a_row_of_state_is_written_replaced_and_deleted(connection: sqlite3.Connection, table: str) -> None:
    def stored() -> list[tuple[str, str]]:
        return connection.execute(f"SELECT body, saved_at FROM {table}").fetchall()  # noqa: S608 - our own names

    put_state(connection, StateRow(table, 1, "a", "{}", "t1"))
    put_state(connection, StateRow(table, 1, "a", '{"n":1}', "t2"))
    assert stored() == [('{"n":1}', "t2")]
    put_state(connection, StateRow(table, 1, "a", None, "t3"))
    assert stored() == []


def test_deleting_what_is_not_there_is_no_matter(connection: sqlite3.Connection) -> None:
    put_state(connection, StateRow("orders", 1, "a", None, "t"))


@pytest.mark.parametrize("table", ["journal", "enforcement_log"])
def test_a_row_of_a_log_is_added_once(connection: sqlite3.Connection, table: str) -> None:
    row = LogRow(table, 1, "t", None, "kind", "{}")
    append_log(connection, row)
    with pytest.raises(sqlite3.IntegrityError):
        append_log(connection, row)


def test_a_contract_is_replaced_by_what_is_known_now(connection: sqlite3.Connection) -> None:
    for tick in ("0.25", "0.5"):
        put_contract(connection, ContractRow("C", "ESU6", "F.US.EP", tick, "12.50", active=True, saved_at="t"))
    assert connection.execute("SELECT tick_size, active FROM contract_cache").fetchall() == [("0.5", 1)]
