"""The course of the day's P&L: as this daemon and its earlier lives saw it, and before that by the trades."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

from risk_manager.core.model.money import ZERO
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.account_view import figures_of
from risk_manager.daemon.telling.stored_curves import Course
from risk_manager.local_api.trading_day import PnlPoint

EVERY = timedelta(seconds=10)
"""How often quotes add a point; what else happens adds its own at once."""
KEPT_EVERY = timedelta(minutes=1)
"""How much of a course a crash may cost."""
MOST = 480
"""Points of a day; with more, the calmer of two neighbours goes."""


class PnlCurves:
    """The points of every account's trading day; only what was seen by a daemon has the open P&L with it."""

    def __init__(self, earlier: Iterable[Course] = (), keep: Callable[[Course, datetime], None] | None = None) -> None:
        """Go on from the courses of an earlier life; `keep` takes a course that has changed, and when."""
        self._points: dict[int, list[PnlPoint]] = {}
        self._days: dict[int, date] = {}
        self._next_at: datetime | None = None
        self._keep = keep
        self._kept_at: dict[int, datetime] = {}
        for course in earlier:
            self._points[course.account_id] = list(course.points)
            self._days[course.account_id] = course.trading_day

    def is_due(self, at: datetime) -> bool:
        """Tell whether a quote at this instant should add points, and if so begin the next span."""
        if self._next_at is not None and at < self._next_at:
            return False
        self._next_at = at + EVERY
        return True

    def note(self, state: AccountState) -> None:
        """Add where the account stands, unless that is where it stood."""
        if state.awaits_picture:
            return  # trades taken while the daemon was down are not known yet
        points = self._points.setdefault(state.account_id, [])
        if self._days.get(state.account_id) != state.day.key:
            self._days[state.account_id] = state.day.key
            points.clear()
        figures = figures_of(state)
        point = PnlPoint(state.now, figures.realized_pnl or ZERO, figures.unrealized_pnl)
        if points and (points[-1].realized, points[-1].open) == (point.realized, point.open):
            return
        points.append(point)
        if len(points) > MOST:
            points[:] = _thinned(points)
        if point.at - self._kept_at.setdefault(state.account_id, point.at) >= KEPT_EVERY:
            self._keep_course(state.account_id, point.at)

    def keep_all(self) -> None:
        """Hand on every course as it stands: the daemon stops."""
        for account_id, points in self._points.items():
            if points:
                self._keep_course(account_id, points[-1].at)

    def _keep_course(self, account_id: int, at: datetime) -> None:
        self._kept_at[account_id] = at
        if self._keep is not None:
            self._keep(Course(account_id, self._days[account_id], tuple(self._points[account_id])), at)

    def of(self, state: AccountState) -> tuple[PnlPoint, ...]:
        """Tell the day's course: until the first point by the trades, from there on as it was seen."""
        seen = self._points.get(state.account_id, []) if self._days.get(state.account_id) == state.day.key else []
        return (*_by_trades(state, before=seen[0].at if seen else None), *seen)


def _by_trades(state: AccountState, *, before: datetime | None) -> Iterator[PnlPoint]:
    """Add up the day's trades one by one."""
    realized = ZERO
    for trade in sorted(state.trades.counting(), key=lambda one: (one.at, one.trade_id)):
        if state.day.contains(trade.at) and (before is None or trade.at < before):
            realized += trade.gross_pnl - trade.costs
            yield PnlPoint(trade.at, realized)


def _thinned(points: list[PnlPoint]) -> Iterator[PnlPoint]:
    """Keep of every two neighbours the one that stands out more; the first and the last stay."""
    yield points[0]
    for index in range(1, len(points) - 2, 2):
        one, other, before = points[index], points[index + 1], points[index - 1]
        yield max((one, other), key=lambda point: abs(point.total - before.total))
    if len(points) % 2 == 1:
        yield points[-2]
    yield points[-1]
