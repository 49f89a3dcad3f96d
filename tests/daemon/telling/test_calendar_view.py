from datetime import UTC, date, datetime, time, timedelta

from risk_manager.core.engine import Engine
from risk_manager.core.model.trading_calendar import Holidays
from risk_manager.core.policy import Policy
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.calendar_view import calendar_status
from tests.daemon.fake_venue import ACCOUNT

TUESDAY = datetime(2026, 3, 10, 15, tzinfo=UTC)
"""10:00 in Chicago."""
HOLIDAYS = Holidays(
    closed=frozenset({date(2026, 3, 12), date(2026, 1, 1)}), early_closes={date(2026, 3, 13): time(12, 15)}
)


def state(*rules: SessionBlockOutside) -> AccountState:
    return Engine({ACCOUNT: Policy(rules=rules, holidays=HOLIDAYS)}, at=TUESDAY).state.accounts[ACCOUNT]


def rule(**settings: object) -> SessionBlockOutside:
    session = {"start": "08:30", "end": "15:00", "timezone": "America/Chicago"}
    return SessionBlockOutside.model_validate({"global_session": session, "flatten_before_end": "5m", **settings})


def test_the_day_and_the_holidays_that_come_are_told() -> None:
    calendar = calendar_status(state())
    assert (calendar.trading_day, calendar.starts_at) == ("2026-03-10", datetime(2026, 3, 9, 22, tzinfo=UTC))
    assert [(one.date, one.early_close) for one in calendar.holidays] == [("2026-03-12", None), ("2026-03-13", "12:15")]
    assert (calendar.has_hours, calendar.sessions) == (False, ())


def test_the_sessions_that_are_not_over_are_told_with_the_time_to_be_flat() -> None:
    calendar = calendar_status(state(rule()))
    now, tomorrow, friday = calendar.sessions[:3]
    assert calendar.has_hours
    assert (now.starts_at.day, now.ends_at) == (10, datetime(2026, 3, 10, 20, tzinfo=UTC))
    assert now.flat_by == now.ends_at - timedelta(minutes=5)
    assert tomorrow.starts_at.day == 11
    assert (friday.starts_at.day, friday.ends_at) == (13, datetime(2026, 3, 13, 17, 15, tzinfo=UTC))


def test_where_positions_may_be_held_nobody_has_to_be_flat() -> None:
    assert calendar_status(state(rule(close_positions_at_session_end=False))).sessions[0].flat_by is None


def test_a_product_with_hours_of_its_own_is_named() -> None:
    own = {"CL": {"start": "09:00", "end": "14:30", "timezone": "America/New_York"}}
    roots = {one.root for one in calendar_status(state(rule(per_instrument_sessions=own))).sessions}
    assert roots == {None, "CL"}
