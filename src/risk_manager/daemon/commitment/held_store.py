"""The two places of what the accounts are held to: a row of the database, and a sealed file."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from risk_manager.config.files import Home
from risk_manager.config.held_record import (
    Copy,
    Record,
    better,
    new_seal_key,
    read_file,
    read_record,
    seal_key,
    seal_key_is_closed,
    write_record,
)
from risk_manager.daemon.commitment.earlier_life import has_lived
from risk_manager.daemon.commitment.kept_file import KeptFile
from risk_manager.daemon.event_log import EventLog
from risk_manager.store.database import Database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.own_rows import OwnRows

_ROW = "record"

log = EventLog("daemon")


class HeldStore:
    """Reads the better copy, and writes both; `trouble` is told of what people have to know, as code and words."""

    def __init__(self, home: Home, database: Database, *, trouble: Callable[[str, str], None]) -> None:
        self._home = home
        self._database = database
        self._rows = OwnRows(database.writer, "commitments")
        self.file = KeptFile(home.commitment, trouble=trouble)
        self._trouble = trouble
        self._seal: bytes | None = b""
        """The key; None while one lies there that cannot be read."""
        self._seal_failure = ""
        self.mended: dict[str, str] = {}
        """How the two copies were found, where they were not both whole and the same; then both are to be written."""
        self.database_is_gone = False
        """Whether something was held, and the database knows nothing of it."""

    def load(self) -> Record:
        """Read what is held; an empty record where nothing ever was."""
        key = seal_key(self._home)
        stored, lying = self._stored(key), read_file(self._home)
        chosen = better(lying, stored)
        self._seal = key or self._new_seal()
        if chosen is None:
            text = "what the accounts were held to is gone from both of its places: the files hold at once"
            if key is None:
                text = f"{text}; the key of its seal is gone too, but the logs know of it"
            if key is not None or has_lived(self._home):
                self._trouble("COMMITMENT_LOST", text)
                self.mended = {"database": _state_of(stored), "file": _state_of(lying)}
                self.database_is_gone = True
            return Record()
        self.database_is_gone = stored is None
        if not chosen.is_sealed:
            why = "it has no seal" if self._seal is not None else "the key of its seal cannot be read"
            text = f"what the accounts are held to may have been changed by hand: {why}"
            self._trouble("COMMITMENT_UNSEALED", text)
        for words in chosen.record.unread:
            self._trouble("COMMITMENT_UNREAD", f"what was held cannot be read, the files hold at once: {words}")
        if self._seal is not None and (not chosen.is_sealed or stored != lying):
            self.mended = {"database": _state_of(stored), "file": _state_of(lying)}
            log.warning("commitment_mended", **self.mended)
        return chosen.record

    @property
    def failure(self) -> str:
        """Tell what keeps both copies from being there, sealed; empty while nothing does."""
        return self._seal_failure or self.file.failure

    def save(self, record: Record, at: datetime) -> None:
        """Write both copies: the row before this returns, the file soon; what fails is told, and tried again."""
        if self._seal is None:
            return  # a copy without the seal would not be believed; people were told at the start
        text = write_record(record, self._seal)
        self.file.put(text)
        row = self._rows.row(_ROW, text, at=at)
        with suppress(StoreUnavailableError):  # then it waits with all others, of which people are told
            self._database.journal.commit("commitment_kept", {"revision": record.revision}, at=at, state=[row])
        self._database.writer.wake()

    def _stored(self, key: bytes | None) -> Copy | None:
        try:
            text = self._rows.load().get(_ROW)
        except StoreUnavailableError as error:
            log.warning("commitment_unread", why=str(error))
            return None
        return None if text is None else read_record(text, key)

    def _new_seal(self) -> bytes | None:
        path = self._home.commitment_key
        if seal_key_is_closed(self._home):
            text = f"{path} cannot be read: what the accounts are held to holds, but no change of it is kept until"
            self._say_no_seal(f"{text} the daemon may read it and is started again")
            return None
        try:
            return new_seal_key(self._home)
        except OSError as error:
            self._say_no_seal(f"{path} cannot be written: {error}")
            return b""

    def _say_no_seal(self, text: str) -> None:
        self._seal_failure = text
        self._trouble("COMMITMENT_NOT_KEPT", text)


def _state_of(copy: Copy | None) -> str:
    if copy is None:
        return "gone"
    return f"revision {copy.record.revision}" if copy.is_sealed else "without a seal"
