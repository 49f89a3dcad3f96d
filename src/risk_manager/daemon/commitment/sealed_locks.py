"""The locks in force, kept once more under the seal of commitments: a database that is put back ends none of them."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from risk_manager.config.files import Home, expect_a_file
from risk_manager.config.held_record import is_seal, seal_key, seal_key_is_closed, seal_of
from risk_manager.core.model.account import Account
from risk_manager.core.state.lockouts import Lockout, Lockouts
from risk_manager.core.state.memory import Memory
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.commitment.kept_file import KeptFile
from risk_manager.daemon.commitment.notes import Note
from risk_manager.daemon.event_log import EventLog
from risk_manager.store.database import Database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.own_rows import OwnRows
from risk_manager.store.rows import StateRow

_ROW = "record of locks"  # behind "record": earlier versions read the first row of the table
_FORM = 1
LIST_EVERY = 0.5
"""Seconds between two lists: to seal one, and the thread that writes it, take the interpreter from breaches that come
meanwhile. The first change is written at once, and what is cleared or wished for by hand waits for none of it."""

log = EventLog("daemon")


class _List(msgspec.Struct):
    """All locks by account, as they were at an instant."""

    revision: int
    at: datetime
    accounts: dict[int, list[Lockout]]


@dataclass(frozen=True, slots=True)
class _Copy:
    locks: _List
    is_sealed: bool


class SealedLocks:
    """A sealed list of locks in a row of the database and in a file; `trouble` is told what people have to know.

    A lock is in the database before its first request leaves; this list follows within `LIST_EVERY`, and with what is
    cleared or wished for by hand at once. A lock that the list has and the database has not comes back into force: it
    was taken out of the database, or a rule ended it a moment before a death, which keeps a lock rather than lose one.
    """

    def __init__(
        self, home: Home, database: Database, *, clock: Clock, note: Note, trouble: Callable[[str, str], None]
    ) -> None:
        self._home = home
        self._rows = OwnRows(database.writer, "commitments")
        self.file = KeptFile(home.sealed_locks, trouble=trouble)
        self._clock = clock
        self._note = note
        self._trouble = trouble
        self._key = seal_key(home)
        self._key_is_closed = self._key is None and seal_key_is_closed(home)
        self._revision = 0
        self._at: datetime | None = None
        self._sealed: dict[int, list[Lockout]] = {}
        self._current: dict[int, Any] = {}
        """The locks in force by account, as they are written."""
        self._is_written = False
        self._to_look_at: dict[int, Lockouts] = {}
        self._may_have_changed = asyncio.Event()

    def load(self, *, database_is_gone: bool) -> None:
        """Read the better copy; say what is amiss with them."""
        stored, lying = self._stored(), self._lying()
        copies = [one for one in (lying, stored) if one is not None]
        chosen = max(copies, key=lambda one: (one.is_sealed, one.locks.revision), default=None)
        if database_is_gone and stored is None:
            again = "grace times and high-water marks begin anew, the day's trades are read again"
            if lying is None:
                text = f"the database and {self._home.sealed_locks.name} are gone: of locks only those are known that"
                self._trouble("LOCKS_LOST", f"{text} the day's trades lead to; {again}")
            else:
                text = "the database is gone or cannot be read: limits and locks are known by their sealed copies"
                self._trouble("DATABASE_GONE", f"{text}; {again}")
        elif stored is not None and (lying is None or not lying.is_sealed):
            text = f"{self._home.sealed_locks} is gone, or was changed by hand: the database alone tells of the locks"
            if self._key_is_closed:
                text = f"{self._home.commitment_key} cannot be read: the database alone tells of the locks"
            self._trouble("LOCKS_UNSEALED", f"{text}, and if it is an older one, later locks are forgotten")
        if chosen is not None:
            self._revision, self._at, self._sealed = chosen.locks.revision, chosen.locks.at, chosen.locks.accounts
            self._current = {one: _plain(locks) for one, locks in self._sealed.items()}
            self._is_written = chosen.is_sealed and stored == lying

    def restored(self, account_id: int, memory: Memory | None) -> Memory | None:
        """Add to what the database remembers of an account the locks that it has lost, and say so."""
        known_at = (None if memory is None else memory.now) or self._at or self._clock.now()
        sealed = [lock for lock in self._sealed.get(account_id, ()) if lock.until is None or lock.until > known_at]
        if not sealed:
            return memory
        memory = memory or Memory(account=Account(account_id=account_id), now=known_at)
        missing = [lock for lock in sealed if memory.lockouts.take_back(lock)]
        if missing:
            names = "; ".join(map(_words, missing))
            text = f"account {account_id}: the database did not know what the sealed list has; in force again: {names}"
            self._trouble("LOCKS_TAKEN_BACK", text)
            self._note("locks", {"state": "taken back", "locks": _plain(missing)}, account_id=account_id)
        return memory

    def follow(self, account_id: int, lockouts: Lockouts) -> None:
        """Take it that an account's locks may have changed: they are looked at and written soon, for all at once."""
        if self._key_is_closed:  # a list without its seal would not be believed
            return
        has_known_of_locks = account_id in self._to_look_at or bool(self._current.get(account_id))
        if self._is_written and not lockouts.by_key and not has_known_of_locks:
            return
        self._to_look_at[account_id] = lockouts
        self._may_have_changed.set()

    def follow_now(self, account_id: int, lockouts: Lockouts) -> list[StateRow]:
        """Take an account's locks as they are now, and return the row to be committed with them; the file follows."""
        self.follow(account_id, lockouts)
        return self._seal_what_changed()

    async def run(self) -> NoReturn:
        """Write down what has changed, beside everything else."""
        while True:
            await self._may_have_changed.wait()
            self._may_have_changed.clear()
            self._rows.put(self._seal_what_changed())
            await asyncio.sleep(LIST_EVERY)

    def finish(self) -> None:
        """Write what has not been written yet."""
        self._rows.put(self._seal_what_changed())
        self.file.finish()

    def _seal_what_changed(self) -> list[StateRow]:
        """Make the next list, unless it says the same as the last; return its row."""
        looked_at, self._to_look_at = self._to_look_at, {}
        changed = {
            account_id: now
            for account_id, lockouts in looked_at.items()
            if (now := _plain(lockouts.by_key.values())) != self._current.get(account_id, [])
        }
        if not looked_at or (self._is_written and not changed):
            return []
        self._current |= changed
        self._revision += 1
        at = self._clock.now()
        accounts = {str(one): locks for one, locks in self._current.items() if locks}
        body = {"form": _FORM, "revision": self._revision, "at": at.isoformat(), "accounts": accounts}
        seal = seal_of(json.dumps(body, sort_keys=True), self._key or b"")
        text = json.dumps({"seal": seal, "body": body}) + "\n"
        self._is_written = True
        self.file.put(text)
        return [self._rows.row(_ROW, text, at=at)]

    def _stored(self) -> _Copy | None:
        try:
            text = self._rows.load().get(_ROW)
        except StoreUnavailableError as error:
            log.warning("sealed_locks_unread", why=str(error))
            return None
        return None if text is None else _read(text, self._key)

    def _lying(self) -> _Copy | None:
        try:
            expect_a_file(self._home.sealed_locks)
            return _read(self._home.sealed_locks.read_text(encoding="utf-8"), self._key)
        except (OSError, UnicodeDecodeError):
            return None


def _read(text: str, key: bytes | None) -> _Copy | None:
    try:
        found = json.loads(text)
        body = found["body"]
        is_sealed = is_seal(found["seal"], json.dumps(body, sort_keys=True), key)
        return _Copy(msgspec.convert(body, _List, str_keys=True), is_sealed)
    except (ValueError, KeyError, TypeError, RecursionError, msgspec.MsgspecError):
        return None


def _plain(locks: Iterable[Lockout]) -> list[Any]:
    """Write locks as plain values, always in the same order."""
    plain: list[Any] = msgspec.to_builtins(list(locks), order="sorted")
    return sorted(plain, key=str)


def _words(lock: Lockout) -> str:
    scope = "" if lock.root is None else f" for {lock.root}"
    if lock.until is None:
        return f"{lock.rule}{scope} without an end of its own"
    return f"{lock.rule}{scope} until {lock.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
