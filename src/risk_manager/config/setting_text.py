"""A setting's value as people read it: always the same words for the same value."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from risk_manager.core.model.duration import format_duration
from risk_manager.core.model.trading_calendar import Holidays, TradingCalendar


def setting_text(value: object) -> str:  # noqa: C901, PLR0911 - one line for each form that a setting can have
    """Write a setting as people read it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case timedelta():
            return format_duration(value)
        case time():
            return value.isoformat("minutes" if not value.second else "seconds")
        case date() | ZoneInfo():
            return str(value)
        case TradingCalendar(reset=reset, zone=zone):
            return f"{setting_text(reset)} {zone}"
        case Holidays(closed=closed, early_closes=early):
            return setting_text(
                [*sorted(closed), *(f"{day} until {setting_text(early[day])}" for day in sorted(early))]
            )
        case Mapping():
            return "{" + ", ".join(f"{setting_text(key)}: {setting_text(inner)}" for key, inner in value.items()) + "}"
        case BaseModel():
            return "{" + ", ".join(f"{name}: {setting_text(inner)}" for name, inner in value) + "}"
        case AbstractSet():
            return "[" + ", ".join(sorted(setting_text(inner) for inner in value)) + "]"
        case tuple() | list():
            return "[" + ", ".join(setting_text(inner) for inner in value) + "]"
    return str(value)
