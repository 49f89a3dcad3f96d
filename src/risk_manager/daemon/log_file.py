"""A log file that is turned over when a day (UTC) or 10 MB are full, and kept for a week."""

import logging
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

KEPT = timedelta(days=7)
"""How long what was turned over is kept."""
LARGEST = 10_000_000
"""Bytes from which a file is turned over before its day is."""
MOST_FILES = 12
"""Older files kept of one log: a storm of events loses the oldest of the week, rather than fill the disk."""


TRY_AGAIN = 5.0
"""Seconds after which a file that could not be put aside is tried again: Windows moves none that somebody reads."""


class LogFile(RotatingFileHandler):
    """Turns over by the day of the records, so that nothing here asks a clock; `daemon.log.1` is the latest of the old.

    While a reader is in the way the file goes on growing: no line waits, and no line is lost. What a full disk does
    not take is left out: the store tells people of it, and they are to see no traceback.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST) -> None:
        """Open the file; raises `OSError` when it cannot be written."""
        super().__init__(path, maxBytes=largest, backupCount=MOST_FILES, encoding="utf-8")
        self._path = path
        self._day: date | None = _last_written(path) if path.stat().st_size else None
        """The day that the file is of."""
        self._latest = 0.0
        self._tried_at = float("-inf")

    def shouldRollover(self, record: logging.LogRecord) -> int:  # noqa: N802  the standard library's name
        """Tell whether this record begins a new file."""
        self._latest = record.created
        day = _day_of(record.created)
        if self._day is None:
            self._day = day
            self._forget(day - KEPT)
        if abs(self._latest - self._tried_at) < TRY_AGAIN:
            return 0
        return 1 if day > self._day or super().shouldRollover(record) else 0

    def doRollover(self) -> None:  # noqa: N802  the standard library's name
        """Put the file aside, or leave that to a later record."""
        day = _day_of(self._latest)
        self._forget(day - KEPT)
        stream, self.stream = self.stream, None
        try:
            if stream is not None:
                stream.close()
            self._put_aside()
        except OSError:
            self._tried_at = self._latest
        else:
            self._day = day
        self.stream = self._open()

    def _put_aside(self) -> None:
        """Move the files up to the first free place; raise `OSError`, after which the next try goes on from here."""
        places = (self._path, *_numbered(self._path))
        free = next((number for number, place in enumerate(places) if number and not place.exists()), None)
        if free is None:
            free = MOST_FILES
            places[free].unlink()
        for number in range(free, 0, -1):
            places[number - 1].rename(places[number])

    def _open(self) -> TextIOWrapper:
        """Make the file one that nobody else can read: it tells of money."""
        with suppress(FileExistsError):
            Path(self.baseFilename).touch(mode=0o600, exist_ok=False)
        return super()._open()

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
    return tuple(one for one in _numbered(path) if one.exists())


def _numbered(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(f"{path.name}.{number}") for number in range(1, MOST_FILES + 1))


def _day_of(created: float) -> date:
    return datetime.fromtimestamp(created, UTC).date()


def _last_written(path: Path) -> date:
    return _day_of(path.stat().st_mtime)
