"""What holds of the engine whatever happens: a machine that tells several engines the same things in other ways."""

import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import (
    AccountUpdated,
    ClockTicked,
    EnforcementFinished,
    Event,
    LockCleared,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    Restarted,
    TradeReported,
)
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import OrderStatus, OrderType
from risk_manager.core.model.trade import Trade
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES
from tests.builders import AT, CL, ES, MNQ, Desk, after, order, position, trade

HOURS = {"start": "08:30", "end": "10:30", "timezone": "America/Chicago"}
SECTIONS: dict[str, dict[str, Any]] = {
    "max_contracts": {"limit": 4, "on_breach": "reduce_to_limit", "lockout": "2m"},
    "max_contracts_per_instrument": {"limits": {"ES": 1}, "unknown_symbol_action": "allow_with_limit:3"},
    "daily_realized_loss": {"loss_limit": 200},
    "daily_unrealized_loss": {"loss_limit": 60, "lockout": "1m"},
    "max_unrealized_profit": {"mode_of_exit": "breakeven", "arm_profit": 40, "scope": "total"},
    "trade_frequency_limit": {"limits": {"per_minute": 3}},
    "cooldown_after_loss": {"loss_thresholds": [{"loss_amount": 80, "cooldown": "90s"}]},
    "no_stop_loss_grace": {"grace_period": "45s"},
    "session_block_outside": {"global_session": HOURS, "close_positions_at_session_end": False},
    "auth_loss_guard": {},
    "symbol_blocks": {"blocked_symbols": ["CL"]},
    "trade_management": {"auto_stop": {"ticks": 8}},
    "daily_realized_profit": {"profit_target": 300},
}
LIMITS: tuple[Rule, ...] = tuple(one.model_validate(SECTIONS[one.name]) for one in RULES)
CONTRACTS = st.sampled_from([MNQ, ES, CL])


def engine(rules: tuple[Rule, ...]) -> Engine:
    return Engine({1: Policy(rules=rules)}, at=AT, accounts=[Account(account_id=1, can_trade=True)])


def wanted(plans: tuple[Plan, ...]) -> list[Any]:
    return [(one.at, one.shadow, set(one.decisions), set(one.actions)) for one in plans]


class SameThingsToldInOtherWays(RuleBasedStateMachine):
    """One engine hears everything; others hear it twice, with the rules the other way round, or from a copy."""

    @initialize()
    def begin(self) -> None:
        self.now = AT
        self.plain, self.reversed = engine(LIMITS), engine(LIMITS[::-1])
        self.words: dict[int, Trade] = {}
        self.number = 0

    def tell(self, event: Event) -> None:
        before = copy.deepcopy(self.plain)
        plans = wanted(self.plain.handle(event))
        assert wanted(before.handle(event)) == plans, "a copy of the memory gives other verdicts"
        assert wanted(self.reversed.handle(event)) == plans, "the order of the rules changes the plan"

    def step(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(contract_id=CONTRACTS, net_size=st.integers(-4, 6), seconds=st.integers(0, 20))
    def position_told(self, contract_id: str, net_size: int, seconds: int) -> None:
        self.step(seconds)
        self.tell(PositionUpdated(at=self.now, position=position(contract_id, net_size)))

    @rule(contract_id=CONTRACTS, cents=st.integers(-20_000, 20_000), opens=st.booleans(), late=st.integers(0, 90))
    def trade_told(self, contract_id: str, cents: int, opens: bool, late: int) -> None:  # noqa: FBT001 - a drawn choice
        self.number += 1
        pnl = None if opens else Decimal(cents) / 100
        at = self.now - timedelta(seconds=late)
        told = trade(pnl, trade_id=self.number, order_id=self.number // 2, contract_id=contract_id, at=at, fees="0.6")
        self.words[told.trade_id] = told
        self.tell(TradeReported(at=self.now, trade=told))
        known = copy.deepcopy(self.plain.state.accounts[1].memory)
        assert not self.plain.handle(TradeReported(at=self.now, trade=told)), "the same trade twice is once"
        self.reversed.handle(TradeReported(at=self.now, trade=told))
        assert self.plain.state.accounts[1].memory == known

    @rule(which=st.integers(1, 30))
    def trade_voided(self, which: int) -> None:
        told = self.words.get(which)
        if told is not None:
            self.words[which] = replace(told, voided=True)
            self.tell(TradeReported(at=self.now, trade=self.words[which]))

    @rule(
        contract_id=CONTRACTS,
        signed_size=st.sampled_from([-3, -1, 1, 2]),
        kind=st.sampled_from([OrderType.STOP, OrderType.LIMIT]),
        status=st.sampled_from([OrderStatus.OPEN, OrderStatus.SUSPENDED, OrderStatus.CANCELLED, OrderStatus.FILLED]),
        order_id=st.integers(1, 4),
    )
    def order_told(
        self, contract_id: str, signed_size: int, kind: OrderType, status: OrderStatus, order_id: int
    ) -> None:
        filled = abs(signed_size) if status is OrderStatus.FILLED else 0
        number = 1000 + order_id * 10 + len(contract_id)
        told = order(number, contract_id, signed_size, kind=kind, status=status, filled=filled, updated_at=self.now)
        self.tell(OrderUpdated(at=self.now, order=told))

    @rule(contract_id=CONTRACTS, price=st.sampled_from(["70", "90", "100", "104", "130", "0", "NaN", "-5"]))
    def quote_told(self, contract_id: str, price: str) -> None:
        self.tell(QuoteUpdated(at=self.now, contract_id=contract_id, last=Decimal(price)))

    @rule(seconds=st.integers(1, 4000))
    def time_passes(self, seconds: int) -> None:
        self.step(seconds)
        self.tell(ClockTicked(at=self.now))

    @rule(ok=st.booleans(), contract_id=st.none() | CONTRACTS)
    def enforced(self, ok: bool, contract_id: str | None) -> None:  # noqa: FBT001 - a drawn choice
        self.tell(EnforcementFinished(at=self.now, account_id=1, ok=ok, contract_id=contract_id))

    @rule(name=st.sampled_from(sorted(SECTIONS)))
    def lock_cleared(self, name: str) -> None:
        self.tell(LockCleared(at=self.now, account_id=1, rule=name))

    @rule(can_trade=st.sampled_from([True, False, None]))
    def account_told(self, can_trade: bool | None) -> None:  # noqa: FBT001 - the venue's own word
        self.tell(AccountUpdated(at=self.now, account_id=1, can_trade=can_trade))

    @rule(net_size=st.integers(-2, 5), lag=st.integers(0, 5))
    def picture_told(self, net_size: int, lag: int) -> None:
        held = (position(MNQ, net_size),) if net_size else ()
        as_of = self.now - timedelta(seconds=lag)
        trades = tuple(self.words.values())[-3:]
        self.tell(Reconciled(at=self.now, account_id=1, positions=held, orders=(), trades=trades, as_of=as_of))

    @rule()
    def restarted(self) -> None:
        self.tell(Restarted(at=self.now))
        self.tell(Reconciled(at=self.now, account_id=1, positions=(), orders=()))

    @invariant()
    def the_day_is_the_sum_of_the_trades_that_count(self) -> None:
        state = self.plain.state.accounts[1]
        counting = (one for one in state.trades.counting() if state.day.contains(one.at))
        assert state.today.net == sum((one.gross_pnl - one.costs for one in counting), Decimal(0))

    @invariant()
    def the_next_deadline_lies_ahead(self) -> None:
        deadline = self.plain.next_deadline()
        assert deadline is not None
        assert deadline > self.plain.state.accounts[1].now
        fresh = copy.deepcopy(self.plain)
        fresh.handle(EnforcementFinished(at=self.now, account_id=1, ok=True, contract_id="none"))
        assert fresh.next_deadline() == deadline, "a deadline was missed"

    @invariant()
    def the_cached_sum_of_open_pnl_is_the_sum(self) -> None:
        state = self.plain.state.accounts[1]
        marked = [one.open_pnl for one in state.holdings.values() if one.open_pnl is not None]
        assert state.open_total() == sum(marked, Decimal(0))


SameThingsToldInOtherWays.TestCase.settings = settings(max_examples=15, stateful_step_count=20)
TestSameThingsToldInOtherWays = SameThingsToldInOtherWays.TestCase


@st.composite
def fills(draw: st.DrawFn) -> tuple[int, int, int | None]:
    """Draw a position, and a fill that opens, enlarges or takes from it; only the last realizes anything."""
    before = draw(st.integers(-4, 4))
    if before and draw(st.booleans()):
        size = draw(st.integers(1, abs(before)))
        return before, -size if before > 0 else size, draw(st.integers(-200, 200))
    size = draw(st.integers(1, 4))
    return before, size if before > 0 or (before == 0 and draw(st.booleans())) else -size, None


@given(
    fill=fills(),
    stamp=st.integers(-3, 3),
)
@settings(max_examples=40)
def test_any_order_of_arrival_of_the_events_of_one_fill_ends_in_the_same_state(
    fill: tuple[int, int, int | None], stamp: int
) -> None:
    """A fill at +10 s, told by order, trade, position and account; `stamp`: how far the order's clock is off, in ms."""
    before, signed_size, pnl = fill
    told = trade(pnl, trade_id=5, order_id=7, signed_size=signed_size, at=after(10))
    words: list[tuple[str, Event]] = [
        (
            "order",
            OrderUpdated(
                at=after(11),
                order=order(
                    7,
                    MNQ,
                    signed_size,
                    kind=OrderType.MARKET,
                    status=OrderStatus.FILLED,
                    filled=abs(signed_size),
                    updated_at=after(10 + stamp / 1000),
                ),
            ),
        ),
        ("trade", TradeReported(at=after(11), trade=told)),
        ("position", PositionUpdated(at=after(11), position=position(MNQ, before + signed_size))),
        ("account", AccountUpdated(at=after(11), account_id=1, balance=Decimal(5))),
    ]
    ends = []
    for way in permutations(words):
        desk = Desk(*(one for one in LIMITS if one.name != "trade_management"))
        desk.reads(*([position(MNQ, before)] if before else []), at=0)
        for _, event in way:
            desk.hear(event)
        memory = desk.state.memory
        ends.append(
            (
                desk.state.positions.get(MNQ),
                memory.positions.unshown,
                memory.positions.unexplained,
                desk.state.today.net,
                desk.state.trades.by_id,
                memory.orders.by_id.keys(),
                {key: (lock.until, lock.ceilings) for key, lock in desk.state.lockouts.by_key.items()},
            )
        )
    assert all(one == ends[0] for one in ends), [way for way in ends if way != ends[0]][:1] + ends[:1]
