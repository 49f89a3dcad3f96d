from datetime import UTC, datetime

import pytest

from risk_manager.daemon.market_hours import closed_until


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 8, day, hour, minute, tzinfo=UTC)  # Chicago is five hours behind; the 20th is a Thursday


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (utc(20, 14), None),
        (utc(20, 20, 9), None),
        (utc(20, 20, 10), utc(20, 22)),
        (utc(20, 21, 59), utc(20, 22)),
        (utc(20, 22), None),
        (utc(21, 4), None),
        (utc(21, 20, 10), utc(23, 22)),
        (utc(22, 12), utc(23, 22)),
        (utc(23, 12), utc(23, 22)),
        (utc(23, 22), None),
    ],
)
def test_the_market_rests_in_the_afternoon_and_at_weekends(now: datetime, opening: datetime | None) -> None:
    assert closed_until(now) == opening


def test_the_opening_is_chicago_time_over_the_change_of_clocks() -> None:
    saturday = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert closed_until(saturday) == datetime(2026, 11, 1, 23, tzinfo=UTC)
