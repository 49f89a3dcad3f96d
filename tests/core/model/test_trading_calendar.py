"""Trading days and sessions, across daylight-saving changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_manager.core.model.trading_calendar import Holidays, SessionHours, TradingCalendar, wall_clock, zone_named

CHICAGO = ZoneInfo("America/Chicago")
TOPSTEP = TradingCalendar(time(17), CHICAGO)
WEEKDAYS = frozenset(range(5))
OVERNIGHT = SessionHours(time(18), time(17), CHICAGO, WEEKDAYS)
BY_DAY = SessionHours(time(8, 30), time(15), CHICAGO, WEEKDAYS)


def chicago(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


def test_a_day_runs_from_reset_to_reset_and_is_named_after_its_end() -> None:
    day = TOPSTEP.day_of(chicago(10, 12))
    assert (day.key, day.starts_at, day.ends_at) == (date(2026, 3, 10), chicago(9, 17), chicago(10, 17))


@pytest.mark.parametrize(
    ("at", "key"),
    [
        (chicago(10, 16, 59), date(2026, 3, 10)),
        (chicago(10, 17), date(2026, 3, 11)),
        (chicago(8, 18), date(2026, 3, 9)),
        (chicago(7, 12), date(2026, 3, 7)),
        (chicago(6, 17), date(2026, 3, 7)),
    ],
)
def test_the_reset_begins_the_next_day_also_on_weekends(at: datetime, key: date) -> None:
    assert TOPSTEP.day_of(at).key == key


def test_the_day_of_the_spring_change_is_an_hour_shorter_and_that_of_autumn_an_hour_longer() -> None:
    spring, autumn = TOPSTEP.day_of(chicago(8, 12)), TOPSTEP.day_of(chicago(1, 12, month=11))
    assert spring.ends_at - spring.starts_at == timedelta(hours=23)
    assert autumn.ends_at - autumn.starts_at == timedelta(hours=25)
    assert spring.ends_at == datetime(2026, 3, 8, 22, tzinfo=UTC)


def test_a_time_left_out_in_spring_is_the_change_itself_and_a_double_one_in_autumn_the_first() -> None:
    change = datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert wall_clock(date(2026, 3, 8), time(2, 30), CHICAGO) == change
    assert wall_clock(date(2026, 3, 8), time(2, 0), CHICAGO) == change
    assert wall_clock(date(2026, 11, 1), time(1, 30), CHICAGO) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given beside
    st.times(),
    st.sampled_from(["America/Chicago", "Europe/Berlin", "UTC", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_every_instant_belongs_to_one_day_and_days_follow_each_other_without_a_gap(
    at: datetime, reset: time, zone: str
) -> None:
    calendar = TradingCalendar(reset.replace(microsecond=0), ZoneInfo(zone))
    day = calendar.day_of(at)
    assert day.contains(at)
    assert calendar.day_of(day.ends_at).starts_at == day.ends_at
    assert calendar.day_of(day.starts_at) == day
    assert calendar.day_of(day.starts_at - timedelta(microseconds=1)).ends_at == day.starts_at


def test_a_session_is_half_open() -> None:
    nothing = Holidays()
    assert BY_DAY.window_at(chicago(10, 8, 29), nothing) is None
    assert BY_DAY.window_at(chicago(10, 8, 30), nothing) is not None
    assert BY_DAY.window_at(chicago(10, 14, 59), nothing) is not None
    assert BY_DAY.window_at(chicago(10, 15), nothing) is None


def test_a_session_over_midnight_runs_from_sunday_evening_to_friday() -> None:
    nothing = Holidays()
    assert OVERNIGHT.window_at(chicago(8, 18), nothing) is not None
    assert OVERNIGHT.window_at(chicago(8, 17, 59), nothing) is None
    assert OVERNIGHT.window_at(chicago(10, 3), nothing) is not None
    assert OVERNIGHT.window_at(chicago(10, 17, 30), nothing) is None
    assert OVERNIGHT.window_at(chicago(13, 16, 59), nothing) is not None
    assert OVERNIGHT.window_at(chicago(13, 18), nothing) is None
    assert OVERNIGHT.next_start(chicago(13, 17), nothing) == chicago(15, 18)


def test_a_session_follows_the_wall_clock_over_the_change() -> None:
    before = OVERNIGHT.window_at(chicago(6, 12), Holidays())
    after = OVERNIGHT.window_at(chicago(9, 12), Holidays())
    assert before is not None
    assert after is not None
    assert before.ends_at == datetime(2026, 3, 6, 23, tzinfo=UTC)
    assert after.starts_at == datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert after.ends_at == datetime(2026, 3, 9, 22, tzinfo=UTC)


def test_the_session_that_would_end_on_a_holiday_does_not_take_place() -> None:
    holiday = Holidays(closed=frozenset([date(2026, 3, 10)]))
    assert OVERNIGHT.window_at(chicago(9, 19), holiday) is None
    assert OVERNIGHT.window_at(chicago(10, 12), holiday) is None
    assert OVERNIGHT.window_at(chicago(10, 18), holiday) is not None
    assert OVERNIGHT.next_start(chicago(9, 18), holiday) == chicago(10, 18)
    assert OVERNIGHT.last_end(chicago(10, 12), holiday) == chicago(9, 17)


def test_an_early_close_ends_the_session_and_a_late_one_changes_nothing() -> None:
    early = Holidays(early_closes={date(2026, 3, 10): time(12), date(2026, 3, 11): time(20)})
    window, later = BY_DAY.window_at(chicago(10, 9), early), BY_DAY.window_at(chicago(11, 9), early)
    assert window is not None
    assert later is not None
    assert (window.ends_at, later.ends_at) == (chicago(10, 12), chicago(11, 15))


def test_a_session_that_would_close_before_it_starts_does_not_take_place() -> None:
    early = Holidays(early_closes={date(2026, 3, 10): time(8)})
    assert BY_DAY.window_at(chicago(10, 9), early) is None
    assert BY_DAY.next_start(chicago(9, 16), early) == chicago(11, 8, 30)


def test_a_calendar_without_sessions_has_no_next_start_and_no_last_end() -> None:
    never = SessionHours(time(8), time(9), CHICAGO, frozenset())
    assert never.next_start(chicago(10, 12), Holidays()) is None
    assert never.last_end(chicago(10, 12), Holidays()) is None


def test_a_session_around_the_clock_is_always_on() -> None:
    always = SessionHours(time(17), time(17), CHICAGO, frozenset(range(7)))
    assert always.window_at(chicago(10, 17), Holidays()) is not None
    assert always.window_at(chicago(8, 3), Holidays()) is not None


def test_the_sessions_that_come_begin_with_the_one_that_runs() -> None:
    shut = Holidays(closed=frozenset({date(2026, 3, 11)}))
    coming = BY_DAY.coming(chicago(10, 10), days=4, holidays=shut)
    assert [(one.starts_at, one.ends_at) for one in coming] == [
        (chicago(day, 8, 30), chicago(day, 15)) for day in (10, 12, 13)
    ]
    assert BY_DAY.coming(chicago(10, 15), days=2, holidays=shut) == []


def test_a_day_contains_its_start_and_not_its_end() -> None:
    day = TOPSTEP.day_of(chicago(10, 12))
    assert day.contains(day.starts_at)
    assert not day.contains(day.ends_at)


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "Chicago", "../etc", "", "/etc/localtime"])
def test_a_zone_that_the_machine_decides_on_or_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="America/Chicago"):
        zone_named(name)
