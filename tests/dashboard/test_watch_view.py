"""Locks, and what happened, as lines."""

from datetime import timedelta
from decimal import Decimal

import msgspec

from risk_manager.dashboard.lines import plain
from risk_manager.dashboard.watch_view import feed_lines, lock_lines, outcome
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import DayReset, EventData, LockEnded, Warned
from tests.dashboard import canned
from tests.dashboard.canned import account, known, lock, snapshot
from tests.dashboard.canned_day import NOW

MAIN = 123456


def _feed(*events: EventData, width: int = 140) -> list[str]:
    happenings = known(snapshot(recent=tuple(Message(MAIN, event) for event in events))).happenings
    return [plain(line) for line in feed_lines(happenings, account=account(), now=NOW, width=width)]


def test_a_lock_tells_what_it_forbids_until_when_and_why() -> None:
    lines = [plain(line) for line in lock_lines(account(locks=(lock(),)), now=NOW, width=78)]

    assert lines == [
        "■ account: no trading until 17:00 CT, 6:28:58 left",
        "  Daily realized loss reached: $512.50, limit $500.00",
    ]


def test_the_countdown_of_a_lock_runs() -> None:
    later = NOW + timedelta(hours=6, minutes=28, seconds=50)

    assert "0:08 left" in plain(lock_lines(account(locks=(lock(),)), now=later, width=78)[0])


def test_a_lock_of_a_root_names_it() -> None:
    lines = lock_lines(account(locks=(lock(root="ES", mode="no_new_risk"),)), now=NOW, width=78)

    assert plain(lines[0]).startswith("◧ ES: no new risk until")


def test_an_enforcement_under_way_says_so() -> None:
    assert _feed(canned.enforcement()) == [
        "10:28:02 ▶ ACTING  Daily realized loss reached: $512.50, limit $500.00",
        "         → close all, cancel all, locked until 17:00 CT",
    ]


def test_a_proven_enforcement_tells_its_milliseconds_and_dollars() -> None:
    why, how = _feed(canned.enforcement(), canned.proven())

    assert why == "10:28:02 ✔ DONE  Daily realized loss reached: $512.50, limit $500.00"
    assert how == (
        "         → close all, cancel all, locked until 17:00 CT · "
        "first request 0.84 ms, proven 143 ms, $12.50 past the limit"
    )


def test_a_failed_enforcement_says_why() -> None:
    failed = msgspec.structs.replace(
        canned.proven(), state="failed", proven_ms=None, detail="the venue does not answer"
    )

    lines = _feed(canned.enforcement(), failed)

    assert "✖ FAILED" in lines[0]
    assert lines[1].endswith("the venue does not answer")


def test_in_shadow_nothing_is_said_to_be_done() -> None:
    assert "○ SHADOW" in _feed(canned.enforcement(state="shadow"))[0]


def test_the_newest_comes_first() -> None:
    lines = _feed(Warned(at=NOW, code="A", text="earlier"), Warned(at=NOW, code="B", text="later"))

    assert [line.rpartition(" ")[2] for line in lines] == ["later", "earlier"]


def test_locks_their_ends_and_new_days_are_told() -> None:
    ended = LockEnded(rule="cooldown_after_loss", root=None, at=NOW, cause="expired")

    assert _feed(lock(), ended, DayReset(at=NOW, trading_day="2026-03-11")) == [
        "10:31:02 ● NEW DAY  trading day 2026-03-11",
        "10:31:02 □ UNLOCK  account: Loss cooldown ended",
        "10:28:02 ■ LOCK  account: no trading until 17:00 CT, Daily loss",
    ]


def test_what_concerns_everybody_is_told_and_what_concerns_others_is_not() -> None:
    happenings = (
        Message(None, Warned(at=NOW, code="A", text="for all")),
        Message(999, Warned(at=NOW, code="B", text="for another")),
    )
    lines = feed_lines(happenings, account=account(), now=NOW, width=78)

    assert len(lines) == 1
    assert "for all" in plain(lines[0])


def test_long_words_are_wrapped_and_nothing_is_cut_off() -> None:
    lines = _feed(canned.enforcement(), canned.proven(), width=50)

    assert max(len(line) for line in lines) <= 50
    assert "past the limit" in " ".join(line.strip() for line in lines)


def test_an_outcome_without_numbers_is_empty() -> None:
    assert outcome(canned.enforcement()) == ""
    assert outcome(canned.enforcement(past_limit=Decimal(0))) == ""
