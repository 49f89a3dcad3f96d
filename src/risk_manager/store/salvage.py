"""What a database still tells when it cannot be opened for writing: its locks must not be forgotten for that."""

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

from risk_manager.store.errors import SchemaTooNewError
from risk_manager.store.migrations import refuse_newer

_WRITE_AHEAD_LOG = "-wal"


def salvage(path: Path, into: sqlite3.Connection) -> bool:
    """Copy all that can be read of a database; False, with `into` left empty, when nothing can."""
    return _from_a_copy(path, into) or _from_the_file_alone(path, into)


def _from_a_copy(path: Path, into: sqlite3.Connection) -> bool:
    """Read a copy elsewhere: whoever holds the database, and a full or read-only disk, cannot stop that."""
    try:
        with tempfile.TemporaryDirectory(prefix="risk-manager-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(_beside(path), _beside(copy))
            return _take_all(sqlite3.connect(copy), into)
    except (OSError, sqlite3.Error):
        return False


def _from_the_file_alone(path: Path, into: sqlite3.Connection) -> bool:
    """Read the file where it lies, without what only its write-ahead log knows: no room is needed for that."""
    try:
        return _take_all(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True), into)
    except sqlite3.Error:
        return False


def _take_all(source: sqlite3.Connection, into: sqlite3.Connection) -> bool:
    """Copy a sound database of a schema that is understood, and close it."""
    with contextlib.closing(source):
        try:
            if refuse_newer(source) == 0 or source.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return False
        except SchemaTooNewError:
            return False
        source.backup(into)
        return True


def _beside(path: Path) -> Path:
    return path.with_name(path.name + _WRITE_AHEAD_LOG)
