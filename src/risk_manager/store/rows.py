"""Rows on their way to the database, and the statements that write them."""

import sqlite3
from dataclasses import dataclass

from risk_manager.store.migrations import OWN_TABLES, STATE_TABLES

LOG_TABLES = ("journal", "enforcement_log")
"""Tables whose rows are only ever added."""

_PUT = """
INSERT INTO <table> (account_id, key, body, saved_at) VALUES (:account_id, :key, :body, :saved_at)
ON CONFLICT (account_id, key) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at
"""
_DROP = """
DELETE FROM <table> WHERE account_id = :account_id AND key = :key
"""
_APPEND = """
INSERT INTO <table> (id, at, account_id, kind, body) VALUES (:id, :at, :account_id, :kind, :body)
"""
# table names come from the tuples of this package, never from outside
_PUT_INTO = {table: _PUT.replace("<table>", table) for table in (*STATE_TABLES, *OWN_TABLES)}
_DROP_FROM = {table: _DROP.replace("<table>", table) for table in (*STATE_TABLES, *OWN_TABLES)}
_APPEND_TO = {table: _APPEND.replace("<table>", table) for table in LOG_TABLES}


@dataclass(frozen=True, slots=True)
class StateRow:
    """What a row of state is now; `body` None: it is no more."""

    table: str
    account_id: int
    key: str
    body: str | None
    saved_at: str

    @property
    def place(self) -> tuple[str, int, str]:
        """What a later word on the same row has in common with it."""
        return (self.table, self.account_id, self.key)


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row that is only ever added, to `journal` or `enforcement_log`; `id` gives its order."""

    table: str
    id: int
    at: str
    account_id: int | None
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class ContractRow:
    """What a contract is, for a start without the venue."""

    contract_id: str
    name: str
    symbol_id: str
    tick_size: str
    tick_value: str
    active: bool
    saved_at: str


def put_state(connection: sqlite3.Connection, row: StateRow) -> None:
    """Write or delete a row of state."""
    keys = {"account_id": row.account_id, "key": row.key}
    if row.body is None:
        connection.execute(_DROP_FROM[row.table], keys)
    else:
        connection.execute(_PUT_INTO[row.table], {**keys, "body": row.body, "saved_at": row.saved_at})


def append_log(connection: sqlite3.Connection, row: LogRow) -> None:
    """Add a row to a log."""
    values = {"id": row.id, "at": row.at, "account_id": row.account_id, "kind": row.kind, "body": row.body}
    connection.execute(_APPEND_TO[row.table], values)


def put_contract(connection: sqlite3.Connection, row: ContractRow) -> None:
    """Write what a contract is."""
    connection.execute(
        """
        INSERT INTO contract_cache (contract_id, name, symbol_id, tick_size, tick_value, active, saved_at)
        VALUES (:contract_id, :name, :symbol_id, :tick_size, :tick_value, :active, :saved_at)
        ON CONFLICT (contract_id) DO UPDATE SET
            name = excluded.name, symbol_id = excluded.symbol_id, tick_size = excluded.tick_size,
            tick_value = excluded.tick_value, active = excluded.active, saved_at = excluded.saved_at
        """,
        {
            "contract_id": row.contract_id,
            "name": row.name,
            "symbol_id": row.symbol_id,
            "tick_size": row.tick_size,
            "tick_value": row.tick_value,
            "active": row.active,
            "saved_at": row.saved_at,
        },
    )
