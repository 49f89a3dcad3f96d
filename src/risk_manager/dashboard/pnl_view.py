"""The day's profit and loss: its course against its limits, and the figures behind it."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from risk_manager.core.rule import Measures
from risk_manager.core.rules import measures_of
from risk_manager.dashboard.account_view import rule_line
from risk_manager.dashboard.chart import Course, Frame, Level, chart
from risk_manager.dashboard.lines import Line, Span, Tone, joined, section
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.wording import amount, change, clock, title
from risk_manager.local_api.messages import RuleStatus
from risk_manager.local_api.trading_day import PnlPoint

_SIDES = {Measures.LOSS_OF_DAY: -1, Measures.PROFIT_OF_DAY: 1}
"""What limits the day's P&L, with the side of zero on which it lies."""
_OF_MONEY = (*_SIDES, Measures.OPEN_LOSS, Measures.OPEN_PROFIT)
_SHORTEST = timedelta(minutes=30)
_STEPS = (5, 10, 15, 30, 60, 120, 180, 240)
"""Minutes between two times below the chart."""
_LEAST_HEIGHT = 6


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """A day's course as it is drawn; equal to itself alone: comparing hundreds of points takes long."""

    points: tuple[PnlPoint, ...]
    together: Course
    realized: Course
    best: PnlPoint
    worst: PnlPoint


_DAYS: deque[_Day] = deque(maxlen=4)
"""The days that were looked at lately: a course is the same tuple until it gets a point."""


def pnl_lines(look: Look) -> tuple[Line, ...]:
    """The chart, its legend, the day's extremes, and the limits that are counted in dollars."""
    rules = [
        rule for rule in look.account.rules if measures_of(rule.name) in _OF_MONEY and rule.utilization is not None
    ]
    below = (*_extremes(look), *(rule_line(rule, width=look.width, warn_at=look.account.warn_at) for rule in rules))
    height = max(look.height - len(below) - 2, _LEAST_HEIGHT)
    return (
        section("P&L of the day, in dollars", look.width),
        *pnl_chart(look, width=look.width, height=height),
        *below,
    )


def pnl_chart(look: Look, *, width: int, height: int) -> tuple[Line, ...]:
    """Draw the course of the day, realized and open together, and what is realized as dots."""
    points = look.account.pnl_curve
    if not points:
        return ((Span("nothing has been traded today", Tone.MUTED),),)
    ends = max(look.now, points[0].at + _SHORTEST)
    heard_at = look.known.heard_at or look.now
    frame = replace(_frame(points[0].at, _rounded(ends), look), known_until=_rounded(heard_at).timestamp())
    day = _day(points)
    return _drawn(day, levels=_levels(day, look), frame=frame, width=width, height=height)


@lru_cache(maxsize=8)  # the same course is painted again with every price
def _drawn(day: _Day, *, levels: tuple[Level, ...], frame: Frame, width: int, height: int) -> tuple[Line, ...]:
    return chart(day.together, beneath=day.realized, levels=levels, frame=frame, width=width, height=height)


def _day(points: tuple[PnlPoint, ...]) -> _Day:
    """Make of a course what is drawn, once for each."""
    for known in _DAYS:
        if known.points is points:
            return known
    totals = [(point, point.total) for point in points]
    day = _Day(
        points,
        together=tuple((point.at.timestamp(), float(total)) for point, total in totals),
        realized=tuple((point.at.timestamp(), float(point.realized)) for point in points),
        best=max(totals, key=lambda one: one[1])[0],
        worst=min(totals, key=lambda one: one[1])[0],
    )
    _DAYS.append(day)
    return day


def _levels(day: _Day, look: Look) -> tuple[Level, ...]:
    """The lines across: zero, and the limits on the day that are not far off the chart."""
    levels = [Level(0.0, "0", Tone.MUTED, solid=True)]
    limits = [(rule, _SIDES[measures_of(rule.name)]) for rule in look.account.rules if measures_of(rule.name) in _SIDES]
    losses = [abs(float(rule.limit or 0)) for rule, side in limits if side < 0]
    reach = 2 * max((abs(float(day.best.total)), abs(float(day.worst.total)), *losses, 0.0))
    for rule, side in limits:
        if rule.limit is not None and (side < 0 or float(rule.limit) <= reach):
            tone = Tone.BAD if side < 0 else Tone.GOOD
            levels.append(Level(float(rule.limit) * side, _whole(rule.limit * side), tone))
    return tuple(levels)


def _whole(value: Decimal) -> str:
    return f"{value:+,.0f}".replace("-", "−")


def _rounded(at: datetime) -> datetime:
    """Let the chart's end move in steps, so that it is not drawn anew with every second."""
    return datetime.fromtimestamp(-(-at.timestamp() // 15) * 15, tz=at.tzinfo)


def _frame(begins: datetime, ends: datetime, look: Look) -> Frame:
    """Choose the times below: as many as fit, at full steps of the clock."""
    minutes = (ends - begins).total_seconds() / 60
    wanted = max((look.width - 12) // 14, 2)
    step = next((one for one in _STEPS if minutes / one <= wanted), _STEPS[-1])
    local = begins.astimezone(look.zone).replace(second=0, microsecond=0)
    first = local + timedelta(minutes=step - (local.hour * 60 + local.minute) % step)
    count = int((ends - first).total_seconds() // (step * 60)) + 1
    times = [first + timedelta(minutes=step * number) for number in range(max(count, 0))]
    ticks = tuple((at.timestamp(), f"{at:%H:%M}") for at in times)
    return Frame(begins.timestamp(), ends.timestamp(), ticks)


def _extremes(look: Look) -> tuple[Line, ...]:
    """What the line and the dots are, and the day's best and worst moment."""
    points = look.account.pnl_curve
    if not points:
        return ()
    day = _day(points)
    legend: Line = (Span("⣀⣠⠴⠒ realized and open  ", Tone.PLAIN), Span("⠂ ⠂ ⠂ realized", Tone.MUTED))
    moments = [
        part for part in (_moment("best", day.best, look), _moment("worst", day.worst, look), _limits(look)) if part
    ]
    in_one = joined((legend, *moments), width=look.width)
    if moments[-1][-1] is in_one[-1]:
        return (in_one,)
    return (legend, joined(moments, width=look.width))


def _moment(name: str, point: PnlPoint, look: Look) -> Line:
    at = clock(point.at, look.zone)[:5]
    return (Span(f"{name} ", Tone.MUTED), Span(change(point.total)), Span(f" at {at}", Tone.MUTED))


def _limits(look: Look) -> Line:
    """Say what limits of the day there are, the one that is off the chart too."""
    limits: list[RuleStatus] = [rule for rule in look.account.rules if measures_of(rule.name) in _SIDES and rule.limit]
    words = ", ".join(f"{title(rule.name)} ${amount(rule.limit)}" for rule in limits)
    return (Span(f"limits: {words}", Tone.MUTED),) if words else ()
