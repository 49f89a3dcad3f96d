"""Wrong passwords of a home, counted over all processes, so that each further guess must wait longer."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from risk_manager.config.files import write_privately

FREE = 2
"""Slips of the finger that cost nothing."""
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Guesses:
    """The record of one home. Whoever may delete it may replace the password too; it stops those who may not."""

    path: Path

    def wait(self, now: datetime) -> timedelta:
        """Tell how long the next guess must wait; a clock set back prolongs it by the longest wait at most."""
        wrong, latest = self._read()
        if latest is None:
            return timedelta(0)
        due = latest + _pause(wrong)
        return max(min(due - now, LONGEST_WAIT), timedelta(0))

    def begin(self, now: datetime) -> None:
        """Count a guess as wrong before it is looked at: a process that is killed then has still spent it."""
        wrong, _ = self._read()
        write_privately(self.path, json.dumps({"wrong": wrong + 1, "latest": now.isoformat()}) + "\n")

    def succeeded(self) -> None:
        """Forget what was wrong."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> tuple[int, datetime | None]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return int(found["wrong"]), datetime.fromisoformat(found["latest"])
        except FileNotFoundError:
            return 0, None
        except (OSError, ValueError, KeyError, TypeError):
            return FREE, None


def _pause(wrong: int) -> timedelta:
    if wrong <= FREE:
        return timedelta(0)
    doubled: int = 2 ** min(wrong - FREE - 1, 20)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
