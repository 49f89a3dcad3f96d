"""The trading day, the sessions and holidays that come, and the next reset."""

from collections.abc import Iterator
from datetime import date, timedelta

from risk_manager.dashboard.lines import Line, Span, Tone, gauge, section, spread, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.wording import length_of, moment
from risk_manager.local_api.trading_day import CalendarStatus, HolidayStatus, SessionTimes

_MOST_SESSIONS = 8


def calendar_lines(look: Look) -> tuple[Line, ...]:
    """How far the day is, when one may trade, and which days are different."""
    calendar = look.account.calendar
    if calendar is None:
        return (section("Calendar", look.width), (Span("the daemon has not told of it", Tone.MUTED),))
    return (
        *_day(calendar, look),
        (),
        section("Sessions", look.width),
        *_sessions(calendar, look),
        (),
        section("Holidays ahead", look.width),
        *(_holiday(one, look) for one in calendar.holidays),
        *(((Span("none are known", Tone.MUTED),),) if not calendar.holidays else ()),
    )


def _day(calendar: CalendarStatus, look: Look) -> Iterator[Line]:
    day = date.fromisoformat(calendar.trading_day)
    yield section(f"Trading day {day:%a %Y-%m-%d}", look.width)
    ends = look.account.next_reset
    if ends is None:
        return
    reset = moment(ends, zone=look.zone, now=look.now)
    left = (Span("Next reset "), Span(reset, Tone.STRONG), Span(f", in {length_of(ends - look.now)}", Tone.STRONG))
    yield spread(left, (Span("losses, counts and day locks begin anew", Tone.MUTED),), look.width)
    whole = (ends - calendar.starts_at).total_seconds() or 1.0
    share = (look.now - calendar.starts_at).total_seconds() / whole
    begins, end = f"{calendar.starts_at.astimezone(look.zone):%H:%M} ", f" {ends.astimezone(look.zone):%H:%M}"
    bar = gauge(share, max(look.width - len(begins) - len(end), 8), tone=Tone.GOOD)
    yield (Span(begins, Tone.MUTED), *bar, Span(end, Tone.MUTED))


def _sessions(calendar: CalendarStatus, look: Look) -> Iterator[Line]:
    if not calendar.has_hours:
        words = "No rule knows sessions: as far as your rules go, every hour of the day is yours."
        yield from wrapped((Span(words, Tone.MUTED),), look.width, indent=0)
        return
    shown = [one for one in calendar.sessions if one.ends_at > look.now]
    if not shown:
        yield (Span("none in the next two weeks", Tone.WARN),)
    for session in shown[:_MOST_SESSIONS]:
        yield _session(session, look)


def _session(session: SessionTimes, look: Look) -> Line:
    start, end = session.starts_at.astimezone(look.zone), session.ends_at.astimezone(look.zone)
    hours = f"{start:%a %d %b %H:%M} to {'' if end.date() == start.date() else f'{end:%a} '}{end:%H:%M}"
    what = "all products" if session.root is None else session.root
    line: Line = (Span(f"{hours:<26}{what:<13}"),)
    if session.starts_at > look.now:
        soon = session.starts_at - look.now < timedelta(days=1)
        opens = f"opens in {length_of(session.starts_at - look.now)}" if soon else ""
        return (Span("○ ", Tone.MUTED), *line, Span(opens, Tone.MUTED))
    closes = f"open, {length_of(session.ends_at - look.now)} left"
    return (Span("● ", Tone.GOOD), *line, Span(closes, Tone.GOOD), *_flat_by(session, look))


def _flat_by(session: SessionTimes, look: Look) -> Line:
    if session.flat_by is None or session.flat_by >= session.ends_at:
        return ()
    at = session.flat_by.astimezone(look.zone)
    if session.flat_by <= look.now:
        return (Span(f", flat since {at:%H:%M}", Tone.WARN),)
    return (Span(f", flat by {at:%H:%M}", Tone.WARN),)


def _holiday(holiday: HolidayStatus, look: Look) -> Line:
    day = date.fromisoformat(holiday.date)
    today = look.now.astimezone(look.zone).date()
    what = "no session" if holiday.early_close is None else f"sessions end at {holiday.early_close}"
    far = {0: "today", 1: "tomorrow"}.get((day - today).days, f"in {(day - today).days} days")
    tone = Tone.WARN if (day - today).days <= 1 else Tone.MUTED
    return (Span(f"  {day:%a %d %b %Y}   "), Span(f"{what:<26}"), Span(far, tone))
