"""Judging one account: each breach once, and what comes of locks, modes and enforcements."""

from decimal import Decimal
from typing import Any

from risk_manager.core.actions import Action, Cancel, CancelAll, Close, CloseAll, Reduce, Warn
from risk_manager.core.events import LockRequested, Restarted
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from risk_manager.core.rules.trade_management import TradeManagement
from tests.builders import AT, CL, ES, MNQ, RESET, Desk, after, deciders, deeds, order, position

DAY_LOSS = DailyRealizedLoss(loss_limit=Decimal(100))
ONE = MaxContracts(limit=1)
FLAT: list[Action] = [CloseAll(), CancelAll()]


def lock_now(until: float | None = None, at: float = 0) -> LockRequested:
    return LockRequested(at=after(at), account_id=1, until=None if until is None else after(until))


def open_loss(**settings: Any) -> DailyUnrealizedLoss:
    return DailyUnrealizedLoss.model_validate({"loss_limit": 50, **settings})


# once per breach


def test_a_breach_that_lasts_is_decided_once_and_a_swing_back_changes_nothing() -> None:
    desk = Desk(open_loss())
    desk.holds(MNQ, 1)
    assert deeds(desk.quotes(MNQ, 75)) == [Close(MNQ)]
    for price in (74, 90, 75, 60):
        assert not desk.quotes(MNQ, price)


def test_the_breach_that_comes_back_after_its_enforcement_is_decided_again() -> None:
    desk = Desk(ONE)
    desk.holds(MNQ, 2, at=0)
    desk.holds(MNQ, 0, at=1)
    assert deeds(desk.holds(MNQ, 2, at=2)) == [CloseAll()]


def test_a_breach_that_comes_back_after_its_rule_has_unlocked_is_decided_again_though_its_close_is_under_way() -> None:
    desk = Desk(AuthLossGuard())
    desk.holds(MNQ, 1, at=0)
    desk.may_trade(can_trade=False, at=1)
    desk.may_trade(can_trade=True, at=2)
    assert deeds(desk.may_trade(can_trade=False, at=3))[:2] == FLAT
    assert desk.locks == {"auth_loss_guard"}


def test_a_position_of_the_other_side_is_a_new_matter() -> None:
    desk = Desk(ONE)
    desk.holds(MNQ, 2, at=0)
    assert not desk.holds(MNQ, 3, at=1)
    assert deeds(desk.holds(MNQ, -2, at=2)) == [CloseAll()]


def test_what_appears_later_is_a_new_matter() -> None:
    desk = Desk(ONE)
    desk.holds(MNQ, 2, at=0)
    assert deeds(desk.holds(ES, 1, at=1)) == [CloseAll()]


def test_what_failed_is_decided_again_at_once_and_only_what_still_breaches() -> None:
    desk = Desk(ONE)
    desk.holds(MNQ, 2, at=0)
    assert deeds(desk.enforced(ok=False, at=1)) == [CloseAll()]
    desk.holds(MNQ, 1, at=2)
    assert not desk.enforced(ok=False, at=3)


def test_what_was_reported_done_may_breach_again() -> None:
    desk = Desk(ONE)
    desk.holds(MNQ, 2, at=0)
    assert not desk.enforced(ok=True, at=1)
    assert desk.holds(MNQ, 3, at=2)
    assert not desk.enforced(ok=True, contract_id=MNQ, at=3)
    assert desk.holds(MNQ, 2, at=4)


def test_a_cancellation_that_failed_is_decided_again() -> None:
    desk = Desk(SymbolBlocks(blocked_symbols=("MNQ",)))
    desk.orders(order(5, MNQ), at=0)
    assert Cancel(5) in deeds(desk.enforced(ok=False, contract_id=MNQ, at=1))
    assert not desk.enforced(ok=False, contract_id=ES, at=2)


def test_after_a_restart_a_position_is_unmarked_until_a_quote_comes() -> None:
    desk = Desk(open_loss(scope="total"))
    desk.holds(MNQ, 1)
    desk.quotes(MNQ, 80)
    desk.restarts(at=1)
    desk.reads(position(MNQ, 1), at=2)
    assert desk.state.unmarked() == [MNQ]
    assert desk.state.open_total() == 0


def test_a_restart_ends_every_enforcement_as_failed() -> None:
    desk = Desk(DAY_LOSS)
    desk.holds(MNQ, 1)
    desk.fills("-100")
    desk.restarts(at=1)
    assert deeds(desk.reads(position(MNQ, 1), at=1)) == FLAT
    assert desk.locks == {"daily_realized_loss"}
    assert not desk.reads(position(MNQ, 1), at=2)


def test_a_lower_limit_acts_at_once_and_a_higher_one_lets_go_of_nothing() -> None:
    desk = Desk(MaxContracts.model_validate({"limit": 3, "on_breach": "reduce_to_limit"}))
    desk.holds(MNQ, 4, at=0)
    assert deeds(desk.reloads(MaxContracts.model_validate({"limit": 2, "on_breach": "reduce_to_limit"}), at=1)) == [
        Reduce(MNQ, 2)
    ]
    assert not desk.reloads(MaxContracts(limit=9), at=2)


# locks


def test_a_flat_lock_means_flat_whenever_and_however_something_appears() -> None:
    desk = Desk()
    desk.hear(lock_now())
    assert deeds(desk.holds(MNQ, 1, at=1)) == [Close(MNQ)]
    assert not desk.holds(MNQ, 1, at=2)
    assert deeds(desk.orders(order(5, ES), at=3)) == [Cancel(5)]
    assert deciders(desk.plans) == {"lockout"}


def test_what_is_there_when_a_lock_is_set_by_hand_goes_in_the_same_plan() -> None:
    desk = Desk()
    desk.holds(MNQ, 1)
    desk.orders(order(5, ES))
    assert set(deeds(desk.hear(lock_now(60, at=1)))) == {Close(MNQ), Cancel(5)}
    assert not desk.hear(lock_now(30, at=2))
    desk.hear(lock_now(90, at=3))
    desk.ticks(89)
    assert desk.locks == {"admin"}
    desk.ticks(90)
    assert not desk.locks


def test_a_lock_of_a_root_leaves_the_others_alone() -> None:
    desk = Desk(
        MaxContractsPerInstrument.model_validate(
            {"limits": {"CL": 0}, "unknown_symbol_action": "allow_unlimited", "lockout": "1h"}
        )
    )
    assert Close(CL) in deeds(desk.holds(CL, 1))
    assert not desk.holds(ES, 5)
    assert deciders(desk.orders(order(5, CL))) == set()
    desk.holds(CL, 0, at=1)
    desk.orders(order(5, CL), at=2)
    assert deeds(desk.orders(order(6, CL), at=3)) == [Cancel(6)]


def test_a_lock_names_itself_only_for_what_the_rules_leave_over() -> None:
    desk = Desk(open_loss(lockout="1h"))
    desk.holds(MNQ, 1)
    desk.orders(order(5, MNQ, -1))
    assert deciders(desk.quotes(MNQ, 75)) == {"daily_unrealized_loss"}
    desk = Desk(open_loss(lockout="1h"))
    desk.holds(MNQ, 1)
    desk.orders(order(6, "CON.F.US.MNQ.Z26", -1))
    plan = desk.quotes(MNQ, 75)
    assert deciders(plan) == {"daily_unrealized_loss", "lockout"}
    assert Cancel(6) in deeds(plan)


def test_a_ceiling_is_the_target_of_a_reduce_in_the_same_plan() -> None:
    desk = Desk(MaxContracts.model_validate({"limit": 2, "on_breach": "reduce_to_limit", "lockout": "1h"}))
    desk.holds(MNQ, 5, at=0)
    desk.holds(MNQ, 1, at=1)
    (lock,) = desk.state.lockouts.by_key.values()
    assert lock.ceilings == {MNQ: 1}
    assert deeds(desk.holds(MNQ, 2, at=2)) == [Reduce(MNQ, 1)]
    assert Close(ES) in deeds(desk.holds(ES, 1, at=3))


def test_a_cleared_lock_is_over_and_its_breach_decided_again_when_it_has_grown() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=0)
    desk.clears("daily_realized_loss", at=1)
    assert not desk.locks
    assert not desk.holds(MNQ, 1, at=2)
    assert not desk.fills("0", at=3)
    assert CloseAll() in deeds(desk.fills("-0.01", at=4))


def test_a_cleared_breach_that_has_ended_is_decided_again_when_it_comes_back() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=0)
    desk.clears("daily_realized_loss", at=1)
    desk.fills("50", at=2)
    assert CloseAll() in deeds(desk.fills("-50", at=3))


def test_a_breach_that_was_over_when_its_lock_was_cleared_is_decided_again_however_small_it_comes_back() -> None:
    desk = Desk(MaxContracts.model_validate({"limit": 1, "lockout": "1h"}))
    desk.holds(MNQ, 5, at=0)
    desk.holds(MNQ, 0, at=1)
    desk.clears("max_contracts", at=2)
    assert CloseAll() in deeds(desk.holds(MNQ, 2, at=3))


def test_a_lock_that_was_cleared_takes_its_closing_with_it_so_that_a_later_lock_closes_anew() -> None:
    desk = Desk()
    desk.hear(lock_now())
    desk.holds(MNQ, 1, at=1)
    desk.clears("admin", at=2)
    assert deeds(desk.hear(lock_now(at=3))) == [Close(MNQ)]


def test_clearing_one_of_two_locks_leaves_the_closing_of_the_other_under_way() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=0)
    desk.hear(lock_now(at=1))
    desk.holds(MNQ, 1, at=2)
    desk.clears("admin", at=3)
    assert desk.locks == {"daily_realized_loss"}
    assert not desk.holds(MNQ, 1, at=4)


def test_the_reset_ends_the_locks_of_the_day_and_no_others() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=0)
    desk.hear(lock_now(at=1))
    desk.ticks((RESET - AT).total_seconds())
    assert desk.locks == {"admin"}


def test_several_rules_are_named_in_one_plan_and_in_order() -> None:
    desk = Desk(TradeFrequencyLimit.model_validate({"limits": {"per_minute": 1}}), DAY_LOSS)
    desk.fills(at=0)
    (plan,) = desk.fills("-100", at=1)
    assert [one.rule for one in plan.decisions] == ["daily_realized_loss", "trade_frequency_limit"]
    assert plan.decisions[0].reason == "DAILY_REALIZED_LOSS_REACHED measured=100 limit=100"


def test_a_rule_that_reads_the_book_judges_quotes_that_move_no_mark() -> None:
    managed = TradeManagement.model_validate({"auto_stop": {"ticks": 8}})
    desk = Desk(open_loss(), managed)
    desk.reads(position(MNQ, 1))
    assert not desk.quotes(MNQ, 99, bid=98)
    assert deciders(desk.quotes(MNQ, bid=99)) == {"trade_management"}


def test_a_rule_that_times_something_is_followed_and_a_removed_one_lets_go() -> None:
    grace, blocks = NoStopLossGrace.model_validate({"grace_period": "60s"}), SymbolBlocks(blocked_symbols=("ES",))
    desk = Desk(grace, blocks)
    desk.holds(MNQ, 1, at=0)
    desk.holds(ES, 1, at=1)
    assert desk.locks == {"symbol_blocks"}
    assert [one.code for one in desk.reloads(grace, at=2)[0].decisions] == ["RULE_REMOVED"]
    assert not desk.locks
    assert Close(MNQ) in deeds(desk.ticks(60))


def test_a_rule_that_was_taken_off_meanwhile_lets_go_with_the_first_picture_after_a_restart() -> None:
    desk = Desk(SymbolBlocks(blocked_symbols=("ES",)))
    desk.holds(ES, 1, at=1)
    later = Desk()
    later.state.lockouts.by_key.update(desk.state.lockouts.by_key)
    assert not later.hear(Restarted(at=after(2), taken_off=frozenset({"symbol_blocks"})))
    assert later.locks == {"symbol_blocks"}
    (plan,) = later.reads(at=3)
    assert [one.code for one in plan.decisions] == ["RULE_REMOVED"]
    assert not later.locks
    assert not later.reads(at=4)


def test_at_an_instant_that_is_but_a_quotes_no_rule_is_asked_and_nothing_is_decided_again() -> None:
    desk = Desk(NoStopLossGrace.model_validate({"grace_period": "60s"}))
    desk.holds(MNQ, 1, at=0)
    desk.quotes(MNQ, 100, at=55)
    assert Close(MNQ) in deeds(desk.ticks(60))
    assert not desk.enforced(ok=True, at=61)
    assert deeds(desk.orders(order(1, ES, 1), at=66))[:1] == [Warn("QUOTE_STALE")], "at 65, before the order is judged"
    assert [plan.at for plan in desk.plans[1:3]] == [after(65), after(66)]
