"""Failures that others shipped, and that must be impossible here; those that the core could commit."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk_manager.core.actions import Cancel, CancelAll, Close, CloseAll, Reduce, Resize
from risk_manager.core.asking import AskPlainly
from risk_manager.core.decisions import Decision
from risk_manager.core.engine import Engine
from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    ClockTicked,
    ContractLearned,
    Event,
    LockRequested,
    OrderUpdated,
    PolicyChanged,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    TradeReported,
)
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import contract_of_id
from risk_manager.core.model.order import OrderStatus
from risk_manager.core.policy import Policy
from risk_manager.core.rule import LockoutEnd, Rule
from risk_manager.core.rules import RULES
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from risk_manager.core.rules.cooldown_after_loss import CooldownAfterLoss
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from risk_manager.core.state.account import AccountState
from tests.builders import AT, ES, MNQ, RESET, Desk, after, deeds, order, position, stop_order, trade

DAY_LOSS = DailyRealizedLoss(loss_limit=Decimal(100))
COOLDOWN = CooldownAfterLoss.model_validate({"loss_thresholds": [{"loss_amount": 50, "cooldown": "1h"}]})
TO_RESET = (RESET - AT).total_seconds()


def by_root(**settings: Any) -> MaxContractsPerInstrument:
    return MaxContractsPerInstrument.model_validate({"unknown_symbol_action": "allow_unlimited", **settings})


def test_a_daily_loss_is_not_forgotten_by_a_restart() -> None:
    desk = Desk(DAY_LOSS)
    desk.fills("-60", at=0)
    desk.restarts(at=1)
    desk.reads(at=1)
    assert deeds(desk.fills("-40", at=2))[:2] == [CloseAll(), CancelAll()]


def test_a_lock_does_not_stop_the_very_rule_that_could_end_it() -> None:
    desk = Desk(AuthLossGuard())
    desk.may_trade(can_trade=False)
    desk.may_trade(can_trade=True, at=1)
    assert not desk.locks


def test_a_close_that_failed_is_no_success() -> None:
    desk = Desk(MaxContracts(limit=1))
    desk.holds(MNQ, 2, at=0)
    assert deeds(desk.enforced(ok=False, contract_id=MNQ, at=1)) == [CloseAll()]


def test_a_halt_does_not_block_exits() -> None:
    desk = Desk(COOLDOWN)
    desk.reads(position(MNQ, 2), orders=[stop_order(1, MNQ, -2), order(2, MNQ, -2)], at=0)
    assert not any(isinstance(one, Cancel | Close) for one in deeds(desk.fills("-50", at=1)))
    assert not desk.orders(order(3, MNQ, -1), at=2)
    assert not desk.orders(stop_order(1, MNQ, -2, stop=95), at=3)


def test_two_partial_closes_are_not_asked_for_one_excess() -> None:
    desk = Desk(MaxContracts.model_validate({"limit": 2, "on_breach": "reduce_to_limit"}), by_root(limits={"MNQ": 2}))
    assert deeds(desk.holds(MNQ, 3, at=0)) == [Reduce(MNQ, 2)]
    assert not desk.holds(MNQ, 3, at=1)
    assert not desk.reads(position(MNQ, 3), at=2)


def test_a_stop_does_not_outlive_its_position_under_a_lock() -> None:
    desk = Desk(COOLDOWN)
    desk.reads(position(MNQ, 2), orders=[stop_order(1, MNQ, -2)], at=0)
    desk.fills("-50", at=1)
    desk.reads(orders=[stop_order(1, MNQ, -2)], at=2)
    assert Cancel(1) in deeds(desk.plans[-1:])


def test_no_stop_can_flip_a_position_that_shrank_under_a_lock() -> None:
    desk = Desk(COOLDOWN)
    desk.reads(position(MNQ, 2), orders=[stop_order(1, MNQ, -2)], at=0)
    desk.trades(trade("-50", signed_size=-1, at=after(1)), at=1)
    assert deeds(desk.holds(MNQ, 1, at=2)) == [Resize(1, 1)]


def test_the_daily_reset_clears_no_lock_that_is_not_daily() -> None:
    desk = Desk(DAY_LOSS.model_copy(update={"lockout": LockoutEnd.PERMANENT}), COOLDOWN)
    desk.fills("-100", at=TO_RESET - 60)
    desk.ticks(TO_RESET)
    assert desk.locks == {"daily_realized_loss", "cooldown_after_loss"}


def test_a_partial_fill_is_not_a_second_trade() -> None:
    desk = Desk(TradeFrequencyLimit.model_validate({"limits": {"per_minute": 1}}))
    desk.fills(at=0, order_id=7)
    assert not desk.fills(at=1, order_id=7)


def test_a_breakeven_stop_is_a_stop() -> None:
    desk = Desk(NoStopLossGrace.model_validate({"grace_period": "60s"}))
    desk.holds(MNQ, 1, 100, at=0)
    desk.orders(stop_order(1, MNQ, -1, stop=100), at=1)
    assert not desk.ticks(3600)


def test_es_in_the_config_matches_ep_in_a_position() -> None:
    assert Desk(by_root(limits={"ES": 0})).holds(ES, 1)


def test_fees_are_not_left_out_of_the_loss() -> None:
    assert Desk(DAY_LOSS).trades(trade("-99", fees="0.5", commissions="0.5"))


def test_a_late_trade_is_not_booked_on_the_wrong_day() -> None:
    desk = Desk(DAY_LOSS)
    desk.ticks(TO_RESET + 60)
    assert not desk.trades(trade("-100", at=RESET - timedelta(seconds=1)), at=TO_RESET + 61)
    assert desk.trades(trade("-100", at=RESET), at=TO_RESET + 62)


def test_one_bad_tick_at_zero_makes_no_phantom_loss() -> None:
    desk = Desk(DailyUnrealizedLoss(loss_limit=Decimal(100)))
    desk.holds(MNQ, 1, 21000)
    assert not desk.quotes(MNQ, 0)
    assert not desk.quotes(MNQ, "NaN")
    desk.quotes(MNQ, 21000)
    assert not desk.quotes(MNQ, 0)
    assert desk.state.open_pnl(MNQ) == 0


def test_an_order_in_an_unknown_state_is_cancelled_and_protects_nothing() -> None:
    desk = Desk(NoStopLossGrace.model_validate({"grace_period": "60s"}))
    desk.holds(MNQ, 1, at=0)
    for number, status in enumerate((OrderStatus.NONE, OrderStatus.UNKNOWN)):
        desk.orders(order(number, MNQ, -1, kind=stop_order().type, status=status), at=1)
    assert deeds(desk.ticks(60)) == [Close(MNQ)]
    desk.hear(LockRequested(at=after(61), account_id=1, until=None))
    assert deeds(desk.orders(order(9, ES, status=OrderStatus.UNKNOWN), at=62)) == [Cancel(9)]


class Roll(AskPlainly):
    """Notes who is asked about which events."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, type[Event]]] = set()

    def verdict(self, rule: Rule, state: AccountState, event: Event) -> Sequence[Decision] | None:
        self.asked.add((rule.name, type(event)))
        return super().verdict(rule, state, event)

    def any_decides(self, rules: Sequence[Rule], state: AccountState, event: Event) -> bool:
        self.asked |= {(rule.name, type(event)) for rule in rules}
        return super().any_decides(rules, state, event)


def test_there_is_no_check_that_nothing_calls() -> None:
    bodies: dict[str, dict[str, Any]] = {
        "max_contracts": {"limit": 100},
        "max_contracts_per_instrument": {"limits": {}, "unknown_symbol_action": "allow_unlimited"},
        "daily_realized_loss": {"loss_limit": 9999, "basis": "realized_plus_open"},
        "daily_unrealized_loss": {"loss_limit": 9999},
        "max_unrealized_profit": {"profit_target": 9999},
        "trade_frequency_limit": {"limits": {"per_hour": 99}},
        "cooldown_after_loss": {"loss_thresholds": [{"loss_amount": 9999, "cooldown": "1m"}]},
        "no_stop_loss_grace": {"grace_period": "10m"},
        "session_block_outside": {"global_session": {"start": "00:00", "end": "23:00", "timezone": "UTC"}},
        "auth_loss_guard": {},
        "symbol_blocks": {"blocked_symbols": ["CL"]},
        "trade_management": {"auto_stop": {"ticks": 400}},
        "daily_realized_profit": {"profit_target": 9999, "basis": "realized_plus_open"},
    }
    rules = tuple(rule.model_validate(bodies[rule.name]) for rule in RULES)
    roll = Roll()
    policies = {1: Policy(rules=rules)}
    engine = Engine(policies, at=AT, accounts=[Account(account_id=1, can_trade=True)], asking=roll)
    contract = contract_of_id(ES)
    assert contract is not None
    for event in (
        Reconciled(at=AT, account_id=1, positions=(), orders=()),
        PositionUpdated(at=AT, position=position(ES, 1)),
        OrderUpdated(at=AT, order=order(1, ES, -1)),
        TradeReported(at=AT, trade=trade("5")),
        QuoteUpdated(at=AT, contract_id=ES, last=Decimal(101)),
        ContractLearned(at=AT, contract=contract),
        AccountUpdated(at=AT, account_id=1, can_trade=True),
        PolicyChanged(at=AT, policies=policies),
        ClockTicked(at=AT),
    ):
        engine.handle(event)
    wanted = {(rule.name, event) for rule in rules for event in (*rule.triggers, Reconciled, PolicyChanged)}
    assert wanted - roll.asked <= {("auth_loss_guard", AccountVanished)}


def test_a_price_that_is_no_number_neither_closes_a_position_nor_disables_a_limit() -> None:
    desk = Desk(DailyUnrealizedLoss(loss_limit=Decimal(50)))
    desk.holds(MNQ, 1)
    for nothing in ("NaN", "Infinity", "-Infinity", "0"):
        assert not desk.quotes(MNQ, nothing)
        assert desk.state.unmarked() == [MNQ]
    desk.quotes(MNQ, 90, at=1)
    assert not desk.quotes(MNQ, "NaN", at=2)
    assert desk.state.open_pnl(MNQ) == Decimal(-20)
    assert Close(MNQ) in deeds(desk.quotes(MNQ, 75, at=3))


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo", "Pacific/Honolulu"])
def test_no_naive_local_time_decides_to_which_day_a_trade_belongs(zone: str) -> None:
    desk = Desk(DAY_LOSS)
    before, after_it = ((RESET + timedelta(minutes=one)).astimezone(ZoneInfo(zone)) for one in (-1, 1))
    desk.hear(TradeReported(at=AT, trade=trade("-100", at=after_it)))
    assert not desk.locks
    desk.hear(TradeReported(at=AT, trade=trade("-100", at=before)))
    assert desk.locks == {"daily_realized_loss"}
    with pytest.raises(TypeError):
        desk.hear(TradeReported(at=AT, trade=trade("-100", at=AT.replace(tzinfo=None))))


def test_events_of_an_account_that_is_not_configured_are_not_acted_upon() -> None:
    desk = Desk(MaxContracts(limit=1))
    assert not desk.holds(MNQ, 9, account_id=777)
    assert not desk.trades(trade("-9999", account_id=777))
    assert not desk.hear(LockRequested(at=after(1), account_id=777, until=None))
    assert not desk.locks
    assert not desk.state.positions
