"""Durations as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from risk_manager.core.model.duration import LONGEST, Duration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("0.5s", 0.5), (" 2H ", 7200), ("1.5m", 90)],
)
def test_a_duration_is_read_as_it_is_written(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "90", "5 minutes", "1d", "-5s", "h", "1h 30m", "1e3s"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["1752000h1s", "99999999h", "99999999999999h", f"{'9' * 400}s"])
def test_a_length_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be at most 1752000h"):
        parse_duration(text)


def test_two_hundred_years_can_be_added_to_any_instant_of_our_time() -> None:
    assert parse_duration("1752000h") == LONGEST
    assert (datetime(2026, 3, 10, tzinfo=UTC) + LONGEST).year == 2226


@given(st.integers(0, 10**12).map(lambda number: timedelta(microseconds=number)))
def test_what_is_written_can_be_read_again(length: timedelta) -> None:
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (60, "1m"), (3661, "1h1m1s"), (0.25, "0.25s"), (100, "1m40s")]
)
def test_a_duration_is_written_for_people(seconds: float, text: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == text


def test_a_setting_takes_text_or_a_duration_and_no_bare_number() -> None:
    setting: TypeAdapter[timedelta] = TypeAdapter(Duration)
    assert setting.validate_python("1m") == setting.validate_python(timedelta(minutes=1))
    with pytest.raises(ValidationError, match="write a duration as 90s"):
        setting.validate_python(60)
