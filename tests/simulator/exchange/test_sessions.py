from datetime import date, datetime

import pytest

from risk_manager.simulator.exchange.sessions import CHICAGO, Gate, is_open, trading_day


def chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-09-01T15:09:59", True),
        ("2026-09-01T15:10:00", False),
        ("2026-09-01T16:59:59", False),
        ("2026-09-01T17:00:00", True),
        ("2026-09-04T15:10:00", False),
        ("2026-09-04T18:00:00", False),
        ("2026-09-05T12:00:00", False),
        ("2026-09-06T16:59:59", False),
        ("2026-09-06T17:00:00", True),
        ("2026-12-01T15:10:00", False),
    ],
)
def test_the_clock_opens_and_closes_the_market(instant: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert is_open(Gate.BY_CLOCK, chicago(instant)) is expected


def test_the_gate_can_be_held_open_or_shut() -> None:
    saturday = chicago("2026-09-05T12:00:00")
    assert is_open(Gate.ALWAYS_OPEN, saturday)
    assert not is_open(Gate.ALWAYS_CLOSED, chicago("2026-09-01T10:00:00"))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-09-01T16:59:59", date(2026, 9, 1)),
        ("2026-09-01T17:00:00", date(2026, 9, 2)),
        ("2026-09-04T17:00:00", date(2026, 9, 7)),
        ("2026-09-06T17:00:00", date(2026, 9, 7)),
    ],
)
def test_a_trading_day_begins_at_five_in_the_afternoon_before(instant: str, day: date) -> None:
    assert trading_day(chicago(instant)) == day
