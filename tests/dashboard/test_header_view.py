"""The three lines on top of every tab."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from risk_manager.dashboard.header_view import account_lock, connection_line, elsewhere, header_lines, time_of
from risk_manager.dashboard.lines import Tone, length, plain
from risk_manager.local_api.frames import Message, remembered
from risk_manager.local_api.messages import FeedStatus, Snapshot
from tests.dashboard import canned
from tests.dashboard.canned import lock
from tests.dashboard.canned_day import NOW
from tests.dashboard.looks import changed, look


def _header(body: Snapshot | None = None, **more: Any) -> list[str]:
    return [plain(line) for line in header_lines(look(body, **more))]


def test_the_first_line_tells_daemon_feeds_mode_and_time() -> None:
    one = look()
    line = connection_line(one.known, time=time_of(one), width=80)

    assert plain(line).startswith(" Risk Manager  ● LIVE  user ●  market ●  enforcing ")
    assert plain(line).endswith(" 10:31:02 CT")
    assert length(line) == 80


def test_a_lost_feed_is_named_with_its_state() -> None:
    body = msgspec.structs.replace(canned.calm(), feeds=(FeedStatus(name="user", state="session_fight"),))

    assert "user ✖ session fight" in plain(connection_line(look(body).known, time="", width=80))


def test_shadow_is_told_on_the_first_line() -> None:
    body = canned.snapshot(mode="shadow")
    assert "SHADOW: nothing is enforced" in plain(connection_line(look(body).known, time="", width=80))


def test_in_calm_the_room_and_the_nearest_limit_are_told() -> None:
    first, second, third = _header()

    assert first.startswith("  ● MAY TRADE   $387.50 left to Daily loss ")
    assert first.endswith("Main · 123456")
    assert second == "   nearest limit: Max contracts ES, 1 left (67% used)"
    assert "Day −112.50" in third


def test_where_care_is_needed_the_room_is_told_too_and_what_keeps_the_daemon_from_seeing_all() -> None:
    calm = canned.calm()
    broken = "the configuration files are broken, what was last in force holds: mend them"
    daemon = msgspec.structs.replace(calm.daemon, state="degraded", detail=broken)
    first, second, _ = _header(msgspec.structs.replace(calm, daemon=daemon))

    assert first.startswith("  ▲ WITH CARE   $387.50 left to Daily loss ")
    assert second.startswith("   the configuration files are broken, what was last in force holds")


def test_a_lock_is_a_banner_with_the_reason_and_the_time_left() -> None:
    body = canned.locked()
    first, second, _ = _header(body)

    assert first.startswith(" ■ LOCKED  6:28:58 left  until 17:00 CT")
    assert second == "   No trading. Daily realized loss reached: $512.50, limit $500.00"
    assert {span.tone for line in header_lines(look(body))[:2] for span in line} == {Tone.BAD_BADGE}


def test_a_cooldown_counts_down_under_another_sign_and_colour() -> None:
    cooldown = lock(rule="cooldown_after_loss", mode="no_new_risk", until=NOW + timedelta(minutes=14, seconds=31))
    body = changed(canned.calm(), locks=(cooldown,))

    assert _header(body)[0].startswith(" ◧ NO NEW RISK  14:31 left")
    assert header_lines(look(body))[0][0].tone is Tone.WARN_BADGE


def test_a_missing_stop_counts_down_until_the_daemon_closes() -> None:
    assert _header(canned.near())[1] == "   ▲ MNQ has no stop: it is closed in 0:47"


def test_a_rule_in_shadow_only_would_close() -> None:
    rules = (canned.rule("no_stop_loss_grace", "1", "60", mode="shadow"),)
    assert "in shadow: it would be closed in 0:47" in _header(changed(canned.near(), rules=rules))[1]


def test_an_enforcement_is_news_until_ten_seconds_after_it_began() -> None:
    body = canned.snapshot(recent=(Message(123456, canned.enforcement(at=NOW)),))
    assert _header(body)[1].startswith("   ▶ ACTING  Daily realized loss reached: $512.50")

    over = canned.snapshot(recent=(Message(123456, canned.enforcement(state="proven", proven_ms=143.2, at=NOW)),))
    assert "✔ DONE" in _header(over)[1]
    assert _header(over)[1].endswith("proven 143 ms")
    late = canned.snapshot(recent=(Message(123456, canned.enforcement(state="proven")),))
    assert "nearest limit" in _header(late)[1]


def test_without_a_daemon_nothing_is_called_safe_and_the_age_is_told() -> None:
    first, second, _ = _header(away=True, now=NOW + timedelta(minutes=9))

    assert first.startswith(" ? NOT KNOWN  the daemon is away")
    assert second == "   Nobody enforces your rules now. What you see is 9 m old, of 10:31:02 CT"


def test_a_daemon_that_says_nothing_is_not_trusted() -> None:
    first, second, _ = _header(now=NOW + timedelta(seconds=7))

    assert "? NOT KNOWN" in first
    assert second == "   the daemon has said nothing for 7.0 s"


def test_the_account_is_told_among_how_many() -> None:
    assert _header(canned.locked())[0].endswith("Main · 123456 · 1 of 2 ▸")
    assert header_lines(look(canned.locked()))[0][-2].act == "choose_account"


def test_of_several_locks_the_flat_one_that_ends_last_counts() -> None:
    soon = lock(until=NOW + timedelta(minutes=1))
    wide = lock(mode="no_new_risk", until=None)
    assert account_lock(canned.account(locks=(soon, wide, lock(), lock(root="ES", until=None)))) == lock()
    assert account_lock(canned.account(locks=(lock(), lock(until=None)))) == lock(until=None)
    assert account_lock(canned.account(locks=(lock(root="ES"),))) is None


@pytest.mark.parametrize("width", [20, 40, 80, 160])
@pytest.mark.parametrize("body", [canned.calm(), canned.near(), canned.locked()])
def test_no_line_is_wider_than_the_screen(body: Snapshot, width: int) -> None:
    assert all(length(line) <= width for line in header_lines(look(body, width=width)))


def test_what_is_done_on_another_account_is_told_for_a_moment_and_leads_there() -> None:
    def acted(account: int, **changes: Any) -> Snapshot:
        one = look(canned.locked()).known.snapshot
        assert one is not None
        action = remembered(Message(account, canned.enforcement(**changes)))
        return msgspec.structs.replace(one, recent=(action,))

    (span,) = elsewhere(look(acted(234567, at=NOW)))
    assert (span.text, span.act) == ("  ▶ ACTING on Evaluation", "show_account(234567)")
    assert elsewhere(look(acted(234567))) == ()
    assert elsewhere(look(acted(123456, at=NOW))) == ()
    assert "▶ ACTING on Evaluation" in plain(connection_line(look().known, time="", width=80, also=(span,)))


def test_without_a_limit_on_losses_no_room_is_told() -> None:
    body = changed(canned.calm(), rules=(canned.rule("max_contracts", "1", "5"),))
    assert "no loss is limited" in _header(body)[0]
