"""The first tab."""

import msgspec
import pytest

from risk_manager.dashboard.lines import length
from risk_manager.dashboard.overview import overview_lines
from risk_manager.local_api.messages import Snapshot
from tests.dashboard import canned
from tests.dashboard.canned import lock
from tests.dashboard.looks import changed, look, text


def test_in_calm_the_small_screen_shows_room_positions_and_the_course_without_scrolling() -> None:
    lines = overview_lines(look())
    page = text(lines)

    assert len(lines) <= 18
    assert "Room to each limit" in page
    assert "stop at 5,795.00" in page
    assert "P&L of the day" in page


def test_locks_are_on_the_small_screen_only_when_there_are_any() -> None:
    assert "Locks ─" not in text(overview_lines(look()))
    assert "Locks ─" in text(overview_lines(look(canned.locked())))


def test_accounts_are_listed_when_there_are_several_and_can_be_clicked() -> None:
    lines = overview_lines(look(canned.locked()))

    assert "▸ Main" in text(lines)
    assert any(span.act == "show_account(234567)" for line in lines for span in line)
    assert "Accounts" not in text(overview_lines(look()))


def test_the_large_screen_has_large_figures() -> None:
    page = text(overview_lines(look(width=158, height=42)))

    assert "Room to the limit: Daily loss" in page
    assert "┏╋╸ ╺━┓ ┏━┓ ╺━┓" in page
    assert "Until the reset" in page


def test_when_locked_the_time_left_takes_the_first_place() -> None:
    assert "Locked, time left" in text(overview_lines(look(canned.locked(), width=158, height=42)))
    endless = changed(canned.calm(), locks=(lock(until=None),))
    assert "Locked without end" in text(overview_lines(look(endless, width=158, height=42)))


def test_without_a_limit_on_losses_it_says_so() -> None:
    body = changed(canned.calm(), rules=(canned.rule("max_contracts", "1", "5"),))
    assert "No loss is limited" in text(overview_lines(look(body, width=158, height=42)))
    assert "nothing limits you" in text(overview_lines(look(changed(canned.calm(), rules=()))))


@pytest.mark.parametrize(("width", "height"), [(38, 4), (78, 18), (118, 30), (158, 42)])
@pytest.mark.parametrize("body", [canned.calm(), canned.near(), canned.locked()])
def test_no_line_is_wider_than_the_screen(body: Snapshot, width: int, height: int) -> None:
    assert all(length(line) <= width for line in overview_lines(look(body, width=width, height=height)))


def test_many_accounts_are_counted_on_a_small_screen() -> None:
    body = canned.locked()
    many = tuple(msgspec.structs.replace(body.accounts[1], id=number) for number in range(5))
    page = text(overview_lines(look(msgspec.structs.replace(body, accounts=(body.accounts[0], *many)))))

    assert page.startswith("6 accounts  5 ● MAY TRADE  1 ■ LOCKED  (a lists them)")
