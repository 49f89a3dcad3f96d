"""The course of each account's day in the store, so that a restart does not forget what was open."""

from datetime import date, datetime

import msgspec

from risk_manager.daemon.event_log import EventLog
from risk_manager.local_api.trading_day import PnlPoint
from risk_manager.store.database import Database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.own_rows import OwnRows

log = EventLog("daemon")


class Course(msgspec.Struct, frozen=True):
    """The points of one account on one trading day, oldest first."""

    account_id: int
    trading_day: date
    points: tuple[PnlPoint, ...]


class StoredCurves:
    """One row for each account: the latest day that was kept."""

    def __init__(self, database: Database) -> None:
        self._rows = OwnRows(database.writer, "pnl_curves")

    def load(self) -> list[Course]:
        """Read what an earlier life kept; what cannot be read is left out, and drawn by the trades instead."""
        try:
            bodies = self._rows.load().values()
        except StoreUnavailableError as error:
            log.warning("curves_unread", why=str(error))
            return []
        found = []
        for body in bodies:
            try:
                found.append(msgspec.json.decode(body, type=Course))
            except msgspec.DecodeError as error:
                log.warning("curve_unread", why=str(error))
        return found

    def keep(self, course: Course, at: datetime) -> None:
        """Let a course be written soon, in place of what was kept of its account."""
        body = msgspec.json.encode(course).decode()
        self._rows.keep(str(course.account_id), body, at=at, account_id=course.account_id)
