"""The engine: whom an event concerns, and what falls due when."""

import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from risk_manager.core.actions import Cancel, CancelAll, CloseAll
from risk_manager.core.engine import Engine
from risk_manager.core.events import (
    AccountUpdated,
    ContractLearned,
    Feed,
    FeedLost,
    FeedRestored,
    LockRequested,
    PolicyChanged,
    PositionUpdated,
    Restarted,
    TradeReported,
)
from risk_manager.core.model.contract import Contract
from risk_manager.core.policy import Policy
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from tests.builders import AT, ES, MNQ, RESET, UNKNOWN, Desk, after, dec, deeds, order, position, trade

ONE = Policy(rules=(MaxContracts(limit=1),))
TWO = Policy(rules=(MaxContracts(limit=2),))
DAY_LOSS = DailyRealizedLoss(loss_limit=Decimal(100))
BRIEF = DailyUnrealizedLoss.model_validate({"loss_limit": 50, "scope": "total", "lockout": "60s"})


def test_each_account_has_a_policy_of_its_own() -> None:
    desk = Desk(policies={1: ONE, 2: TWO})
    assert [plan.account_id for plan in desk.holds(MNQ, 2, account_id=1)] == [1]
    assert not desk.holds(MNQ, 2, account_id=2)
    assert [plan.account_id for plan in desk.holds(MNQ, 3, account_id=2)] == [2]


def test_events_of_an_account_that_is_not_configured_are_not_acted_upon() -> None:
    desk = Desk(policies={1: ONE})
    assert not desk.holds(MNQ, 9, account_id=77)
    assert not desk.hear(AccountUpdated(at=AT, account_id=77, can_trade=False))
    assert not desk.hear(TradeReported(at=AT, trade=trade("-9999", account_id=77)))
    assert desk.engine.state.accounts.keys() == {1}
    assert not desk.state.holdings


def test_a_quote_concerns_every_account_that_holds_the_contract() -> None:
    policy = Policy(rules=(DailyUnrealizedLoss(loss_limit=Decimal(50)),))
    desk = Desk(policies={1: policy, 2: policy, 3: policy})
    desk.holds(MNQ, 1, account_id=1)
    desk.holds(MNQ, 1, account_id=2)
    desk.holds(ES, 1, account_id=3)
    assert [plan.account_id for plan in desk.quotes(MNQ, 75)] == [1, 2]


def test_a_feed_lost_for_all_concerns_all() -> None:
    desk = Desk(policies={1: ONE, 2: TWO})
    desk.hear(FeedLost(at=after(5), feed=Feed.USER))
    assert [one.memory.blind_since for one in desk.engine.state.accounts.values()] == [after(5)] * 2
    desk.restarts(at=6)
    desk.hear(FeedLost(at=after(7), feed=Feed.USER, account_id=2))
    assert [one.memory.blind_since for one in desk.engine.state.accounts.values()] == [None, after(7)]


def test_with_nothing_to_wait_for_the_next_deadline_is_the_reset() -> None:
    assert Desk().engine.next_deadline() == RESET
    assert Engine({}, at=AT).next_deadline() is None


def test_what_fell_due_before_an_event_is_dealt_with_at_its_own_instant() -> None:
    desk = Desk(NoStopLossGrace.model_validate({"grace_period": "60s"}))
    desk.holds(MNQ, 1, at=0)
    assert [plan.at for plan in desk.holds(MNQ, 2, at=100)] == [after(60)]


def test_what_falls_due_at_the_very_instant_comes_first() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=0)
    plans = desk.trades(trade("-1", at=RESET), at=(RESET - AT).total_seconds())
    assert not plans
    assert not desk.locks
    assert desk.state.today.net == -1


def test_a_lock_that_a_quote_set_ends_by_time_alone() -> None:
    desk = Desk(BRIEF)
    desk.holds(MNQ, 1, at=0)
    assert desk.engine.next_deadline() == RESET
    desk.quotes(MNQ, 75, at=1)
    assert desk.engine.next_deadline() == after(61)


def test_deadlines_never_stall_and_never_loop() -> None:
    desk = Desk(BRIEF, NoStopLossGrace.model_validate({"grace_period": "60s", "lockout": "5m"}), DAY_LOSS)
    desk.holds(MNQ, 1, at=0)
    desk.fills("-100", at=1)
    for _ in range(20):
        deadline = desk.engine.next_deadline()
        assert deadline is not None
        assert deadline > desk.now
        desk.ticks((deadline - AT).total_seconds())
    assert desk.now > AT + timedelta(days=10)


def test_a_clock_that_goes_backward_undoes_nothing() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=100)
    desk.engine.handle(PositionUpdated(at=after(50), position=position(MNQ, 1)))
    assert desk.locks
    assert desk.state.now == after(100)
    deadline = desk.engine.next_deadline()
    assert deadline is not None
    assert deadline > after(100)


def test_events_at_the_same_instant_are_all_judged() -> None:
    desk = Desk(MaxContracts(limit=1), DAY_LOSS)
    assert desk.holds(MNQ, 2, at=5)
    assert desk.fills("-100", at=5)
    assert {plan.at for plan in desk.plans} == {after(5)}


def test_all_memory_is_in_the_state_so_that_a_copy_restores_every_rule() -> None:
    desk = Desk(DAY_LOSS, AuthLossGuard())
    desk.fills("-60", at=0)
    desk.may_trade(can_trade=False, at=1)
    memory = copy.deepcopy(desk.state.memory)
    engine = Engine(desk.policies, at=after(2), memories={1: memory})
    engine.handle(Restarted(at=after(2)))
    assert engine.state.accounts[1].lockouts.by_key == desk.state.lockouts.by_key
    plans = engine.handle(TradeReported(at=after(3), trade=trade("-40", at=after(3))))
    assert deeds(plans)[:2] == [CloseAll(), CancelAll()]


def test_what_fell_due_while_the_process_was_dead_is_not_acted_out() -> None:
    desk = Desk(BRIEF)
    desk.holds(MNQ, 1, at=0)
    desk.quotes(MNQ, 75, at=1)
    assert not desk.restarts(at=7200)
    assert not desk.locks


def test_contracts_are_known_from_the_start_or_learned_later() -> None:
    told = Contract(UNKNOWN, "NBU6", "F.US.NOBODY", dec(1), dec(1))
    engine = Engine({1: ONE}, at=AT, contracts=[told])
    assert engine.state.contracts.root(UNKNOWN) == "NB"
    assert not engine.handle(ContractLearned(at=AT, contract=replace(told, contract_id=ES)))


def test_an_account_taken_off_the_list_is_watched_no_more_and_comes_back_as_it_was() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-100", at=0)
    policies = dict(desk.policies)
    desk.hear(PolicyChanged(at=after(1), policies={}))
    assert not desk.holds(MNQ, 9, at=2)
    assert desk.engine.next_deadline() is None
    desk.hear(PolicyChanged(at=after(3), policies=policies))
    assert desk.locks == {"daily_realized_loss"}
    assert deeds(desk.reads(position(MNQ, 9), at=4)) == [CloseAll(), CancelAll()]


def test_a_new_account_is_watched_from_the_reload_on() -> None:
    desk = Desk(policies={1: ONE})
    desk.hear(PolicyChanged(at=after(1), policies={1: ONE, 2: ONE}))
    assert [plan.account_id for plan in desk.holds(MNQ, 2, account_id=2, at=2)] == [2]


def test_every_kind_of_event_reaches_its_account() -> None:
    desk = Desk()
    desk.orders(order(5, MNQ))
    desk.hear(LockRequested(at=after(1), account_id=1, until=None))
    assert deeds(desk.orders(order(6, MNQ), at=2)) == [Cancel(6)]
    assert deeds(desk.enforced(ok=False, at=3)) == [Cancel(5), Cancel(6)]
    desk.clears("admin", at=4)
    assert not desk.locks
    desk.hear(FeedLost(at=after(5), feed=Feed.USER))
    desk.hear(FeedLost(at=after(6), feed=Feed.MARKET))
    desk.hear(FeedRestored(at=after(7), feed=Feed.USER))
    assert desk.state.memory.blind_since is None


def test_a_quote_that_changes_nothing_is_no_news() -> None:
    desk = Desk(BRIEF)
    desk.holds(MNQ, 1)
    assert not desk.quotes(MNQ, 100)
    deadline = desk.engine.next_deadline()
    assert not desk.quotes(MNQ, 100, at=1)
    assert not desk.quotes(ES, 5, at=2)
    assert desk.engine.next_deadline() == deadline
