"""The one way into the database: a thread that writes what waits, and a door past it for what must not wait.

A commit reaches the operating system before it returns, so that the death of the process loses nothing: by the file
of intents where there is one, otherwise by a transaction. The thread then makes it safe against the loss of power
(fsync of the write-ahead log), while the caller has long gone on.
"""

import itertools
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from risk_manager.store.absence import Absence
from risk_manager.store.backlog import Backlog, Intent, Row
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.intents import IntentFile
from risk_manager.store.place import Place
from risk_manager.store.rows import ContractRow, LogRow, StateRow, append_log, put_contract, put_state

_GATHER = 0.02  # seconds that rows wait for company
_UNHURRIED = 15.0  # and those that are in no hurry: each time it wakes costs an idle machine
_RETRY = 1.0  # seconds until a failed write is tried again
_CHECKPOINT_EVERY = 2000  # rows; about 4 MB of write-ahead log


class Writer:
    """Owns the writing connection; every method may be called from any thread."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path | None,
        intents: IntentFile | None = None,
        *,
        absence: Absence | None = None,
    ) -> None:
        self._connection = connection  # with an absence, one to read from until it is over
        self._absence = absence
        self._place = None if path is None else Place(path)
        self._writing = threading.Lock()  # held for a transaction
        self._changed = threading.Condition(threading.Lock())  # guards everything below, held for an instant
        self._backlog = Backlog()  # its intents are in the file, not in the database yet
        self._intents = intents
        self._unsynced = False
        self._syncing = False
        self._round = 0  # attempts to write what waits, begun
        self._finished = 0  # and ended
        self._wanted = 0  # the round for which somebody waits
        self._closing = False
        self._failure: str | None = None if absence is None else absence.why
        self._since_checkpoint = 0
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Why the latest write failed; None when it did not."""
        return self._failure

    @property
    def waiting(self) -> int:
        """Rows that are in memory only."""
        with self._changed:
            return len(self._backlog)

    @property
    def lost(self) -> int:
        """Log rows given up because too many were waiting."""
        return self._backlog.lost

    def put(self, rows: Iterable[Row]) -> None:
        """Let rows be written soon; a later word on the same row of state replaces an earlier one that still waits."""
        with self._changed:
            self._backlog.add(rows)
            self._changed.notify_all()

    def put_unhurried(self, rows: Iterable[StateRow]) -> None:
        """Let rows be written with the next others, or in a while by themselves."""
        with self._changed:
            is_first = not self._backlog
            self._backlog.add_unhurried(rows)
            if is_first:  # otherwise the thread knows already that something waits
                self._changed.notify_all()

    def commit(self, rows: Iterable[StateRow | LogRow]) -> None:
        """Write rows before returning; raise `StoreUnavailableError`.

        After an error the rows wait with the others and are tried again. The thread is left asleep: call `wake` once
        the requests have left, or it would take the interpreter from them.
        """
        rows = list(rows)
        if (taker := self._absence or self._intents) is not None:
            self._intend(rows, taker)
            return
        with self._writing:
            with self._changed:
                self._backlog.outdate(rows)
                locks = self._backlog.take_locks()
            self._transaction([*locks, *rows])

    def _intend(self, rows: Intent, intents: IntentFile | Absence) -> None:
        with self._changed:
            self._backlog.intend(rows)
            try:
                intents.append(rows)
            except OSError as error:
                self._failure = str(error)
                self._changed.notify_all()
                raise StoreUnavailableError(f"the intent cannot be written: {error}") from error

    def wake(self) -> None:
        """Let the thread make safe against the loss of power what was committed."""
        with self._changed:
            self._changed.notify_all()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything is written and safe against the loss of power; False when that did not come."""
        with self._changed:
            wanted = self._wanted = self._round + 1  # one that begins from now on
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_empty() or self._finished >= wanted, timeout)
            return self._is_empty() and self._failure is None

    def read(self, statement: str, values: dict[str, object] | None = None) -> list[sqlite3.Row]:
        """Ask the database; rows that wait are not seen. Raises `StoreUnavailableError`."""
        with self._writing:
            try:
                return self._connection.execute(statement, values or {}).fetchall()
            except sqlite3.Error as error:
                raise StoreUnavailableError(f"the database cannot be read: {error}") from error

    def change(self, statement: str, values: dict[str, object]) -> int:
        """Run one statement in a transaction of its own; return the rows changed. Raises `StoreUnavailableError`."""
        with self._writing:
            try:
                return self._connection.execute(statement, values).rowcount
            except sqlite3.Error as error:
                raise StoreUnavailableError(f"the database cannot be written: {error}") from error

    def close(self) -> None:
        """Write what waits, end the thread and close the connection."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        with self._writing:
            self._connection.close()
            if self._intents is not None:
                self._intents.close()

    def _is_empty(self) -> bool:
        return not (self._backlog or self._unsynced or self._syncing)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._backlog or self._is_urgent())
                if self._changed.wait_for(lambda: self._backlog.hurries or self._is_urgent(), _UNHURRIED):
                    self._changed.wait_for(self._is_urgent, _GATHER)
                self._round += 1
            self._sync()
            failed = not (self._is_there() and self._drain())
            self._sync()
            with self._changed:
                self._forget_intents()
                self._finished = self._round
                self._changed.notify_all()
                if self._closing and (failed or self._is_empty()):
                    return
                if failed:
                    self._changed.wait_for(self._is_urgent, _RETRY)

    def _forget_intents(self) -> None:
        """Empty the file when all of it is in the database, and safe there: when it is full, and at the end."""
        if self._intents is None or self._failure is not None or not self._is_empty():
            return
        if self._intents.is_full or self._closing:
            try:
                self._intents.empty()
            except OSError as error:
                self._failure = str(error)

    def _is_there(self) -> bool:
        """Open the database if it could not be opened so far; tell whether it is open."""
        if self._absence is None:
            return True
        try:
            found = self._absence.reopen()
        except StoreUnavailableError as error:
            self._failure = str(error)
            return False
        with self._writing, self._changed:
            self._connection.close()
            self._connection, self._intents, self._place = found.connection, found.intents, Place(found.path)
            self._absence = self._failure = None
        return True

    def _is_urgent(self) -> bool:
        return self._backlog.has_intents or self._unsynced or self._closing or self._wanted > self._finished

    def _drain(self) -> bool:
        """Write everything that waits, slice by slice; False when that fails."""
        while True:
            with self._writing:
                with self._changed:
                    intended, taken = self._backlog.take()
                if not taken and not intended:
                    return True
                try:
                    self._transaction(taken, intended)
                except StoreUnavailableError:
                    return False

    def _transaction(self, rows: Sequence[Row], intended: Sequence[Intent] = ()) -> None:
        """Write intents and then rows as one; on failure they wait again. The caller holds `_writing`."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for row in itertools.chain(*intended, rows):
                _write(self._connection, row)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(rows, intended, str(error))
            raise StoreUnavailableError(f"the database cannot be written: {error}") from error
        with self._changed:
            self._backlog.written()
            self._failure = None
            self._unsynced = True
            self._since_checkpoint += len(rows) + sum(map(len, intended))

    def _undo(self, rows: Sequence[Row], intended: Sequence[Intent], failure: str) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        with self._changed:
            self._failure = failure
            self._backlog.give_back(intended, rows)
            self._changed.notify_all()

    def _sync(self) -> None:
        """Make what is committed safe against the loss of power; nobody waits for the lock meanwhile."""
        with self._changed:
            if not self._unsynced:
                return
            self._unsynced = False
            self._syncing = True  # not idle until the disk has it
            checkpoint = self._since_checkpoint >= _CHECKPOINT_EVERY
            if checkpoint:
                self._since_checkpoint = 0
        failure = None
        try:
            if self._place is not None:
                self._place.push_to_disk()
                if checkpoint:
                    self._place.fold()
        except (OSError, sqlite3.Error) as error:
            failure = str(error)
        with self._changed:
            self._syncing = False
            self._failure = failure or self._failure
            self._changed.notify_all()


def _write(connection: sqlite3.Connection, row: Row) -> None:
    match row:
        case StateRow():
            put_state(connection, row)
        case LogRow():
            append_log(connection, row)
        case ContractRow():
            put_contract(connection, row)
