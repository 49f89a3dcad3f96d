"""The day's profit and loss."""

from dataclasses import replace
from datetime import timedelta

from risk_manager.dashboard.known import Known, told_away, told_snapshot
from risk_manager.dashboard.lines import length, plain
from risk_manager.dashboard.pnl_view import pnl_chart, pnl_lines
from tests.dashboard import canned
from tests.dashboard.canned import rule
from tests.dashboard.canned_day import NOW, curve
from tests.dashboard.looks import changed, look, text


def test_the_course_is_drawn_against_the_daily_loss() -> None:
    page = text(pnl_lines(look(canned.near())))

    assert "−500 │" in page
    assert "Daily loss" in page.splitlines()[-1]


def test_the_best_and_the_worst_moment_are_told() -> None:
    body = changed(canned.calm(), pnl_curve=curve((60, "0", None), (40, "120", "30"), (20, "-80", None)))
    page = text(pnl_lines(look(body, width=150)))

    assert "best +150.00 at 09:51" in page
    assert "worst −80.00 at 10:11" in page


def test_on_a_small_screen_the_worst_moment_is_told_too() -> None:
    lines = pnl_lines(look(canned.near(), width=78, height=18))
    assert any("best" in plain(line) and "worst" in plain(line) for line in lines)


def _drawn_share(line: str) -> float:
    """Tell how far to the right a row of the chart has dots."""
    return len(line.rstrip(" ")) / 78


def test_the_line_ends_where_the_present_is_and_goes_on_into_no_future() -> None:
    body = changed(canned.calm(), pnl_curve=curve((3, "-5", None)), rules=())
    rows = [plain(line) for line in pnl_chart(look(body), width=78, height=8)[:-1]]
    assert max(_drawn_share(row) for row in rows if not row.strip().startswith("0 ")) < 0.3


def test_while_the_daemon_is_away_the_line_ends_where_it_was_last_heard() -> None:
    body = changed(canned.calm(), pnl_curve=curve((60, "-5", None)), rules=())
    known = told_snapshot(Known(), body, at=NOW - timedelta(minutes=30))
    away = replace(look(body), known=told_away(known, "gone"))
    rows = [plain(line) for line in pnl_chart(away, width=78, height=8)[:-1]]
    assert 0.4 < max(_drawn_share(row) for row in rows if not row.strip().startswith("0 ")) < 0.65


def test_a_target_that_is_far_away_does_not_flatten_the_chart() -> None:
    near = (rule("daily_realized_loss", "1", "500"), rule("daily_realized_profit", "0", "800"))
    far = (rule("daily_realized_loss", "1", "500"), rule("daily_realized_profit", "0", "15000"))

    assert "+800 │" in text(pnl_lines(look(changed(canned.calm(), rules=near))))
    page = text(pnl_lines(look(changed(canned.calm(), rules=far), width=150)))
    assert "15,000 │" not in page
    assert "limits: Daily loss $500.00, Daily profit $15,000.00" in page


def test_a_day_without_a_trade_says_so() -> None:
    assert "nothing has been traded today" in text(pnl_lines(look(changed(canned.calm(), pnl_curve=()))))


def test_it_fills_the_room_and_not_more() -> None:
    for width, height in ((78, 18), (158, 42)):
        lines = pnl_lines(look(canned.near(), width=width, height=height))
        assert len(lines) <= height
        assert all(length(line) <= width for line in lines)


def test_a_first_trade_a_moment_ago_can_be_drawn() -> None:
    body = changed(canned.calm(), pnl_curve=curve((0, "-5", None)))
    assert "10:40" in plain(pnl_chart(look(body), width=78, height=8)[-1])


def test_the_chart_is_not_drawn_anew_with_every_second() -> None:
    now = look()
    assert pnl_chart(replace(now, now=NOW + timedelta(seconds=1)), width=78, height=8) is pnl_chart(
        now, width=78, height=8
    )
