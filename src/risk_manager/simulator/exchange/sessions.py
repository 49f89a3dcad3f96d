"""When the venue trades: from 17:00 to 15:10 Chicago time, Sunday evening to Friday afternoon."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

CHICAGO = ZoneInfo("America/Chicago")
OPENS = time(17, 0)
CLOSES = time(15, 10)
SATURDAY, SUNDAY = 5, 6


class Gate(StrEnum):
    """Who decides whether the market is open."""

    ALWAYS_OPEN = "open"
    ALWAYS_CLOSED = "closed"
    BY_CLOCK = "clock"


def is_open(gate: Gate, now: datetime) -> bool:
    """Whether orders are taken at this instant."""
    if gate is not Gate.BY_CLOCK:
        return gate is Gate.ALWAYS_OPEN
    local = now.astimezone(CHICAGO)
    match local.weekday():
        case 5:
            return False
        case 6:
            return local.time() >= OPENS
        case 4:
            return local.time() < CLOSES
        case _:
            return not CLOSES <= local.time() < OPENS


def trading_day(now: datetime) -> date:
    """The day that fills of this instant belong to: it begins at 17:00 Chicago time of the day before."""
    day = (now.astimezone(CHICAGO).replace(tzinfo=None) + timedelta(hours=7)).date()
    if day.weekday() == SATURDAY:
        return day + timedelta(days=2)
    if day.weekday() == SUNDAY:
        return day + timedelta(days=1)
    return day
