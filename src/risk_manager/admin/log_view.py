"""The logs as people read them: a line for each event, newest last."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from risk_manager.admin.office import NO, NotDoneError, Office
from risk_manager.daemon.log_file import older_files

NAMES = ("daemon", "enforcement", "api", "error")
LEVELS = ("debug", "info", "warning", "error", "critical")
_LONGEST_TAIL = 4 * 1024 * 1024  # bytes read back from the end
_LOOK_EVERY = 0.5  # seconds


def show_logs(office: Office, *, names: tuple[str, ...], level: str, lines: int) -> None:
    """Tell the latest events of these logs at this level or above, in the order of time."""
    found: list[tuple[str, str]] = []
    for name in names:
        found += [(_at(one), words(one, name)) for one in _latest(office.home.log(name), level, lines)]
    for _, text in sorted(found, key=lambda pair: pair[0])[-lines:]:
        office.say(text)
    if not found:
        where = ", ".join(str(office.home.log(name)) for name in names)
        raise NotDoneError(f"nothing at level {level} or above is in {where}", NO)


def follow_logs(
    office: Office, *, names: tuple[str, ...], level: str, pause: Callable[[float], None] = time.sleep
) -> None:
    """Go on telling what comes, until Ctrl-C; a log that is turned over is followed into the new file."""
    followed = {name: Follower(office.home.log(name)) for name in names}
    while True:
        for name, follower in followed.items():
            for line in follower.fresh():
                event = read_line(line)
                if _counts(event, level):
                    office.say(words(event, name))
        pause(_LOOK_EVERY)


class Follower:
    """Reads what is added to a file from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def fresh(self) -> Iterator[bytes]:
        """List the whole lines that came since the last look."""
        try:
            size = self._path.stat().st_size
            if size < self._read:
                self._read, self._rest = 0, b""
            with self._path.open("rb") as file:
                file.seek(self._read)
                added = file.read()
        except OSError:
            return  # turned over at this moment, or not there yet
        self._read += len(added)
        *whole, self._rest = (self._rest + added).split(b"\n")
        yield from whole


def read_line(line: bytes) -> dict[str, object]:
    """Read a line of a log; one that is no JSON is told as it is."""
    text = line.decode("utf-8", "replace").strip()
    try:
        found = json.loads(text)
    except ValueError:
        return {"event": text}
    return found if isinstance(found, dict) else {"event": text}


def words(event: dict[str, object], name: str) -> str:
    """Write an event on a line: when, how serious, where, what, and its fields."""
    fields = [f"{key}={value}" for key, value in event.items() if key not in ("at", "level", "event", "traceback")]
    at = _at(event)[:23].replace("T", " ")
    text = f"{at:23} {event.get('level', '')!s:8}{name:12} {event.get('event', '')} {' '.join(fields)}"
    trace = event.get("traceback")
    shown = text.rstrip() + (f"\n{trace}" if trace else "")
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in shown)


def _latest(log: Path, level: str, lines: int) -> list[dict[str, object]]:
    """Read the latest events of a log, from as many of its older files as that takes."""
    found: list[dict[str, object]] = []
    for path in (log, *older_files(log)):
        wanted = lines - len(found)
        if wanted and path.exists():
            found = [*deque((one for one in map(read_line, _tail(path)) if _counts(one, level)), maxlen=wanted), *found]
    return found


def _counts(event: dict[str, object], level: str) -> bool:
    told = str(event.get("level", "info"))
    return bool(event.get("event")) and (told not in LEVELS or LEVELS.index(told) >= LEVELS.index(level))


def _at(event: dict[str, object]) -> str:
    return str(event.get("at", ""))


def _tail(path: Path) -> list[bytes]:
    """Read the lines at the end of a file; the first may be cut, and is left out then."""
    with path.open("rb") as file:
        start = max(file.seek(0, 2) - _LONGEST_TAIL, 0)
        file.seek(start)
        lines = file.read().split(b"\n")
    return lines[1:] if start else lines
