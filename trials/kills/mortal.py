"""A real daemon that dies, without a word and without cleaning up, at one point of its work."""

import asyncio
import os
import sqlite3
import sys
import threading
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from risk_manager.config.files import Home
from risk_manager.daemon import bootstrap
from risk_manager.gateway import http_pool
from risk_manager.gateway.http_link import Link
from risk_manager.gateway.http_reply import Reply
from risk_manager.store.backlog import Row
from risk_manager.store.rows import LogRow, StateRow
from risk_manager.store.writer import Writer

DEATH = 137
"""The exit code of a process that was killed with signal 9."""


class Moment(StrEnum):
    """When a daemon may die; each is counted by itself."""

    ROW = "row"
    """Rows were handed to the store, and wait in memory or are committed."""
    STATEMENT = "statement"
    """SQLite has carried out a statement that writes: BEGIN, a row, COMMIT, a step of the schema."""
    REQUEST = "request"
    """A request to the venue has been written."""
    HALF = "half"
    """Half of a request has been written."""
    REPLY = "reply"
    """A reply has come and is not read yet."""


class Point(NamedTuple):
    """The n-th moment of a kind in a daemon's life, from 1."""

    moment: Moment
    number: int

    def __str__(self) -> str:
        """Write it as on the command line: `request:7`."""
        return f"{self.moment}:{self.number}"

    @classmethod
    def of(cls, text: str) -> "Point":
        """Read it back."""
        moment, _, number = text.partition(":")
        return cls(Moment(moment), int(number))


class Fate:
    """Counts the moments of one kind, and ends the process at the one that was chosen; none is chosen by None."""

    def __init__(self, point: Point | None) -> None:
        self._point = point
        self._passed = 0
        self._counting = threading.Lock()  # the store has a thread of its own

    def is_sealed(self, moment: Moment) -> bool:
        """Count a moment; tell whether it is the last."""
        if self._point is None or moment is not self._point.moment:
            return False
        with self._counting:
            self._passed += 1
            return self._passed == self._point.number

    def meet(self, moment: Moment) -> None:
        """Count a moment, and die at the chosen one."""
        if self.is_sealed(moment):
            os._exit(DEATH)


def live(home: Path, point: Point | None) -> int:
    """Run the daemon on a home until it is killed, or kills itself at the point; return its exit code."""
    fate = Fate(point)
    _watch_the_store(fate)
    _watch_the_links(fate)
    return bootstrap.run(Home(home))


def _watch_the_store(fate: Fate) -> None:
    """Let every connection to SQLite and every row on its way there meet the fate. This process is the test's own."""

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:
            done = super().execute(statement, values)
            if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA QUICK_CHECK")):
                fate.meet(Moment.STATEMENT)
            return done

        def executescript(self, script: str, /) -> sqlite3.Cursor:
            done = super().executescript(script)
            fate.meet(Moment.STATEMENT)
            return done

    put, commit = Writer.put, Writer.commit

    def mortal_put(self: Writer, rows: Iterable[Row]) -> None:
        put(self, rows)
        fate.meet(Moment.ROW)

    def mortal_commit(self: Writer, rows: Iterable[StateRow | LogRow]) -> None:
        commit(self, rows)
        fate.meet(Moment.ROW)

    sqlite3.connect = partial(sqlite3.connect, factory=Connection)  # type: ignore[assignment]  # narrower on purpose
    Writer.put = mortal_put  # type: ignore[method-assign]  # the seam is here, not in the product
    Writer.commit = mortal_commit  # type: ignore[method-assign]  # the same


def _watch_the_links(fate: Fate) -> None:
    """Let every request and every reply meet the fate."""

    class MortalLink(Link):
        def send(self, request: bytes) -> asyncio.Future[Reply]:
            if fate.is_sealed(Moment.HALF):
                super().send(request[: len(request) // 2])
                os._exit(DEATH)
            sent = super().send(request)
            fate.meet(Moment.REQUEST)
            return sent

        def data_received(self, data: bytes) -> None:
            fate.meet(Moment.REPLY)
            super().data_received(data)

    vars(http_pool)["Link"] = MortalLink  # the seam is here, not in the product


if __name__ == "__main__":
    sys.exit(live(Path(sys.argv[1]), Point.of(sys.argv[2]) if len(sys.argv) > 2 else None))
