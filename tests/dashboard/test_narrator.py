"""What happens, line by line."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from risk_manager.dashboard.narrator import Narrator
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import (
    AccountFigures,
    AccountRules,
    DaemonStatus,
    DayReset,
    EventData,
    FeedStatus,
    LockEnded,
    TradeSeen,
    Verdict,
    Warned,
)
from risk_manager.local_api.quotes import MarketQuote
from tests.dashboard import canned
from tests.dashboard.canned import ES
from tests.dashboard.canned_day import NOW

MAIN = 123456


def _told(event: EventData, account_id: int | None = MAIN) -> Sequence[str]:
    narrator = Narrator(now=lambda: NOW)
    narrator.tell(canned.calm())
    return narrator.tell(Message(account_id, event))


def test_it_begins_with_who_is_watched() -> None:
    assert Narrator(now=lambda: NOW).tell(canned.locked()) == [
        "10:31:02            DAEMON    live, watching Main, Evaluation"
    ]


def test_a_breach_tells_rule_code_numbers_and_what_is_done() -> None:
    (line,) = _told(canned.enforcement())

    assert line == (
        "10:28:02  Main      BREACH    daily_realized_loss  DAILY_REALIZED_LOSS_REACHED measured=512.50 limit=500 "
        "→ close all, cancel all, locked until 17:00 CT"
    )


def test_each_rule_that_breached_has_its_line_and_the_deeds_come_last() -> None:
    more = Verdict(rule="max_contracts", code="MAX_CONTRACTS_EXCEEDED", measured=Decimal(6), limit=Decimal(5))
    lines = _told(canned.enforcement(decisions=(*canned.enforcement().decisions, more)))

    assert ["→" in line for line in lines] == [False, True]
    assert "max_contracts  MAX_CONTRACTS_EXCEEDED measured=6 limit=5 → close all" in lines[1]


def test_the_proof_tells_how_fast() -> None:
    proven = msgspec.structs.replace(canned.proven(), decisions=canned.enforcement().decisions)

    assert _told(proven)[0].endswith(
        "PROVEN    daily_realized_loss  first request 0.84 ms, proven 143 ms, $12.50 past the limit"
    )


def test_a_standing_order_that_acts_is_no_new_breach() -> None:
    line = _told(canned.enforcement(decisions=(Verdict(rule="lockout", code="LOCKED_FLAT"),)))[0]

    assert "  LOCKOUT   lockout  LOCKED_FLAT → close all" in line


def test_in_shadow_nothing_is_claimed_to_be_done() -> None:
    assert "→ in shadow, nothing is done; else: close all" in _told(canned.enforcement(state="shadow"))[0]


def test_a_failure_is_told() -> None:
    line = _told(msgspec.structs.replace(canned.proven(), state="failed", proven_ms=None, detail="no answer"))[0]

    assert "FAILED" in line
    assert line.endswith("no answer")


def test_trades_positions_and_orders_are_told() -> None:
    trade = TradeSeen(
        id=1,
        order_id=2,
        contract_id=ES,
        root="ES",
        side="sell",
        size=2,
        price=Decimal("5800.25"),
        at=NOW,
        realized_pnl=Decimal("-512.50"),
    )
    assert _told(trade)[0].endswith("TRADE     sold 2 ES at 5,800.25, −512.50")
    assert _told(canned.position())[0].endswith("POSITION  ES long 2 at 5,800.25")
    assert _told(canned.position(size=0, side="flat"))[0].endswith("POSITION  ES flat")
    assert _told(canned.order(ours=True))[0].endswith("ORDER     sell 2 ES stop at 5,795.00 open by the daemon")


def test_locks_and_their_ends_are_told() -> None:
    ended = LockEnded(rule="admin", root="ES", at=NOW, cause="admin")

    assert _told(canned.lock())[0].endswith(
        "LOCKED    account: no trading until 17:00 CT  daily_realized_loss  "
        "DAILY_REALIZED_LOSS_REACHED measured=512.50 limit=500"
    )
    assert _told(ended)[0].endswith("UNLOCKED  ES: Locked by hand (admin)")


def test_the_daemon_its_feeds_days_and_warnings_are_told() -> None:
    said = [
        _told(DaemonStatus(state="degraded", since=NOW, version="1", detail="user hub lost"), None),
        _told(FeedStatus(name="user", state="lost"), None),
        _told(DayReset(at=NOW, trading_day="2026-03-11"), None),
        _told(Warned(at=NOW, code="X", text="90 % of the loss limit")),
    ]

    assert [lines[0].split("  ")[-1].strip() for lines in said] == [
        "degraded: user hub lost",
        "user lost",
        "trading day 2026-03-11",
        "90 % of the loss limit",
    ]


def test_what_changes_all_the_time_is_not_told() -> None:
    assert _told(MarketQuote(contract_id=ES, root="ES", at=NOW), None) == []
    assert _told(AccountRules(rules=())) == []
    assert _told(AccountFigures()) == []


def test_an_account_without_a_name_is_told_by_its_number() -> None:
    assert "  987654  " in _told(canned.position(), 987654)[0]


def test_a_daemon_that_is_away_is_told() -> None:
    assert Narrator(now=lambda: NOW).tell(Away("nobody listens there", 1.0)) == [
        "10:31:02            AWAY      nobody listens there"
    ]
