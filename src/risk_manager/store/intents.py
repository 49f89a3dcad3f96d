"""What is about to be done, in a file of its own beside the database: one write before the first request leaves.

A transaction of SQLite takes a dozen system calls, a line of this file one. The line is with the operating system when
`append` returns, so that the death of the process loses nothing of it. The writer's thread carries it into the
database at once and then empties the file: what a start still finds in it had not come that far.
"""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from risk_manager.store.migrations import STATE_TABLES
from risk_manager.store.rows import LogRow, StateRow, append_log, put_state

Intent = Sequence[StateRow | LogRow]
"""A journal row with the rows of state that go with it: written together, or not at all."""

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_UNREADABLE = (msgspec.MsgspecError, ValueError)
_JOURNALED_AS = """
SELECT at, body FROM journal WHERE id = :id
"""
_NEXT_ID = """
SELECT coalesce(max(id), 0) + 1 FROM journal
"""


class IntentFile:
    """Open for as long as the database is; its caller sees to it that one thread at a time uses it."""

    def __init__(self, database: Path) -> None:
        """Open or make the file; raise `OSError`."""
        self._file = os.open(path_beside(database), _OPEN, 0o600)
        self._size = os.fstat(self._file).st_size

    def append(self, intent: Intent) -> None:
        """Hand a line to the operating system; raise `OSError`, with the file as it was, when it does not take it."""
        line = msgspec.json.encode(intent) + b"\n"
        written = os.write(self._file, line)
        if written != len(line):  # a disk that is full takes a part
            os.ftruncate(self._file, self._size)
            raise OSError("no room for the whole line")
        self._size += written

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
    """Write what an earlier life left in its file, unless the journal has it.

    The last line may be cut short: then its `append` never returned, and no request left. Raises `sqlite3.Error`.
    """
    try:
        lines = path_beside(database).read_bytes().splitlines()
    except OSError:  # there is none, as at the first start
        return
    for line in lines:
        try:
            intent = _read(line)
        except _UNREADABLE:
            continue
        _take_in(intent, connection)


def _read(line: bytes) -> list[StateRow | LogRow]:
    told = msgspec.json.decode(line, type=list[dict[str, object]])
    rows: list[StateRow | LogRow] = [
        msgspec.convert(row, StateRow) if "key" in row else msgspec.convert(row, LogRow) for row in told
    ]
    if any(row.table not in (*STATE_TABLES, "journal") for row in rows):
        raise ValueError("a row of no table")
    return rows


def _take_in(intent: Intent, connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for row in intent:
            if isinstance(row, StateRow):
                put_state(connection, row)
                continue
            taken = connection.execute(_JOURNALED_AS, {"id": row.id}).fetchone()
            if taken is not None and tuple(taken) == (row.at, row.body):
                connection.execute("ROLLBACK")
                return
            # somebody may have journaled under its number while no daemon ran
            number = row.id if taken is None else connection.execute(_NEXT_ID).fetchone()[0]
            append_log(connection, replace(row, id=number))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
