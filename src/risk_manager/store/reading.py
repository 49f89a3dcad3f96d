"""The database read by others than its daemon, which may be at work, or down."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.journal import Entry, entries_of
from risk_manager.store.migrations import STATE_TABLES, refuse_newer, schema_of

_COMMITMENTS_SINCE = 3  # schema
_SELECT_ALL = """
SELECT key, body FROM <table> WHERE account_id = :account_id ORDER BY key
"""
_LATEST = """
SELECT max(saved_at) FROM <table>
"""
# table names come from the tuple of this package, never from outside
_ROWS_OF = {table: _SELECT_ALL.replace("<table>", table) for table in STATE_TABLES}
_LATEST_OF = {table: _LATEST.replace("<table>", table) for table in STATE_TABLES}


class StoredState:
    """What the daemon last wrote down."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, account_id: int, part: str) -> dict[str, Any]:
        """Read a part of an account as plain values, by key."""
        found = self._connection.execute(_ROWS_OF[part], {"account_id": account_id})
        return {row["key"]: msgspec.json.decode(row["body"]) for row in found}

    def account_ids(self) -> list[int]:
        """List the accounts of which something is stored."""
        found = self._connection.execute(
            """
            SELECT DISTINCT account_id FROM account_state ORDER BY account_id
            """
        )
        return [row["account_id"] for row in found]

    def commitments(self) -> str | None:
        """Read the stored copy of what is held; None where there is none, or the schema is older."""
        if schema_of(self._connection) < _COMMITMENTS_SINCE:
            return None
        found = self._connection.execute(
            """
            SELECT body FROM commitments WHERE key = 'record'
            """
        ).fetchone()
        return None if found is None else str(found["body"])

    def newest(self) -> datetime | None:
        """Tell when the daemon last wrote anything; None when it never did."""
        found = [self._connection.execute(statement).fetchone()[0] for statement in _LATEST_OF.values()]
        found.append(self._latest_entry())
        latest = max((text for text in found if text is not None), default=None)
        return None if latest is None else datetime.fromisoformat(latest)

    def journal(self, *, limit: int = 100) -> list[Entry]:
        """Read the latest entries of the journal, newest first."""
        found = self._connection.execute(
            """
            SELECT id, at, account_id, kind, body FROM journal ORDER BY id DESC LIMIT :limit
            """,
            {"limit": limit},
        )
        return entries_of(found)

    def _latest_entry(self) -> str | None:
        found = self._connection.execute(
            """
            SELECT at FROM journal ORDER BY id DESC LIMIT 1
            """
        ).fetchone()
        return None if found is None else str(found["at"])


@contextlib.contextmanager
def stored_state(path: Path) -> Iterator[StoredState]:
    """Open the database for a look; raise `StoreUnavailableError` and `SchemaTooNewError`. Nothing is changed."""
    try:
        is_there = path.exists()
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be read: {error.strerror}") from error
    if not is_there:
        raise StoreUnavailableError(f"{path} is not there; the daemon has not run on this home yet")
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1, isolation_level=None)
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"{path} cannot be opened: {error}") from error
    try:
        connection.row_factory = sqlite3.Row
        refuse_newer(connection)
        yield StoredState(connection)
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"{path} cannot be read: {error}") from error
    finally:
        connection.close()
