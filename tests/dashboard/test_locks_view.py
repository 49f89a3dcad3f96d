"""Locks and countdowns."""

from datetime import timedelta

from risk_manager.dashboard.locks_view import locks_lines
from tests.dashboard import canned
from tests.dashboard.canned import lock
from tests.dashboard.canned_day import NOW
from tests.dashboard.looks import changed, look, text


def test_a_lock_tells_reason_time_left_and_what_it_means() -> None:
    page = text(locks_lines(look(canned.locked())))

    assert "■ Account: no trading" in page
    assert "until 17:00 CT, 6:28:58 left" in page
    assert "Daily realized loss reached: $512.50, limit $500.00" in page
    assert "Whatever you open or order in this scope is closed and cancelled at once." in page


def test_a_lock_without_end_names_who_may_end_it() -> None:
    body = changed(canned.calm(), locks=(lock(until=None),))
    assert "only an admin can end it" in text(locks_lines(look(body)))


def test_a_cooldown_leaves_the_way_out_open() -> None:
    body = changed(canned.calm(), locks=(lock(mode="no_new_risk", root="ES", until=NOW + timedelta(minutes=5)),))
    page = text(locks_lines(look(body)))

    assert "◧ ES: no new risk" in page
    assert "You may close and reduce what you hold" in page


def test_without_a_lock_nothing_forbids() -> None:
    assert "□ none: no lock forbids you to trade" in text(locks_lines(look()))


def test_without_a_lock_nothing_is_allowed_while_the_daemon_is_away_or_silent() -> None:
    for unheard in (look(away=True), look(now=NOW + timedelta(seconds=8))):
        page = text(locks_lines(unheard))
        assert "? none when the daemon was last heard; now it is not known" in page
        assert "no lock forbids you" not in page


def test_positions_without_a_stop_are_counted_down() -> None:
    assert "▲ MNQ short 2" in text(locks_lines(look(canned.near())))
    assert "closed in 0:47" in text(locks_lines(look(canned.near())))
    assert "nobody closes it while the daemon is away" in text(locks_lines(look(canned.near(), away=True)))


def test_what_was_locked_lately_stays_readable() -> None:
    assert "Lately" in text(locks_lines(look(canned.locked())))


def test_the_way_to_lock_oneself_out_is_named() -> None:
    lines = locks_lines(look())
    assert any(span.act == "lock_me_out" for line in lines for span in line)
