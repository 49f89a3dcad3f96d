"""The database of one home: opened, upgraded, and set aside when it is broken."""

import contextlib
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from risk_manager.config.files import once_let_go
from risk_manager.store.absence import Absence, Returned
from risk_manager.store.errors import SchemaTooNewError, StoreUnavailableError
from risk_manager.store.intents import IntentFile, take_in
from risk_manager.store.journal import Journal
from risk_manager.store.migrations import migrate, refuse_newer
from risk_manager.store.salvage import salvage
from risk_manager.store.snapshots import Snapshots
from risk_manager.store.writer import Writer

_BUSY = 0.25  # seconds; only a foreign writer can make us wait at all
_BUSY_AT_FIRST = 3.0  # seconds; a backup ends, and without the file the whole run would be in memory only
_LEAP = 2**40  # far beyond any entry that a file may have of which not everything could be read
_COMPANIONS = ("", "-wal", "-shm")
_BROKEN = ("not a database", "malformed", "file is encrypted")


class _BrokenError(Exception):
    """The file is no database, or a damaged one."""


@dataclass(slots=True, kw_only=True)
class Database:
    """An open store. `set_aside` is where a broken file went that was found in its place."""

    writer: Writer
    snapshots: Snapshots
    journal: Journal
    set_aside: Path | None = None

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything is written and safe against the loss of power; False when that did not come."""
        return self.writer.flush(timeout)

    def close(self) -> None:
        """Write what waits and close."""
        self.writer.close()


def open_database(path: Path) -> Database:
    """Open the database, make it, or upgrade it; a broken one is set aside and a new one made.

    Raises `StoreUnavailableError` (the daemon may go on with `open_in_memory`) and `SchemaTooNewError`.
    """
    connection, set_aside = _open(path)
    return _database(Writer(connection, path), set_aside=set_aside)


def open_for_daemon(path: Path) -> Database:
    """Open the database as the one daemon of its home: plans are committed by the file of intents beside it.

    What the file of an earlier life still holds is taken in first. Raises what `open_database` raises.
    """
    connection, set_aside = _open(path)
    return _database(Writer(connection, path, _intents_of(path, connection)), set_aside=set_aside)


def open_when_free(path: Path, why: str) -> Database:
    """Begin with what can still be read of a database that cannot be opened now; what is written waits until it can.

    Until then every commit raises `StoreUnavailableError`, as on a full disk.
    """
    absence = Absence(why, lambda: _reopened(path))
    return _database(Writer(_memory(path), None, absence=absence), leap=_LEAP)


def _reopened(path: Path) -> Returned:
    """Open a database that is there again; one that turns out broken is left for the next start."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_newer_untouched(path)
        connection = _connect(path)
    except (OSError, sqlite3.Error, _BrokenError, SchemaTooNewError) as error:
        raise StoreUnavailableError(f"{path} cannot be opened: {error}") from error
    return Returned(connection, path, _intents_of(path, connection))


def _intents_of(path: Path, connection: sqlite3.Connection) -> IntentFile | None:
    """Take in what an earlier life left in its file, and open that; without it, plans are committed by transactions."""
    try:
        take_in(path, connection)
    except sqlite3.Error as error:
        connection.close()
        raise StoreUnavailableError(f"the intents beside {path} cannot be taken in: {error}") from error
    with contextlib.suppress(OSError):
        return IntentFile(path)
    return None


def _open(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_newer_untouched(path)
        try:
            return _connect(path), None
        except _BrokenError:
            set_aside = _set_aside(path)
            return _connect(path), set_aside
    except (OSError, sqlite3.Error, _BrokenError) as error:
        raise StoreUnavailableError(f"{path} cannot be opened: {error}") from error


def open_in_memory(knowing: Path | None = None) -> Database:
    """Open a store that forgets everything with the process, for when the disk lets us down.

    It begins with what can still be read of the database `knowing`.
    """
    return _database(Writer(_memory(knowing), None))


def _memory(knowing: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if knowing is not None:
        salvage(knowing, connection)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    if knowing is not None:
        take_in(knowing, connection)
    return connection


def _database(writer: Writer, *, set_aside: Path | None = None, leap: int = 0) -> Database:
    journal = Journal(writer, leap=leap)
    return Database(writer=writer, snapshots=Snapshots(writer), journal=journal, set_aside=set_aside)


def _connect(path: Path) -> sqlite3.Connection:
    _create_privately(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_AT_FIRST, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        refuse_newer(connection)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -256")  # kilobytes: rows are written once and hardly ever read
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # the writer's thread does that, off the urgent path
        _examine(connection)
        migrate(connection)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY * 1000:.0f}")
    except sqlite3.DatabaseError as error:
        connection.close()
        if any(sign in str(error) for sign in _BROKEN):
            raise _BrokenError(str(error)) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_newer_untouched(path: Path) -> None:
    """Raise `SchemaTooNewError` before anything is written: a last writer would fold its write-ahead log into it."""
    with contextlib.suppress(sqlite3.Error, OSError):  # what it is else, opening it tells
        if path.exists():
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                refuse_newer(connection)


def _examine(connection: sqlite3.Connection) -> None:
    """Look every page over; raise `_BrokenError` at the first damage."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _BrokenError(found)


def _create_privately(path: Path) -> None:
    """Make an empty file that nobody else can read; SQLite gives its companions the same rights."""
    with contextlib.suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)


def _set_aside(path: Path) -> Path:
    """Rename a broken database and its companions to a name that is free."""
    number = 1
    while path.with_name(f"{path.name}.broken-{number}").exists():
        number += 1
    aside = path.with_name(f"{path.name}.broken-{number}")
    for companion in _COMPANIONS:
        with contextlib.suppress(FileNotFoundError):
            part = path.with_name(path.name + companion)
            once_let_go(partial(part.rename, aside.with_name(aside.name + companion)))
    return aside
