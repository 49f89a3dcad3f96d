"""Every rule."""

from risk_manager.dashboard.lines import length
from risk_manager.dashboard.rules_view import rules_lines
from risk_manager.local_api.pending import PendingChange
from tests.dashboard import canned
from tests.dashboard.canned import rule
from tests.dashboard.canned_day import RESET
from tests.dashboard.looks import changed, look, text


def test_a_rule_tells_how_near_it_is_how_it_acts_and_how_it_is_set() -> None:
    page = text(rules_lines(look(width=150)))

    assert "Rules · ┼ warns at 70% and 90%" in page
    assert "22%  $112.50 of $500.00" in page
    assert "enforced · loss limit 500, basis realized plus open, lockout daily reset" in page


def test_a_rule_in_shadow_is_told_by_sign_and_word() -> None:
    body = changed(canned.calm(), rules=(rule("trade_frequency_limit", "7", "10", "per_hour", mode="shadow"),))
    page = text(rules_lines(look(body)))

    assert "Trades pe… (shadow)" in page
    assert "○ shadow: only told" in page


def test_a_rule_that_measures_nothing_watches() -> None:
    assert "Stop-loss grace     ● watching" in text(rules_lines(look()))


def test_without_any_rule_it_is_said_plainly() -> None:
    body = changed(canned.calm(), rules=(), rulebook=())
    assert "no rule is enabled: nothing limits you" in text(rules_lines(look(body)))


def test_a_daemon_that_told_no_settings_still_shows_its_limits() -> None:
    assert "Daily loss" in text(rules_lines(look(changed(canned.calm(), rulebook=()))))


def test_no_line_is_wider_than_the_screen() -> None:
    for width in (78, 158):
        assert all(length(line) <= width for line in rules_lines(look(canned.near(), width=width)))


def test_what_would_loosen_a_limit_and_waits_is_told_with_its_time() -> None:
    waiting = PendingChange(what="daily_realized_loss.loss_limit", old="500", new="800", due_at=RESET)
    page = text(rules_lines(look(changed(canned.calm(), pending=(waiting,)))))

    assert "Waits, as it would loosen a limit" in page
    assert "◷ daily_realized_loss.loss_limit 500 → 800 waits until 2026-03-10 17:00 CDT" in page
    assert "Waits" not in text(rules_lines(look()))
