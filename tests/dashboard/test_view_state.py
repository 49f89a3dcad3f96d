"""The whole screen."""

from dataclasses import replace
from datetime import timedelta

import msgspec

from risk_manager.dashboard.known import Known, told_away
from risk_manager.dashboard.lines import plain
from risk_manager.dashboard.view_state import ViewState, Widths, account_shown, neighbour, view
from risk_manager.local_api.messages import FeedStatus
from tests.dashboard import canned
from tests.dashboard.canned import NOW

NARROW = Widths(bar=78, main=77, side=77)


def _view(known: Known, chosen: int | None = None) -> ViewState:
    return view(known, chosen=chosen, now=NOW, widths=NARROW)


def test_the_first_line_tells_daemon_feeds_mode_and_time() -> None:
    line = plain(_view(canned.known(canned.calm())).connection)

    assert line.startswith("Risk Manager  ● LIVE  user ●  market ●  enforcing ")
    assert line.endswith(" 10:31:02")
    assert len(line) == 78


def test_a_lost_feed_is_named_with_its_state() -> None:
    body = msgspec.structs.replace(canned.calm(), feeds=(FeedStatus(name="user", state="session_fight"),))

    assert "user ✖ session fight" in plain(_view(canned.known(body)).connection)


def test_shadow_is_told_on_the_first_line() -> None:
    assert "SHADOW: nothing is enforced" in plain(_view(canned.known(canned.snapshot(mode="shadow"))).connection)


def test_without_a_daemon_the_age_of_the_last_word_is_told() -> None:
    away = replace(told_away(canned.known(canned.calm()), "gone"), heard_at=NOW - timedelta(seconds=40))
    shown = _view(away)

    assert "✖ DAEMON AWAY   last word 40 s ago" in plain(shown.connection)
    assert shown.account.title.endswith("last known, 40 s old")
    assert "NOT KNOWN" in plain(shown.account.lines[0])


def test_before_anything_is_known_the_reason_is_told() -> None:
    shown = _view(told_away(Known(), "nobody listens there"))

    assert [plain(line) for line in shown.account.lines] == ["nobody listens there", "waiting for the daemon"]
    assert shown.positions.lines == ()


def test_a_daemon_without_accounts_says_what_to_do() -> None:
    shown = _view(canned.known(msgspec.structs.replace(canned.calm(), accounts=())))

    assert "accounts.yaml" in plain(shown.account.lines[0])


def test_one_account_needs_no_list_and_two_have_one() -> None:
    assert _view(canned.known(canned.calm())).accounts.lines == ()
    rows = [plain(line) for line in _view(canned.known(canned.locked())).accounts.lines]
    assert rows == [
        "▸ Main           day    −512.50  open       0.00  ■ LOCKED",
        "  Evaluation     day    +210.40  open       0.00  ● MAY TRADE",
    ]


def test_the_chosen_account_is_shown_and_an_unknown_one_is_the_first() -> None:
    known = canned.known(canned.locked())

    assert _view(known, 234567).account.title.startswith("Evaluation")
    assert _view(known, 1).account.title.startswith("Main")


def test_the_next_account_after_the_last_is_the_first() -> None:
    known = canned.known(canned.locked())

    assert neighbour(known, None) == 234567
    assert neighbour(known, 234567) == 123456
    assert neighbour(Known(), None) is None
    assert account_shown(Known(), 5) is None
