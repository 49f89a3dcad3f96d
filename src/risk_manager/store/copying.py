"""A copy of the database as of one instant, also while its daemon writes."""

import contextlib
import sqlite3
from pathlib import Path

from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.migrations import refuse_newer


def copy_database(source: Path, target: Path) -> None:
    """Copy whole; raise `StoreUnavailableError`."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as one,
            contextlib.closing(sqlite3.connect(target)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"{source} cannot be copied: {error}") from error


def examine_database(path: Path) -> None:
    """Look a copy over; raise `StoreUnavailableError` when it is broken, `SchemaTooNewError` when it is too new."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            refuse_newer(connection)
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"{path.name} is no database: {error}") from error
    if found != "ok":
        raise StoreUnavailableError(f"{path.name} is damaged: {found}")
