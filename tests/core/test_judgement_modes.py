"""Judging under other modes: shadow and strict."""

from risk_manager.core.actions import Close, CloseAll, Lock, LockMode
from risk_manager.core.events import LockCleared, TradeReported
from risk_manager.core.policy import Policy
from risk_manager.core.rule import RuleMode
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from risk_manager.core.rules.trade_management import TradeManagement
from tests.builders import ES, MNQ, Desk, after, deeds, position, trade
from tests.core.test_judgement import DAY_LOSS, FLAT, ONE, lock_now, open_loss

# modes


def test_in_shadow_a_decision_is_shown_once_and_nothing_is_done() -> None:
    for desk in (
        Desk(DAY_LOSS, policy=Policy(shadow=True)),
        Desk(DAY_LOSS.model_copy(update={"mode": RuleMode.SHADOW})),
    ):
        desk.holds(MNQ, 1)
        (plan,) = desk.fills("-100")
        assert plan.shadow
        assert not desk.locks
        assert not desk.fills("-1", at=1)


def test_in_shadow_a_price_of_one_contract_does_not_tell_the_stop_of_another_once_more() -> None:
    desk = Desk(TradeManagement.model_validate({"auto_stop": {"ticks": 8}, "mode": "shadow"}))
    desk.reads(position(MNQ, 1), position(ES, 1), at=0)
    for contract in (MNQ, ES):
        assert [plan.shadow for plan in desk.quotes(contract, 100, at=0)] == [True]
    for second in (1, 2):
        assert not desk.quotes(MNQ, 100 + second, at=second)
        assert not desk.quotes(ES, 100 + second, at=second)
    desk.reads(at=3)
    assert [plan.shadow for plan in desk.reads(position(MNQ, 1), at=4)] == [True], "another position, another stop"


def test_one_rule_in_shadow_does_not_hold_the_others_back() -> None:
    desk = Desk(DAY_LOSS.model_copy(update={"mode": RuleMode.SHADOW}), ONE)
    desk.fills("-100")
    desk.holds(MNQ, 2)
    assert [plan.shadow for plan in desk.plans] == [True, False]


def test_a_standing_order_does_nothing_under_a_global_shadow_and_acts_when_that_is_over() -> None:
    desk = Desk(policy=Policy(shadow=True))
    desk.hear(lock_now())
    assert [plan.shadow for plan in desk.holds(MNQ, 1, at=1)] == [True]
    assert not desk.holds(MNQ, 1, at=2)
    assert [plan.shadow for plan in desk.holds(ES, 1, at=3)] == [True]
    assert {plan.shadow for plan in desk.reloads(at=4, policy=Policy())} == {False}


def test_leaving_shadow_acts_on_what_still_breaches() -> None:
    desk = Desk(ONE, policy=Policy(shadow=True))
    desk.holds(MNQ, 2)
    assert deeds(desk.reloads(ONE, at=1, policy=Policy())) == [CloseAll()]


def test_strict_mode_adds_a_permanent_flat_lock_in_the_name_of_the_rule() -> None:
    desk = Desk(open_loss(lockout="1h"), policy=Policy(strict=True))
    desk.holds(MNQ, 1)
    found = deeds(desk.quotes(MNQ, 75, at=1))
    assert found[:2] == FLAT
    locks = {(one.code, one.rule, one.mode, one.until, one.root) for one in found if isinstance(one, Lock)}
    assert locks == {
        ("OPEN_LOSS_REACHED", "daily_unrealized_loss", LockMode.FLAT, after(3601), "MNQ"),
        ("STRICT_MODE", "daily_unrealized_loss", LockMode.FLAT, None, None),
    }


def test_strict_mode_does_not_punish_a_warning() -> None:
    desk = Desk(open_loss(scope="total"), policy=Policy(strict=True))
    desk.holds(MNQ, 1)
    assert not desk.locks


def test_in_shadow_trades_that_are_too_many_are_shown_once_though_an_earlier_one_is_told_later() -> None:
    desk = Desk(TradeFrequencyLimit.model_validate({"limits": {"per_minute": 1}, "mode": "shadow"}))
    desk.fills(at=1)
    assert [plan.shadow for plan in desk.fills(at=2)] == [True]
    assert not desk.reads(at=3)
    assert not desk.hear(TradeReported(at=after(4), trade=trade(at=after(1.5))))
    assert [plan.shadow for plan in desk.fills(at=5)] == [True]


def test_in_shadow_a_stop_is_shown_again_once_its_position_is_no_longer_about_to_be_closed() -> None:
    desk = Desk(TradeManagement.model_validate({"auto_stop": {"ticks": 8}}), policy=Policy(shadow=True))
    desk.reads(position(MNQ, 1), at=0)
    (stop,) = desk.quotes(MNQ, 100, at=1)
    assert deeds(desk.hear(lock_now())) == [Close(MNQ)]
    assert not desk.holds(MNQ, 1, at=3)
    desk.hear(LockCleared(at=after(4), account_id=1, rule="admin"))
    assert [plan.actions for plan in desk.quotes(MNQ, 101, at=5)] == [stop.actions]
