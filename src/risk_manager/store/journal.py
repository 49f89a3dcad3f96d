"""What happened, in order: rows that are only ever added."""

import itertools
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from risk_manager.store.migrations import instant_text
from risk_manager.store.rows import LogRow, StateRow
from risk_manager.store.writer import Writer

_COMPACT_SLICE = 5000  # rows deleted in one transaction, so that nobody waits long


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal or of the enforcement log."""

    id: int
    at: datetime
    account_id: int | None
    kind: str
    body: Any


class Journal:
    """The journal and the enforcement log; their entries keep the order in which they were handed in."""

    def __init__(self, writer: Writer, *, leap: int = 0) -> None:
        """Begin after the latest entry that is known, and `leap` numbers later where there may be some unknown."""
        self._writer = writer
        self._journal_ids = itertools.count(self._latest_journal_id() + 1 + leap)
        self._enforcement_ids = itertools.count(self._latest_enforcement_id() + 1 + leap)

    def append(self, kind: str, body: object, *, at: datetime, account_id: int | None = None) -> None:
        """Note what happened; written within a few hundredths of a second."""
        self._writer.put([self._row(kind, body, at=at, account_id=account_id)])

    def commit_plan(self, body: object, *, at: datetime, account_id: int, state: Sequence[StateRow] = ()) -> None:
        """Note what is about to be done before the first request leaves; see `commit`."""
        self.commit("plan", body, at=at, account_id=account_id, state=state)

    def commit(
        self, kind: str, body: object, *, at: datetime, account_id: int | None = None, state: Sequence[StateRow] = ()
    ) -> None:
        """Note what is about to be done or answered, with the state that goes with it, before that leaves.

        When it returns, the death of the process loses nothing of it. Raises `StoreUnavailableError`; the entry is
        then kept in memory and tried again, and the caller should go on: an enforcement must not wait for a disk.
        """
        self._writer.commit([*state, self._row(kind, body, at=at, account_id=account_id)])

    def log_enforcement(self, kind: str, body: object, *, at: datetime, account_id: int) -> None:
        """Note a step of an enforcement, before anybody is told of it: started, proven, failed.

        It is as safe as a plan when this returns, and fails like one.
        """
        row = LogRow("enforcement_log", next(self._enforcement_ids), instant_text(at), account_id, kind, _json(body))
        self._writer.commit([row])

    def entries(self, *, since: datetime, limit: int = 10_000) -> list[Entry]:
        """Read the journal from an instant on, oldest first. Raises `StoreUnavailableError`."""
        rows = self._writer.read(
            """
            SELECT id, at, account_id, kind, body FROM journal
            WHERE id >= (SELECT id FROM journal WHERE at >= :since ORDER BY id LIMIT 1) AND at >= :since
            ORDER BY id LIMIT :limit
            """,
            {"since": instant_text(since), "limit": limit},
        )
        return entries_of(rows)

    def last_plan_at(self) -> datetime | None:
        """Tell when the latest plan was made; None when there was none. Raises `StoreUnavailableError`."""
        rows = self._writer.read("SELECT at FROM journal WHERE kind = 'plan' ORDER BY id DESC LIMIT 1")
        return datetime.fromisoformat(rows[0]["at"]) if rows else None

    def enforcements(self, *, limit: int) -> list[Entry]:
        """Read the latest steps of enforcements, oldest first. Raises `StoreUnavailableError`."""
        rows = self._writer.read(
            """
            SELECT id, at, account_id, kind, body FROM enforcement_log ORDER BY id DESC LIMIT :limit
            """,
            {"limit": limit},
        )
        return entries_of(reversed(rows))

    def compact(self, before: datetime) -> int:
        """Delete what is older and give the room back; return the rows deleted. Raises `StoreUnavailableError`."""
        limits: dict[str, object] = {"before": instant_text(before), "slice": _COMPACT_SLICE}
        deleted = 0
        for delete in (self._delete_from_journal, self._delete_from_enforcement_log):
            while (count := delete(limits)) > 0:
                deleted += count
        if deleted:
            self._writer.read("PRAGMA incremental_vacuum")
        return deleted

    def _row(self, kind: str, body: object, *, at: datetime, account_id: int | None) -> LogRow:
        return LogRow("journal", next(self._journal_ids), instant_text(at), account_id, kind, _json(body))

    def _delete_from_journal(self, limits: dict[str, object]) -> int:
        return self._writer.change(
            """
            DELETE FROM journal WHERE id IN (
                SELECT id FROM journal
                WHERE id < ifnull((SELECT id FROM journal WHERE at >= :before ORDER BY id LIMIT 1), 9e18)
                ORDER BY id LIMIT :slice
            )
            """,
            limits,
        )

    def _delete_from_enforcement_log(self, limits: dict[str, object]) -> int:
        return self._writer.change(
            """
            DELETE FROM enforcement_log WHERE id IN (
                SELECT id FROM enforcement_log
                WHERE id < ifnull((SELECT id FROM enforcement_log WHERE at >= :before ORDER BY id LIMIT 1), 9e18)
                ORDER BY id LIMIT :slice
            )
            """,
            limits,
        )

    def _latest_journal_id(self) -> int:
        return int(self._writer.read("SELECT coalesce(max(id), 0) FROM journal")[0][0])

    def _latest_enforcement_id(self) -> int:
        return int(self._writer.read("SELECT coalesce(max(id), 0) FROM enforcement_log")[0][0])


def entries_of(rows: Iterable[sqlite3.Row]) -> list[Entry]:
    """Read rows of a log; a damaged one is left out, as what it told is no reason to tell, or to start, nothing."""
    found: list[Entry] = []
    for row in rows:
        with suppress(ValueError, msgspec.DecodeError):
            body = msgspec.json.decode(row["body"], type=dict[str, Any])
            found.append(Entry(row["id"], datetime.fromisoformat(row["at"]), row["account_id"], row["kind"], body))
    return found


def _json(body: object) -> str:
    return msgspec.json.encode(body).decode()
