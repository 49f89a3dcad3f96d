"""Signs of life: so that the next start can say since when nothing was enforced."""

from datetime import datetime

import msgspec

from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.store.database import Database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.own_rows import OwnRows

BEAT_EVERY = 30.0
"""Seconds between two signs of life."""
_KEY = "daemon"

log = EventLog("daemon")


class Sign(msgspec.Struct, frozen=True):
    """The latest sign of life; `stopped`: it was the last one, on purpose."""

    heard_at: datetime
    stopped: bool = False


class Life:
    """The row in which a daemon says that it lives."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._rows = OwnRows(database.writer, "daemon_life")
        self._clock = clock

    def earlier(self) -> Sign | None:
        """Read the last sign of an earlier life; None where there was none, or it cannot be read."""
        try:
            body = self._rows.load().get(_KEY)
            return None if body is None else msgspec.json.decode(body, type=Sign)
        except (StoreUnavailableError, msgspec.DecodeError) as error:
            log.warning("earlier_life_unread", why=str(error))
            return None

    def beat(self) -> None:
        """Say that the daemon lives."""
        self._say(stopped=False)

    def end(self) -> None:
        """Say that the daemon stops on purpose."""
        self._say(stopped=True)

    def _say(self, *, stopped: bool) -> None:
        at = self._clock.now()
        self._rows.keep(_KEY, msgspec.json.encode(Sign(at, stopped)).decode(), at=at)
