"""What is about to be done, and how far it is, in a file of its own beside the database: one write for each step.

A transaction of SQLite takes a dozen system calls, a line of this file one. The line is with the operating system when
`append` returns, so that the death of the process loses nothing of it. The writer's thread carries it into the
database at once. Lines that have come that far stay until the file is full or closed: to cut it each time could make
the next plan wait for a busy disk. A start tells them by their numbers in the journal.
"""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from risk_manager.store.migrations import OWN_TABLES, STATE_TABLES
from risk_manager.store.rows import LOG_TABLES, LogRow, StateRow, append_log, put_state

Intent = Sequence[StateRow | LogRow]
"""A row of a log with the rows of state, and of the daemon's own, that go with it: written together, or not at all."""

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_UNREADABLE = (msgspec.MsgspecError, ValueError)
_FULL = 64 * 1024  # bytes; some sixty plans
_MOST_ROWS = 2**53  # no log has a thousandth of that; a number beyond it is damage
_LOGGED_AS = """
SELECT at, body FROM <table> WHERE id = :id
"""
_LATEST_ID = """
SELECT coalesce(max(id), 0) FROM <table>
"""
# table names come from the tuple of this package, never from outside
_LOGGED_IN = {table: _LOGGED_AS.replace("<table>", table) for table in LOG_TABLES}
_LATEST_IN = {table: _LATEST_ID.replace("<table>", table) for table in LOG_TABLES}


class IntentFile:
    """Open for as long as the database is; its caller sees to it that one thread at a time uses it."""

    def __init__(self, database: Path) -> None:
        """Open or make the file; raise `OSError`.

        A line that an earlier life did not finish is ended, or the first of this one would be lost with it.
        """
        self._file = os.open(path_beside(database), _OPEN, 0o600)
        self._size = os.fstat(self._file).st_size
        if self._size:
            os.lseek(self._file, self._size - 1, os.SEEK_SET)
            if os.read(self._file, 1) != b"\n":
                self._size += os.write(self._file, b"\n")

    def append(self, intent: Intent) -> None:
        """Hand a line to the operating system; raise `OSError`, with the file as it was, when it does not take it."""
        line = msgspec.json.encode(intent) + b"\n"
        written = os.write(self._file, line)
        if written != len(line):  # a disk that is full takes a part
            os.ftruncate(self._file, self._size)
            raise OSError("no room for the whole line")
        self._size += written

    @property
    def is_full(self) -> bool:
        """Tell whether it is time to empty it."""
        return self._size >= _FULL

    def empty(self) -> None:
        """Forget what the database has; raise `OSError`."""
        if self._size:
            os.ftruncate(self._file, 0)
            self._size = 0

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)


def path_beside(database: Path) -> Path:
    """Tell where the intents of a database are."""
    return database.with_name(f"{database.name}-intents")


def take_in(database: Path, connection: sqlite3.Connection) -> None:
    """Write what an earlier life left in its file, unless the logs have it, or have had it.

    The last line may be cut short: then its `append` never returned, and no request left. Raises `sqlite3.Error`.
    """
    try:
        lines = path_beside(database).read_bytes().splitlines()
    except OSError:  # there is none, as at the first start
        return
    latest = {table: _latest_id(connection, table) for table in LOG_TABLES}
    for line in lines:
        try:
            intent = _read(line)
        except _UNREADABLE:
            continue
        if not _is_known(intent, connection, latest):
            _take_in(intent, connection)


def _latest_id(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(_LATEST_IN[table]).fetchone()[0])


def _is_known(intent: Intent, connection: sqlite3.Connection, latest: Mapping[str, int]) -> bool:
    """Tell whether an intent has been in its log.

    Intents are written before whatever was logged after them. So one below the latest number that is not there
    has been deleted with its age; and where another entry stands under its number, somebody wrote that while no
    daemon ran.
    """
    for row in intent:
        if isinstance(row, LogRow):
            found = connection.execute(_LOGGED_IN[row.table], {"id": row.id}).fetchone()
            return row.id < latest[row.table] if found is None else tuple(found) == (row.at, row.body)
    return False


def _read(line: bytes) -> list[StateRow | LogRow]:
    told = msgspec.json.decode(line, type=list[dict[str, object]])
    rows: list[StateRow | LogRow] = [
        msgspec.convert(row, StateRow) if "key" in row else msgspec.convert(row, LogRow) for row in told
    ]
    if not all(map(_has_its_place, rows)):
        raise ValueError("a row of no table")
    return rows


def _has_its_place(row: StateRow | LogRow) -> bool:
    if isinstance(row, StateRow):
        return row.table in STATE_TABLES or row.table in OWN_TABLES
    return row.table in LOG_TABLES and 0 < row.id < _MOST_ROWS


def _take_in(intent: Intent, connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for row in intent:
            if isinstance(row, StateRow):
                put_state(connection, row)
                continue
            append_log(connection, replace(row, id=max(row.id, _latest_id(connection, row.table) + 1)))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
