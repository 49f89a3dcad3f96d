"""What was done, and one incident in full."""

from decimal import Decimal

from risk_manager.dashboard.history_view import history_lines, incidents
from risk_manager.dashboard.lines import Tone, length
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import EnforcementAction
from tests.dashboard import canned
from tests.dashboard.looks import look, text


def _incident(action: EnforcementAction, width: int = 78) -> str:
    body = canned.snapshot(recent=(Message(123456, action),))
    return text(history_lines(look(body, width=width)))


def test_an_incident_tells_rule_numbers_milliseconds_and_dollars() -> None:
    page = text(history_lines(look(canned.locked(), picked=2)))

    assert "Rule            Daily loss (daily_realized_loss)" in page
    assert "Measured        $512.50 against a limit of $500.00" in page
    assert "What was done   close all, cancel all, locked until 17:00 CT" in page
    assert "First request   0.84 ms after TopstepX told of it" in page
    assert "Proof           143 ms, by TopstepX's own lists" in page
    assert "Past the limit  $12.50" in page


def test_the_newest_comes_first_and_is_picked() -> None:
    lines = history_lines(look(canned.locked()))

    assert text(lines).splitlines()[1].startswith("▸ 10:30:52  ✔ DONE    Traded during a lock · 88 ms")
    assert {span.tone for span in lines[1]} == {Tone.PICKED}
    assert lines[2][0].act == "pick(1)"


def test_a_failure_says_that_there_is_no_proof() -> None:
    page = _incident(canned.enforcement(state="failed", detail="TopstepX refused: market closed"))

    assert "✖ FAILED" in page
    assert "Proof           none yet: TopstepX's lists do not show it" in page
    assert "In words        TopstepX refused: market closed" in page
    assert "Past the limit  not known" in page


def test_one_under_way_awaits_its_proof() -> None:
    assert "Proof           awaited" in _incident(canned.enforcement())


def test_in_shadow_nothing_was_done() -> None:
    page = _incident(canned.enforcement(state="shadow"))

    assert "nothing of it was done" in page
    assert "Proof" not in page


def test_a_limit_that_held_was_not_passed() -> None:
    assert "Past the limit  nothing" in _incident(canned.enforcement(state="proven", past_limit=Decimal(0)))


def test_where_there_is_room_the_incident_stands_beside_the_list() -> None:
    first = text(history_lines(look(canned.locked(), width=158, height=40))).splitlines()[0]

    assert first.startswith("History")
    assert " Incident ─" in first


def test_a_long_history_shows_the_rows_around_the_picked_one() -> None:
    many = tuple(Message(123456, canned.enforcement(id=f"p{number}", state="proven")) for number in range(60))
    lines = history_lines(look(canned.snapshot(recent=many), picked=30))

    assert len(lines) <= 18
    assert any(span.act == "pick(30)" and span.tone is Tone.PICKED for line in lines for span in line)


def test_only_what_concerns_the_account_is_listed() -> None:
    other = canned.snapshot(recent=(Message(999, canned.enforcement()),))

    assert incidents(look(other)) == ()
    assert "nothing has happened yet" in text(history_lines(look(other)))


def test_a_warning_can_be_read_in_full_too() -> None:
    page = text(history_lines(look(canned.near())))
    assert page.count("Daily loss is at 92 % of its limit, $37.50 left") == 2


def test_no_line_is_wider_than_the_screen() -> None:
    for width in (78, 158):
        assert all(length(line) <= width for line in history_lines(look(canned.locked(), width=width)))
