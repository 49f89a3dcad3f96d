from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from risk_manager.core.engine import Engine
from risk_manager.core.events import ClockTicked, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.policy import Policy
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling import pnl_curve
from risk_manager.daemon.telling.pnl_curve import PnlCurves
from risk_manager.daemon.telling.stored_curves import Course
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import loss
from tests.daemon.virtual_time import START


class Day:
    """An engine, and the curves that follow it."""

    def __init__(self) -> None:
        self.engine = Engine({ACCOUNT: Policy()}, at=START)
        self.kept: list[Course] = []
        self.curves = PnlCurves((), lambda course, _: self.kept.append(course))

    def restarts(self) -> None:
        """Forget the points, but for what was kept last."""
        self.curves = PnlCurves(self.kept[-1:])

    @property
    def state(self) -> AccountState:
        return self.engine.state.accounts[ACCOUNT]

    def loses(self, dollars: int, *, after: float, number: int) -> None:
        at = START + timedelta(seconds=after)
        trade = replace(loss(dollars), at=at, trade_id=number, order_id=number)
        self.engine.handle(TradeReported(at=at, trade=trade))

    def quotes(self, price: str, *, after: float) -> datetime:
        at = START + timedelta(seconds=after)
        self.engine.handle(QuoteUpdated(at=at, contract_id=ES, last=Decimal(price)))
        return at

    def totals(self) -> list[Decimal]:
        return [point.total for point in self.curves.of(self.state)]


def test_a_daemon_that_starts_late_tells_the_course_by_the_trades_of_the_day() -> None:
    day = Day()
    day.loses(100, after=10, number=1)
    day.loses(50, after=20, number=2)
    assert day.totals() == [Decimal(-100), Decimal(-150)]
    assert [point.at for point in day.curves.of(day.state)] == [START + timedelta(seconds=one) for one in (10, 20)]


def test_what_it_sees_itself_has_the_open_pnl_with_it() -> None:
    day = Day()
    day.loses(100, after=10, number=1)
    day.engine.handle(PositionUpdated(at=START + timedelta(seconds=15), position=seen(2).positions[ES]))
    day.quotes("11", after=20)
    day.curves.note(day.state)
    day.quotes("9", after=30)
    day.curves.note(day.state)
    assert day.totals() == [Decimal(-100), Decimal(900), Decimal(700)]


def test_standing_still_adds_nothing() -> None:
    day = Day()
    for _ in range(3):
        day.curves.note(day.state)
    assert len(day.totals()) == 1


def test_a_new_day_begins_with_an_empty_course() -> None:
    day = Day()
    day.loses(100, after=10, number=1)
    day.curves.note(day.state)
    day.engine.handle(ClockTicked(at=START + timedelta(days=1)))
    assert day.totals() == []
    day.curves.note(day.state)
    assert day.totals() == [Decimal(0)]


def test_quotes_add_a_point_every_ten_seconds() -> None:
    curves = PnlCurves()
    due = [curves.is_due(START + timedelta(seconds=after)) for after in (0, 1, 9.9, 10, 11, 25)]
    assert due == [True, False, False, True, False, True]


def test_while_the_picture_is_awaited_nothing_is_noted() -> None:
    day = Day()
    day.state.awaits_picture = True
    day.curves.note(day.state)
    assert day.totals() == []


def test_a_long_day_is_thinned_and_keeps_its_worst_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pnl_curve, "MOST", 8)
    day = Day()
    day.engine.handle(PositionUpdated(at=START, position=seen(1).positions[ES]))
    for number in range(40):
        day.quotes("0.25" if number == 17 else f"{10 + number % 3}", after=number)
        day.curves.note(day.state)
    assert len(day.totals()) <= 8
    assert min(day.totals()) < Decimal(0)
    assert day.curves.of(day.state)[-1].at == START + timedelta(seconds=39)


def test_after_a_restart_the_course_still_has_the_open_pnl_that_was_seen() -> None:
    day = Day()
    day.engine.handle(PositionUpdated(at=START, position=seen(2).positions[ES]))
    day.quotes("11", after=20)
    day.curves.note(day.state)
    day.curves.keep_all()
    day.restarts()
    day.quotes("9", after=30)
    day.curves.note(day.state)
    assert day.totals() == [Decimal(1000), Decimal(800)]


def test_the_course_of_another_day_is_not_shown_after_a_restart() -> None:
    day = Day()
    day.curves.note(day.state)
    day.curves.keep_all()
    day.engine.handle(ClockTicked(at=START + timedelta(days=1)))
    day.restarts()
    assert day.totals() == []


def test_a_crash_costs_a_minute_of_the_course_at_most() -> None:
    day = Day()
    day.engine.handle(PositionUpdated(at=START, position=seen(1).positions[ES]))
    for number in range(100):
        day.quotes(f"{10 + number % 2}", after=number)
        day.curves.note(day.state)
    assert [len(course.points) for course in day.kept] == [61]


def test_an_account_that_was_never_noted_keeps_nothing() -> None:
    day = Day()
    day.curves.keep_all()
    assert day.kept == []
