"""May I trade, and how much room is left?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from risk_manager.dashboard.account_view import (
    Answer,
    account_lines,
    figures_line,
    heading,
    may_trade,
    rule_line,
    summary_line,
)
from risk_manager.dashboard.known import told_away
from risk_manager.dashboard.lines import Tone, plain
from risk_manager.local_api.messages import FeedStatus, RuleStatus
from tests.dashboard import canned
from tests.dashboard.canned import account, known, lock, rule, snapshot
from tests.dashboard.canned_day import NOW, RESET


def _answer(account_changes: dict[str, Any] | None = None, **daemon: Any) -> Answer:
    one = account(**(account_changes or {}))
    return may_trade(one, known(snapshot(one, **daemon)), now=NOW)


def test_a_calm_account_may_trade_and_knows_its_nearest_limit() -> None:
    answer = _answer()

    assert answer.word == "● MAY TRADE"
    assert answer.tone is Tone.GOOD
    assert answer.why == "nearest limit: Max contracts ES, 1 left"


def test_near_a_limit_it_may_trade_but_not_in_calm() -> None:
    answer = _answer({"rules": (rule("daily_realized_loss", "450", "500"),)})

    assert (answer.word, answer.tone) == ("▲ MAY TRADE", Tone.BAD)
    assert "$50.00 left" in answer.why


def test_a_flat_lock_says_until_when_how_long_and_why() -> None:
    answer = _answer({"locks": (lock(),)})

    assert (answer.word, answer.tone) == ("■ LOCKED", Tone.BAD)
    assert answer.why == "until 17:00 CT, 6:28:58 left  Daily realized loss reached: $512.50, limit $500.00"


def test_a_lock_without_end_says_so() -> None:
    assert _answer({"locks": (lock(until=None),)}).why.startswith("without end")


def test_the_strictest_lock_answers() -> None:
    locks = (lock(root="ES"), lock(mode="no_new_risk"), lock())

    assert _answer({"locks": locks}).word == "■ LOCKED"
    assert _answer({"locks": locks[:2]}).word == "◧ NO NEW RISK"


def test_a_locked_root_does_not_lock_the_others() -> None:
    answer = _answer({"locks": (lock(root="ES"), lock(root="NQ"), lock(root="ES", mode="no_new_risk"))})

    assert (answer.word, answer.why) == ("◧ MAY TRADE", "but not ES, NQ")


def test_a_restricted_account_may_not_trade_whatever_else_holds() -> None:
    assert _answer({"can_trade": False, "locks": (lock(),)}).word == "✖ NO TRADING"


def test_an_account_of_which_the_venue_said_nothing_is_not_called_safe() -> None:
    assert _answer({"can_trade": None}).word == "? NOT KNOWN"


def test_without_a_daemon_nothing_is_known() -> None:
    away = told_away(known(canned.calm()), "gone")

    assert may_trade(account(), away, now=NOW) == Answer(
        "? NOT KNOWN", Tone.BAD, "the daemon is away: nobody enforces your rules"
    )


def test_a_daemon_that_is_not_all_there_is_said() -> None:
    answer = _answer({}, state="degraded", detail="the venue does not answer")

    assert answer.word == "▲ WITH CARE"
    assert answer.why == "the venue does not answer"


def test_a_daemon_that_is_going_is_said() -> None:
    assert _answer({}, state="stopping").why == "the daemon is stopping: not everything is watched"


def test_among_all_accounts_the_answer_is_told_in_full_before_the_money() -> None:
    paused = account(nickname="My Combine 50K", locks=(lock(mode="no_new_risk"),))
    line = plain(summary_line(paused, known(snapshot(paused)), now=NOW, width=58))
    assert line.startswith("My Combine … ◧ NO NEW RISK  day ")
    assert line.endswith("open    +75.00")


def test_a_deaf_feed_is_said() -> None:
    body = msgspec.structs.replace(canned.calm(), feeds=(FeedStatus(name="user", state="lost"),))

    assert may_trade(account(), known(body), now=NOW).why == "the user feed is lost"


def test_without_rules_it_says_that_no_limit_is_set() -> None:
    assert _answer({"rules": ()}).why == "no limit is set"


def test_an_untouched_day_is_far_from_every_limit() -> None:
    assert _answer({"rules": (rule("daily_realized_loss", "-80", "500"),)}).why == "all limits are far away"


@pytest.mark.parametrize(
    ("measured", "tone", "mark"), [("349", Tone.GOOD, " "), ("350", Tone.WARN, "▲"), ("450", Tone.BAD, "‼")]
)
def test_a_limit_is_marked_by_a_sign_and_not_by_colour_alone(measured: str, tone: Tone, mark: str) -> None:
    line = rule_line(rule("daily_realized_loss", measured, "500"), width=80)

    assert line[3].tone is tone
    assert line[3].text.startswith(f" {mark}")


def test_a_limit_shows_share_numbers_and_room_in_eighty_columns() -> None:
    line = plain(rule_line(rule("daily_realized_loss", "462.50", "500"), width=78))

    assert line.startswith("Daily loss  ")
    assert line.endswith("92%  $462.50 of $500.00 $37.50 left")
    assert len(line) <= 78


def test_a_limit_in_shadow_says_so_even_with_a_long_name() -> None:
    assert "(shadow)" in plain(
        rule_line(rule("trade_frequency_limit", "7", "10", "TRADES_PER_SESSION_EXCEEDED", mode="shadow"), width=78)
    )


def test_the_most_used_limit_comes_first_and_the_unmeasured_are_named() -> None:
    lines = [plain(line) for line in account_lines(account(), known(canned.calm()), now=NOW, width=78)]

    assert [line.split("  ")[0] for line in lines[2:]] == [
        "Max contracts ES",
        "Max contracts",
        "Daily loss",
        "Also watching: Session hours",
    ]


def test_figures_tell_day_open_and_both() -> None:
    assert plain(figures_line(account(), now=NOW, width=100)) == (
        "Balance 50,412.00  Day −112.50  Open +75.00  Total −37.50  Reset in 6:28:58"
    )


def test_figures_that_are_not_known_are_no_sum() -> None:
    line = plain(figures_line(account(unrealized_pnl=None), now=NOW, width=100))

    assert "Open —" in line
    assert "Both" not in line


def test_positions_without_a_price_are_counted_beside_the_sum() -> None:
    assert "▲ 1 without a price" in plain(figures_line(account(unmarked=("C",)), now=NOW, width=100))


def test_the_countdown_to_the_reset_runs() -> None:
    assert "Reset in 0:01" in plain(figures_line(account(), now=RESET - timedelta(seconds=1), width=100))


def test_no_line_is_wider_than_its_panel() -> None:
    big = account(
        nickname="A very long nickname for an account",
        balance=Decimal("123456789.12"),
        realized_pnl=Decimal("-1234567.89"),
        locks=(lock(reason="locked because " + "of many things " * 20),),
        rules=(rule("daily_realized_loss", "123456.78", "234567.89"), RuleStatus(name="x" * 90)),
    )
    for width in (30, 60, 78, 95):
        lines = account_lines(big, known(snapshot(big)), now=NOW, width=width)
        lines = (*lines, summary_line(big, known(snapshot(big)), now=NOW, width=width))
        assert max(len(plain(line)) for line in lines) <= width


def test_the_heading_names_account_mode_and_age() -> None:
    state = known(canned.calm())
    old = replace(told_away(state, "gone"), heard_at=NOW - timedelta(seconds=133))

    assert heading(account(), state, now=NOW) == "Main · 123456"
    assert "SHADOW: nothing is enforced" in heading(account(mode="shadow"), state, now=NOW)
    assert "live funded" in heading(account(simulated=False), state, now=NOW)
    assert heading(account(), old, now=NOW) == "Main · 123456 · last known, 2 m old"
