"""A log file that is turned over when a day (UTC) or 10 MB are full, and kept for a week."""

import logging
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path

KEPT = timedelta(days=7)
"""How long what was turned over is kept."""
LARGEST = 10_000_000
"""Bytes from which a file is turned over before its day is."""
MOST_FILES = 12
"""Older files kept of one log: a storm of events loses the oldest of the week, rather than fill the disk."""


class LogFile(RotatingFileHandler):
    """Turns over by the day of the records, so that nothing here asks a clock; `daemon.log.1` is the latest of the old.

    What a full disk does not take is left out: the store tells people of it, and they are to see no traceback.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST) -> None:
        """Open the file; raises `OSError` when it cannot be written."""
        super().__init__(path, maxBytes=largest, backupCount=MOST_FILES, encoding="utf-8")
        self._path = path
        self._day: date | None = _last_written(path) if path.stat().st_size else None

    def shouldRollover(self, record: logging.LogRecord) -> int:  # noqa: N802  the standard library's name
        """Tell whether this record begins a new file."""
        day = datetime.fromtimestamp(record.created, UTC).date()
        is_next = self._day is not None and day > self._day
        if self._day is None or is_next:
            self._day = day
            self._forget(day - KEPT)
        return 1 if is_next or super().shouldRollover(record) else 0

    def doRollover(self) -> None:  # noqa: N802  the standard library's name
        """Put the file aside; on Windows somebody who reads it can be in the way, and then it goes on growing."""
        with suppress(OSError):
            super().doRollover()
        if self.stream is None:
            self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the standard library's name
        """Let the line go."""

    def _forget(self, before: date) -> None:
        """Delete what was last written before this day."""
        for path in older_files(self._path):
            with suppress(OSError):
                if _last_written(path) < before:
                    path.unlink()


def older_files(path: Path) -> tuple[Path, ...]:
    """List what was turned over of this log and is still there, the latest first."""
    numbered = (path.with_name(f"{path.name}.{number}") for number in range(1, MOST_FILES + 1))
    return tuple(one for one in numbered if one.exists())


def _last_written(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
