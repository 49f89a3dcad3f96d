"""When TopstepX takes orders at all, by the venue's docs: from 17:00 to 15:10 Chicago time, not at weekends."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

CHICAGO = ZoneInfo("America/Chicago")
OPENS, CLOSES = time(17), time(15, 10)
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


def closed_until(now: datetime) -> datetime | None:
    """Tell when the market opens again; None while it is open. Holidays, which no API tells, are not known here."""
    local = now.astimezone(CHICAGO)
    opening = datetime.combine(local.date(), OPENS, CHICAGO)
    match local.weekday():
        case day if day == _SATURDAY:
            return opening + timedelta(days=1)
        case day if day == _SUNDAY:
            return opening if local < opening else None
        case day if day == _FRIDAY:
            return opening + timedelta(days=2) if local.time() >= CLOSES else None
        case _:
            return opening if CLOSES <= local.time() < OPENS else None
