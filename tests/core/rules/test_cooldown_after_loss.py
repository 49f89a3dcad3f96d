"""RULE-007: pause after a losing trade."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import CancelAll, Close, CloseAll, Lock, LockMode
from risk_manager.core.decisions import Decision
from risk_manager.core.events import TradeReported
from risk_manager.core.model.trade import Trade
from risk_manager.core.rules.cooldown_after_loss import CooldownAfterLoss
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.memory import News
from risk_manager.core.strictness import loosened, mixed
from tests.builders import AT, MNQ, Desk, account_state, after, dec, deeds, evidence, trade

THRESHOLDS = [{"loss_amount": 100, "cooldown": "60s"}, {"loss_amount": 300, "cooldown": "10m"}]


def rule(**settings: Any) -> CooldownAfterLoss:
    return CooldownAfterLoss.model_validate({"loss_thresholds": THRESHOLDS, **settings})


def ends(desk: Desk) -> list[Any]:
    return [lock.until for lock in desk.state.lockouts.by_key.values()]


@pytest.mark.parametrize(
    ("pnl", "until"), [("-99.99", []), ("-100", [60]), ("-299", [60]), ("-300", [600]), ("500", [])]
)
def test_the_highest_threshold_reached_counts_from_the_time_of_the_trade(pnl: str, until: list[int]) -> None:
    desk = Desk(rule())
    desk.trades(trade(pnl), at=5)
    assert ends(desk) == [after(one) for one in until]


def test_partial_fills_of_one_exit_add_up_with_their_fees() -> None:
    desk = Desk(rule())
    assert not desk.trades(trade("-60", order_id=7, fees=1), at=0)
    assert desk.trades(trade("-35", order_id=7, fees=2, commissions=2, at=after(1)), at=1)
    assert ends(desk) == [after(61)]
    assert not Desk(rule(include_fees=False)).trades(trade("-99", fees=50))


def test_a_loss_matters_for_as_long_as_the_longest_pause() -> None:
    assert rule().looks_back == timedelta(minutes=10)


def test_two_orders_do_not_add_up() -> None:
    desk = Desk(rule())
    desk.fills("-60", at=0)
    assert not desk.fills("-60", at=1)


def test_the_fees_of_an_entry_are_no_losing_trade() -> None:
    assert not Desk(rule()).trades(trade(None, fees=100))


def test_a_further_fill_of_the_order_changes_nothing_until_a_higher_threshold() -> None:
    desk = Desk(rule())
    desk.trades(trade("-100", order_id=7), at=0)
    assert not desk.trades(trade("-50", order_id=7, at=after(10)), at=10)
    assert ends(desk) == [after(60)]
    assert desk.trades(trade("-150", order_id=7, at=after(20)), at=20)
    assert ends(desk) == [after(620)]


def judged(state: AccountState, *news: Trade) -> Sequence[Decision]:
    """Let some trades be the news of one event, and ask the rule alone."""
    state.news = News()
    for one in news:
        state.learn_trade(one, ours=False)
    return rule().evaluate(state, TradeReported(at=AT, trade=news[-1]))


def test_a_decision_tells_the_loss_the_threshold_as_what_must_grow_and_since_when() -> None:
    (decision,) = judged(account_state(), trade("-130", at=after(2)))
    assert (decision.measured, decision.limit, decision.severity) == (dec(130), dec(100), dec(100))
    assert decision.since == after(2)


@pytest.mark.parametrize(("first", "second"), [((9, 1), (2, 2)), ((1, 1), (2, 1))])
def test_what_an_order_had_reached_before_is_told_by_the_order_of_its_fills(
    first: tuple[int, float], second: tuple[int, float]
) -> None:
    state = account_state()
    lost = trade("-100", order_id=7, trade_id=first[0], at=after(first[1]))
    assert judged(state, lost)
    assert not judged(state, trade("150", order_id=7, trade_id=second[0], at=after(second[1])))
    corrected = replace(lost, realized_pnl=dec(-101))
    assert not judged(state, corrected)
    assert not judged(state, trade("-160", order_id=7, trade_id=10, at=after(3)))


def test_an_order_that_reaches_nothing_new_keeps_no_other_from_being_judged() -> None:
    state = account_state()
    assert judged(state, trade("-100", order_id=7))
    (decision,) = judged(state, trade("-1", order_id=7, at=after(1)), trade("-100", order_id=8, at=after(1)))
    assert decision.subject == "8 100"
    (decision,) = judged(state, trade("-1", order_id=9, at=after(2)), trade("-100", order_id=10, at=after(2)))
    assert decision.subject == "10 100"


def test_a_pause_that_was_cleared_does_not_come_back_with_a_reload_after_another_trade() -> None:
    desk = Desk(rule())
    desk.fills("-100", at=0)
    desk.clears("cooldown_after_loss", at=1)
    desk.fills("5", at=2)
    assert not desk.reloads(rule(), at=3)
    assert not desk.locks


def test_another_losing_order_counts_and_the_later_end_wins() -> None:
    desk = Desk(rule())
    desk.fills("-300", at=0)
    assert not deeds(desk.fills("-100", at=10))
    assert ends(desk) == [after(600)]
    desk.fills("-300", at=20)
    assert ends(desk) == [after(620)]


@pytest.mark.parametrize("on_breach", ["keep_positions", "close_all"])
@pytest.mark.parametrize(("at", "acts"), [(59, True), (60, False), (61, False)])
def test_a_trade_older_than_its_cooldown_locks_and_closes_nothing(on_breach: str, at: float, acts: bool) -> None:  # noqa: FBT001 - a table
    assert bool(Desk(rule(on_breach=on_breach)).trades(trade("-100"), at=at)) is acts


def test_the_fill_that_reached_the_threshold_counts_whatever_the_order_did_after_it() -> None:
    for later in ("-50", "60"):
        desk = Desk(rule())
        desk.reads(trades=[trade("-100", order_id=7), trade(later, order_id=7, at=after(10))], at=11)
        assert ends(desk) == [after(60)]


def test_a_half_turn_that_is_told_late_does_not_undo_an_admins_word() -> None:
    desk = Desk(rule())
    desk.trades(trade("-100", order_id=7, at=after(10)), at=10)
    desk.clears("cooldown_after_loss", at=11)
    assert not desk.trades(trade("-30", order_id=7, at=after(5)), at=12)


def test_fills_told_in_any_order_reach_the_same_threshold_at_the_same_time() -> None:
    fills = [trade("-60", trade_id=1, order_id=7), trade("-60", trade_id=2, order_id=7, at=after(3))]
    for way in (fills, fills[::-1]):
        desk = Desk(rule())
        for one in way:
            desk.trades(one, at=5)
        assert ends(desk) == [after(63)]


def test_a_lock_that_is_set_stays_whatever_becomes_of_its_trade() -> None:
    desk = Desk(rule())
    told = trade("-100", trade_id=1)
    desk.trades(told, at=0)
    desk.trades(replace(told, voided=True), at=1)
    assert ends(desk) == [after(60)]


@pytest.mark.parametrize(("corrected", "acts"), [("-150", False), ("-210", False), ("-600", True), ("100", False)])
def test_a_correction_acts_only_where_the_order_reaches_a_higher_threshold(corrected: str, *, acts: bool) -> None:
    desk = Desk(rule(on_breach="close_all"))
    told = trade("-200", at=after(0))
    assert desk.trades(told, at=0)
    desk.enforced(ok=False, at=1)
    assert bool(desk.trades(replace(told, realized_pnl=dec(corrected)), at=2)) is acts


def test_what_a_picture_tells_of_other_orders_is_no_earlier_word_on_this_one() -> None:
    desk = Desk(rule())
    first, second = trade("-300", at=after(0)), trade("-300", at=after(5))
    desk.trades(first, at=0)
    desk.reads(trades=[replace(first, fees=dec(1)), second], at=6)
    assert ends(desk) == [after(605)]


def test_losses_that_the_daemon_caused_count() -> None:
    assert Desk(rule()).trades(trade("-100"), ours=True)


@pytest.mark.parametrize(
    ("on_breach", "mode"), [("keep_positions", LockMode.NO_NEW_RISK), ("close_all", LockMode.FLAT)]
)
def test_positions_are_kept_or_closed_as_configured(on_breach: str, mode: LockMode) -> None:
    desk = Desk(rule(on_breach=on_breach))
    desk.holds(MNQ, 2, at=0)
    found = deeds(desk.fills("-100", at=1))
    assert [one.mode for one in found if isinstance(one, Lock)] == [mode]
    assert (CloseAll() in found, CancelAll() in found) == (mode is LockMode.FLAT,) * 2
    assert Close(MNQ) not in found


def test_an_order_whose_lock_was_cleared_is_not_decided_again_until_it_has_lost_more() -> None:
    desk = Desk(rule())
    desk.trades(trade("-100", order_id=7), at=0)
    desk.clears("cooldown_after_loss", at=1)
    assert not desk.trades(trade("-1", order_id=7, at=after(2)), at=2)
    assert desk.trades(trade("-200", order_id=7, at=after(3)), at=3)


def test_a_cleared_loss_stays_cleared_when_another_order_fills_in_between() -> None:
    desk = Desk(rule())
    desk.trades(trade("-100", order_id=7), at=0)
    desk.clears("cooldown_after_loss", at=1)
    desk.trades(trade("-1", order_id=8, at=after(2)), at=2)
    assert not desk.trades(trade("-1", order_id=7, at=after(3)), at=3)


def test_a_fill_of_another_order_judges_no_earlier_loss_again() -> None:
    desk = Desk(rule(on_breach="close_all"))
    desk.fills("-100", at=0)
    desk.restarts(at=1)
    assert not desk.fills("5", at=2)


def test_of_two_orders_that_reached_a_threshold_at_once_the_lower_number_names_the_lock() -> None:
    desk = Desk(rule())
    desk.reads(trades=[trade("-100", order_id=16), trade("-101", order_id=9)], at=1)
    (lock,) = desk.state.lockouts.by_key.values()
    assert "measured=101 " in lock.reason


def test_a_reload_judges_the_losses_that_are_still_young() -> None:
    desk = Desk(CooldownAfterLoss.model_validate({"loss_thresholds": [{"loss_amount": 500, "cooldown": "1h"}]}))
    desk.fills("-100", at=0)
    assert desk.reloads(rule(), at=30)
    assert ends(desk) == [after(60)]


@pytest.mark.parametrize(
    "thresholds",
    [
        [],
        [{"loss_amount": 0, "cooldown": "1m"}],
        [{"loss_amount": 1, "cooldown": "0s"}],
        [{"loss_amount": 1, "cooldown": "2m"}, {"loss_amount": 2, "cooldown": "1m"}],
        [{"loss_amount": 1, "cooldown": "1m"}, {"loss_amount": 1, "cooldown": "1m"}],
    ],
)
def test_thresholds_must_make_sense(thresholds: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        rule(loss_thresholds=thresholds)


def test_its_decision_says_who_decides_and_why() -> None:
    desk = Desk(rule())
    name, code = "cooldown_after_loss", "LOSS_THRESHOLD_REACHED"
    assert evidence(desk.trades(trade("-149", order_id=7, fees=1))) == [(name, code, "7 100", dec(150), dec(100), True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code) == (name, code)


SHORT, LONG = ({"loss_amount": 100, "cooldown": one} for one in ("1m", "10m"))
LARGER = {"loss_amount": 200, "cooldown": "10m"}


@pytest.mark.parametrize(
    ("old", "new", "is_looser", "held"),
    [
        ([LONG], [SHORT], True, [LONG]),
        ([SHORT], [LONG], False, [LONG]),
        ([SHORT], [LARGER], True, [SHORT, LARGER]),
        ([LONG], [LARGER], True, [LONG]),
    ],
)
def test_a_shorter_pause_after_any_loss_is_looser_and_the_longer_one_holds(
    old: list[Any],
    new: list[Any],
    is_looser: bool,  # noqa: FBT001 - a table
    held: list[Any],
) -> None:
    before, wanted = rule(loss_thresholds=old), rule(loss_thresholds=new)
    assert bool(loosened(before, wanted)) is is_looser
    mixture = mixed(before, wanted, granted=lambda _: False)["loss_thresholds"]
    assert mixture == rule(loss_thresholds=held).loss_thresholds


def test_a_larger_loss_has_no_shorter_pause_and_each_loss_stands_once() -> None:
    with pytest.raises(ValidationError, match="shorter cooldown"):
        rule(loss_thresholds=[LONG, {"loss_amount": 200, "cooldown": "1m"}])
    with pytest.raises(ValidationError, match="stand here once"):
        rule(loss_thresholds=[LONG, LONG])
