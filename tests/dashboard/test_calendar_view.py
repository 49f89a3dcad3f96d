"""The day, its sessions, and the days that come."""

from datetime import timedelta

import msgspec

from risk_manager.dashboard.calendar_view import calendar_lines
from risk_manager.dashboard.lines import length
from risk_manager.local_api.trading_day import CalendarStatus, HolidayStatus
from tests.dashboard import canned, canned_day
from tests.dashboard.canned_day import NOW
from tests.dashboard.looks import changed, look, text


def _with(**changes: object) -> str:
    calendar = msgspec.structs.replace(canned_day.calendar(), **changes)
    return text(calendar_lines(look(changed(canned.calm(), calendar=calendar))))


def test_the_day_tells_its_reset() -> None:
    page = text(calendar_lines(look()))

    assert "Trading day Tue 2026-03-10" in page
    assert "Next reset 17:00 CT, in 6:28:58" in page


def test_the_session_that_runs_tells_when_to_be_flat() -> None:
    page = text(calendar_lines(look()))

    assert "● Tue 10 Mar 08:30 to 15:00 all products open, 4:28:58 left, flat by 14:55" in page
    assert "○ Wed 11 Mar 08:30 to 15:00 all products opens in 21:58:58" in page
    assert "flat since 14:55" in text(calendar_lines(look(now=NOW + timedelta(hours=4, minutes=25))))


def test_a_session_that_is_over_is_gone() -> None:
    assert "Tue 10 Mar" not in text(calendar_lines(look(now=NOW + timedelta(hours=5))))


def test_holidays_tell_what_is_different_and_how_far_they_are() -> None:
    page = text(calendar_lines(look()))

    assert "Fri 03 Apr 2026   no session                in 24 days" in page
    assert "Mon 25 May 2026   sessions end at 12:00     in 76 days" in page
    assert "today" in _with(holidays=(HolidayStatus(date="2026-03-10"),))
    assert "none are known" in _with(holidays=())


def test_without_a_rule_of_hours_every_hour_is_allowed() -> None:
    assert "No rule knows sessions" in _with(has_hours=False, sessions=())
    assert "none in the next two weeks" in _with(sessions=())


def test_a_daemon_that_tells_no_calendar_is_no_error() -> None:
    assert "has not told of it" in text(calendar_lines(look(changed(canned.calm(), calendar=None))))


def test_no_line_is_wider_than_the_screen() -> None:
    assert isinstance(canned_day.calendar(), CalendarStatus)
    assert all(length(line) <= 78 for line in calendar_lines(look()))
