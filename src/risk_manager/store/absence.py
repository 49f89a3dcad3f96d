"""A database that could not be opened at the start: what is written waits until it can be."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from risk_manager.store.intents import Intent, IntentFile


@dataclass(frozen=True, slots=True)
class Returned:
    """The database, open at last."""

    connection: sqlite3.Connection
    path: Path
    intents: IntentFile | None


@dataclass(frozen=True, slots=True)
class Absence:
    """Stands in the place of the file of intents meanwhile; `reopen` raises `StoreUnavailableError` for as long."""

    why: str
    reopen: Callable[[], Returned]

    def append(self, _: Intent) -> NoReturn:
        """Take nothing: raise `OSError`."""
        raise OSError(self.why)
