"""What is known, with everything folded in."""

from datetime import timedelta
from decimal import Decimal

import msgspec

from risk_manager.dashboard.known import Known, remembered_snapshot, told, told_away, told_snapshot
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import (
    AccountFigures,
    AccountRules,
    AccountStatus,
    DaemonStatus,
    DayReset,
    EnforcementAction,
    Envelope,
    EventData,
    FeedStatus,
    LockEnded,
    Warned,
)
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarkedPosition, MarketQuote
from tests.dashboard import canned, canned_day
from tests.dashboard.canned import ES
from tests.dashboard.canned_day import NOW, RESET

MAIN = 123456


def _after(*events: EventData, start: Known | None = None) -> Known:
    known = start or canned.known(canned.calm())
    for event in events:
        known = told(known, Message(MAIN, event), at=NOW)
    return known


def _account(known: Known, account_id: int = MAIN) -> AccountStatus:
    assert known.snapshot is not None
    return next(account for account in known.snapshot.accounts if account.id == account_id)


def test_a_position_is_replaced_and_a_flat_one_is_gone() -> None:
    assert [held.size for held in _account(_after(canned.position(size=5))).positions] == [5]
    assert _account(_after(canned.position(size=0, side="flat"))).positions == ()


def test_another_contract_is_another_position() -> None:
    known = _after(canned.position(contract_id=canned.MNQ, root="MNQ"))

    assert [held.root for held in _account(known).positions] == ["ES", "MNQ"]


def test_an_order_that_is_filled_cancelled_expired_or_rejected_is_gone() -> None:
    for status in ("filled", "cancelled", "expired", "rejected"):
        assert _account(_after(canned.order(status=status))).orders == ()


def test_an_order_in_any_other_state_may_still_fill() -> None:
    for status in ("open", "pending", "suspended", "pending_cancellation", "unknown", "none"):
        assert [order.status for order in _account(_after(canned.order(status=status))).orders] == [status]


def test_figures_that_are_not_told_stay() -> None:
    account = _account(_after(AccountFigures(realized_pnl=Decimal(-200))))

    assert account.realized_pnl == Decimal(-200)
    assert account.balance == Decimal("50412.00")


def test_a_quote_marks_the_positions_it_names() -> None:
    marked = MarkedPosition(
        account_id=MAIN, mark=Decimal(5790), unrealized_pnl=Decimal(-1025), account_unrealized_pnl=Decimal(-1025)
    )
    quote = MarketQuote(contract_id=ES, root="ES", at=NOW + timedelta(seconds=1), positions=(marked,))

    account = _account(_after(quote))

    assert account.unrealized_pnl == Decimal(-1025)
    assert account.positions[0].mark == Decimal(5790)
    assert account.positions[0].quote_at == NOW + timedelta(seconds=1)


def test_a_first_mark_ends_being_without_a_price() -> None:
    start = canned.known(canned.snapshot(canned.account(unmarked=(ES,))))
    marked = MarkedPosition(
        account_id=MAIN, mark=Decimal(5790), unrealized_pnl=Decimal(0), account_unrealized_pnl=Decimal(0)
    )

    known = _after(MarketQuote(contract_id=ES, root="ES", at=NOW, positions=(marked,)), start=start)

    assert _account(known).unmarked == ()


def test_a_quote_of_nobody_changes_nothing() -> None:
    calm = canned.known(canned.calm())

    assert _after(MarketQuote(contract_id=ES, root="ES", at=NOW), start=calm).snapshot == calm.snapshot


def test_rules_are_replaced_as_a_whole() -> None:
    known = _after(AccountRules(rules=(canned.rule("max_contracts", "1", "5"),)))

    assert [rule.name for rule in _account(known).rules] == ["max_contracts"]


def test_a_lock_of_the_same_rule_scope_mode_and_code_is_the_same_lock() -> None:
    longer = canned.lock(until=RESET + timedelta(days=1), reason="DAILY_REALIZED_LOSS_REACHED measured=600 limit=500")

    assert len(_account(_after(canned.lock(), longer)).locks) == 1
    assert len(_account(_after(canned.lock(), canned.lock(root="ES"))).locks) == 2
    assert len(_account(_after(canned.lock(), canned.lock(reason="STRICT_MODE"))).locks) == 2


def test_a_lock_that_ended_is_gone_and_others_stay() -> None:
    strict = canned.lock(reason="STRICT_MODE", until=None)
    ended = LockEnded(
        rule="daily_realized_loss", root=None, at=NOW, cause="expired", mode="flat", reason=canned.lock().reason
    )

    assert _account(_after(canned.lock(), strict, ended)).locks == (strict,)


def test_an_end_that_names_no_code_ends_all_of_the_rule() -> None:
    ended = LockEnded(rule="daily_realized_loss", root=None, at=NOW, cause="admin")

    assert _account(_after(canned.lock(), canned.lock(reason="STRICT_MODE"), ended)).locks == ()


def test_the_stages_of_one_enforcement_are_one_happening() -> None:
    known = _after(canned.enforcement(), canned.proven())

    assert len(known.happenings) == 1
    action = known.happenings[0].data
    assert isinstance(action, EnforcementAction)
    assert action.state == "proven"
    assert action.decisions == canned.enforcement().decisions
    assert action.first_request_ms == 0.84


def test_accounts_do_not_share_enforcements() -> None:
    known = _after(canned.enforcement())
    known = told(known, Message(234567, canned.proven()), at=NOW)

    assert len(known.happenings) == 2


def test_only_the_latest_happenings_are_kept() -> None:
    known = _after(*(Warned(at=NOW, code="X", text=str(number)) for number in range(250)))

    assert len(known.happenings) == 200
    last = known.happenings[-1].data
    assert isinstance(last, Warned)
    assert last.text == "249"


def test_a_new_day_names_the_next_reset() -> None:
    known = _after(DayReset(at=RESET, trading_day="2026-03-11", next_reset=RESET + timedelta(days=1)))

    assert _account(known).next_reset == RESET + timedelta(days=1)


def test_daemon_and_feeds_are_replaced() -> None:
    known = _after(
        DaemonStatus(state="degraded", since=NOW, version="1"), FeedStatus(name="user", state="lost", since=NOW)
    )

    assert known.snapshot is not None
    assert known.snapshot.daemon.state == "degraded"
    assert [(feed.name, feed.state) for feed in known.snapshot.feeds] == [("user", "lost"), ("market", "live")]


def test_events_of_another_account_touch_nothing_here() -> None:
    known = told(canned.known(canned.calm()), Message(999, AccountFigures(balance=Decimal(1))), at=NOW)

    assert _account(known).balance == Decimal("50412.00")


def test_away_keeps_what_was_known() -> None:
    known = told_away(canned.known(canned.calm()), "gone")

    assert known.away == "gone"
    assert known.snapshot == canned.calm()
    assert known.heard_at == NOW


def test_coming_back_begins_anew() -> None:
    known = told_snapshot(told_away(_after(canned.enforcement()), "gone"), canned.calm(), at=NOW)

    assert known.away is None
    assert known.happenings == ()


def test_what_was_stored_never_replaces_what_the_daemon_said() -> None:
    known = canned.known(canned.calm())

    assert remembered_snapshot(known, canned.locked()) is known
    assert remembered_snapshot(Known(), canned.locked()).snapshot == canned.locked()


def test_nothing_is_known_before_the_first_snapshot() -> None:
    assert told(Known(), Message(MAIN, canned.position()), at=NOW) == Known()


def test_an_unreadable_memory_is_left_out() -> None:
    broken = msgspec.structs.replace(
        canned.calm(), recent=(Envelope("warning", 1, msgspec.Raw(b"7")), Envelope("tea_time", 1, msgspec.Raw(b"7")))
    )

    assert canned.known(broken).happenings == ()


def test_parts_are_told_again_and_again() -> None:
    parts = canned_day.parts(rest="silent")
    known = told(canned.known(canned.calm()), Message(None, PartsTold(at=NOW, parts=parts)), at=NOW)

    assert known.snapshot is not None
    assert known.snapshot.parts == parts


def test_a_grace_begins_and_ends_with_the_rules() -> None:
    ends = NOW + timedelta(seconds=30)
    begun = _after(AccountRules(rules=(), graces={canned.ES: ends}))
    assert _account(begun).positions[0].grace_until == ends

    assert _account(told(begun, Message(MAIN, AccountRules(rules=())), at=NOW)).positions[0].grace_until == ends
    over = told(begun, Message(MAIN, AccountRules(rules=(), graces={})), at=NOW)
    assert _account(over).positions[0].grace_until is None


def test_the_course_grows_with_what_is_realized_and_every_few_seconds() -> None:
    known = canned.known(canned.calm())
    before = len(_account(known).pnl_curve)
    for seconds, opened in ((1, "80"), (2, "90"), (7, "95")):
        figures = AccountFigures(realized_pnl=Decimal("-112.50"), unrealized_pnl=Decimal(opened))
        known = told(known, Message(MAIN, figures), at=NOW + timedelta(seconds=seconds))
    curve = _account(known).pnl_curve
    assert [point.open for point in curve[before:]] == [Decimal(80), Decimal(95)]

    lost = AccountFigures(realized_pnl=Decimal(-150), unrealized_pnl=Decimal(0))
    known = told(known, Message(MAIN, lost), at=NOW + timedelta(seconds=8))
    assert _account(known).pnl_curve[-1].realized == Decimal(-150)


def test_a_new_day_begins_a_new_course() -> None:
    reset = DayReset(at=NOW, trading_day="2026-03-11", next_reset=NOW + timedelta(days=1))

    assert len(_account(_after(reset)).pnl_curve) <= 1


def test_silence_is_noticed_after_five_seconds_and_only_of_a_daemon_that_is_there() -> None:
    known = canned.known(canned.calm())

    assert known.silence(NOW + timedelta(seconds=5)) is None
    assert known.silence(NOW + timedelta(seconds=6)) == timedelta(seconds=6)
    assert told_away(known, "gone").silence(NOW + timedelta(seconds=60)) is None
