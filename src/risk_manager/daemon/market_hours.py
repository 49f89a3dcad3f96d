"""When TopstepX takes orders at all, by the venue's docs: from 17:00 to 15:10 Chicago time, not at weekends."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from risk_manager.core.model.trading_calendar import Holidays, SessionHours

CHICAGO = ZoneInfo("America/Chicago")
HOURS = SessionHours(start=time(17), end=time(15, 10), zone=CHICAGO, days=frozenset(range(5)))
NONE_KNOWN = Holidays()


def closed_until(now: datetime, holidays: Holidays = NONE_KNOWN) -> datetime | None:
    """Tell when the market opens again; None while it is open. No API tells holidays: they are holidays.yaml's."""
    if HOURS.window_at(now, holidays) is not None:
        return None
    opening = HOURS.next_start(now, holidays)
    return None if opening is None else opening.astimezone(CHICAGO)
