"""An account's trading day, sessions and holidays in the words of the local API."""

from collections.abc import Iterator
from datetime import timedelta

from risk_manager.core.model.trading_calendar import Holidays
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from risk_manager.core.state.account import AccountState
from risk_manager.local_api.trading_day import CalendarStatus, HolidayStatus, SessionTimes

DAYS_OF_SESSIONS = 14
MOST_HOLIDAYS = 12


def calendar_status(state: AccountState) -> CalendarStatus:
    """Word the trading day, and what comes: sessions of two weeks, the next holidays."""
    rules = [rule for rule in state.policy.rules if isinstance(rule, SessionBlockOutside)]
    sessions = sorted(_sessions(rules, state), key=lambda one: (one.starts_at, one.root or ""))
    return CalendarStatus(
        trading_day=state.day.key.isoformat(),
        starts_at=state.day.starts_at,
        sessions=tuple(sessions),
        has_hours=bool(rules),
        holidays=tuple(_holidays(state))[:MOST_HOLIDAYS],
    )


def _sessions(rules: list[SessionBlockOutside], state: AccountState) -> Iterator[SessionTimes]:
    for rule in rules:
        for root, window in rule.coming_sessions(state, days=DAYS_OF_SESSIONS):
            flat_by = window.ends_at - rule.flatten_before_end if rule.close_positions_at_session_end else None
            yield SessionTimes(root=root, starts_at=window.starts_at, ends_at=window.ends_at, flat_by=flat_by)


def _holidays(state: AccountState) -> Iterator[HolidayStatus]:
    holidays: Holidays = state.policy.holidays
    today = state.now.astimezone(state.policy.calendar.zone).date() - timedelta(days=1)
    for day in sorted({*holidays.closed, *holidays.early_closes}):
        if day > today:
            early = None if day in holidays.closed else holidays.early_closes[day]
            yield HolidayStatus(date=day.isoformat(), early_close=None if early is None else f"{early:%H:%M}")
