"""Where a database lies: what is committed is pushed to the disk there, as long as the next start will find it."""

import os
import sqlite3
from pathlib import Path


class Place:
    """The file of a database that is open, beside it its write-ahead log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = path.stat()

    def push_to_disk(self) -> None:
        """Make the write-ahead log safe; raise `OSError`, also where the next start would not find it."""
        path = self._path
        if not path.exists() or not os.path.samestat(path.stat(), self._opened):
            raise OSError(
                f"{path} was moved away or replaced, and what is written goes with it: put it back, or restart"
            )
        log = os.open(path.with_name(f"{path.name}-wal"), os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(log)
        finally:
            os.close(log)

    def fold(self) -> None:
        """Fold the write-ahead log into the database, so that it does not grow for ever; this blocks nobody."""
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=1)
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()
