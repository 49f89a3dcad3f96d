"""Values of settings in words: the same value is always the same text, or a wait would begin anew."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk_manager.config.setting_text import setting_text
from risk_manager.core.model.trading_calendar import Holidays, TradingCalendar
from risk_manager.core.rule import LockoutEnd

ZONE = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (False, "no"),
        (LockoutEnd.DAILY_RESET, "daily_reset"),
        (timedelta(minutes=15), "15m"),
        (time(17), "17:00"),
        (time(15, 10, 30), "15:10:30"),
        (ZONE, "America/Chicago"),
        (Decimal("500.50"), "500.50"),
        (("CL", "RTY"), "[CL, RTY]"),
        ({"ES": 2}, "{ES: 2}"),
        (TradingCalendar(time(17), ZONE), "17:00 America/Chicago"),
    ],
)
def test_a_value_is_written_as_people_read_it(value: Any, text: str) -> None:
    assert setting_text(value) == text


def test_what_has_no_order_of_its_own_is_written_in_order() -> None:
    days = frozenset(date(2026, month, 1) for month in range(1, 13))
    early = {date(2026, 12, 24): time(12, 15), date(2026, 7, 3): time(12)}
    text = setting_text(Holidays(days, early))
    assert text.startswith("[2026-01-01, 2026-02-01,")
    assert text.endswith("2026-07-03 until 12:00, 2026-12-24 until 12:15]")
    assert setting_text(days) == setting_text(frozenset(sorted(days, reverse=True)))
