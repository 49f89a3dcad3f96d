"""Builders for tests of the core: each says only what the test is about, the rest is an ordinary Tuesday."""

import copy
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from risk_manager.core.actions import Action, Lock, LockMode
from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import (
    AccountUpdated,
    ClockTicked,
    EnforcementFinished,
    Event,
    LockCleared,
    OrderUpdated,
    PolicyChanged,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    Restarted,
    TradeReported,
)
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.contracts import Contracts
from risk_manager.core.state.memory import Memory
from risk_manager.core.state.quotes import Quotes

AT = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Chicago; the trading day ends at 22:00 UTC."""
RESET = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)

ES, ES_LATER = "CON.F.US.EP.U26", "CON.F.US.EP.Z26"
NQ, MES, MNQ, CL = "CON.F.US.ENQ.U26", "CON.F.US.MES.U26", "CON.F.US.MNQ.U26", "CON.F.US.CLE.U26"
UNKNOWN = "CON.F.US.NOBODY.U26"
"""A contract of which neither the venue nor the product table has told."""

Number = Decimal | int | str
_numbers = itertools.count(900_000)


def after(seconds: float) -> datetime:
    """Tell an instant that lies so many seconds after `AT`."""
    return AT + timedelta(seconds=seconds)


def dec(number: Number) -> Decimal:
    return Decimal(str(number))


def position(
    contract_id: str = MNQ,
    net_size: int = 1,
    price: Number = 100,
    *,
    account_id: int = 1,
    opened_at: datetime | None = None,
) -> Position:
    return Position(
        account_id=account_id,
        contract_id=contract_id,
        net_size=net_size,
        average_price=dec(price),
        opened_at=opened_at,
    )


def order(
    order_id: int | None = None,
    contract_id: str = MNQ,
    signed_size: int = 1,
    *,
    account_id: int = 1,
    kind: OrderType = OrderType.LIMIT,
    status: OrderStatus = OrderStatus.OPEN,
    filled: int = 0,
    stop: Number | None = None,
    limit: Number | None = None,
    parent_id: int | None = None,
    updated_at: datetime | None = None,
) -> Order:
    """Build an order; a negative size sells."""
    return Order(
        order_id=next(_numbers) if order_id is None else order_id,
        account_id=account_id,
        contract_id=contract_id,
        type=kind,
        side=OrderSide.BUY if signed_size > 0 else OrderSide.SELL,
        size=abs(signed_size),
        status=status,
        filled_size=filled,
        stop_price=None if stop is None else dec(stop),
        limit_price=None if limit is None else dec(limit),
        parent_id=parent_id,
        updated_at=updated_at,
    )


def stop_order(order_id: int | None = None, contract_id: str = MNQ, signed_size: int = -1, stop: Number = 90) -> Order:
    return order(order_id, contract_id, signed_size, kind=OrderType.STOP, stop=stop)


def trade(
    pnl: Number | None = None,
    *,
    trade_id: int | None = None,
    order_id: int | None = None,
    contract_id: str = MNQ,
    signed_size: int = 1,
    at: datetime = AT,
    fees: Number = 0,
    commissions: Number = 0,
    voided: bool = False,
    account_id: int = 1,
) -> Trade:
    """Build a half-turn; without a result it opened, and each is an order of its own unless told otherwise."""
    number = next(_numbers) if trade_id is None else trade_id
    return Trade(
        trade_id=number,
        account_id=account_id,
        contract_id=contract_id,
        order_id=number if order_id is None else order_id,
        side=OrderSide.BUY if signed_size > 0 else OrderSide.SELL,
        size=abs(signed_size),
        price=Decimal(100),
        at=at,
        realized_pnl=None if pnl is None else dec(pnl),
        fees=dec(fees),
        commissions=dec(commissions),
        voided=voided,
    )


def lock(
    rule: str = "a_rule",
    *,
    mode: LockMode = LockMode.FLAT,
    until: datetime | None = None,
    root: str | None = None,
    code: str = "A_REASON",
    except_roots: Iterable[str] = (),
) -> Lock:
    return Lock(rule=rule, code=code, mode=mode, until=until, root=root, except_roots=frozenset(except_roots))


def account_state(
    *held: Position, orders: Iterable[Order] = (), policy: Policy | None = None, at: datetime = AT
) -> AccountState:
    """Build what is known of account 1, as rules and precedence read it."""
    memory = Memory(Account(account_id=1, can_trade=True), at)
    state = AccountState(memory, policy or Policy(), Contracts(), Quotes())
    for one in held:
        state.learn_position(one, at)
    for working in orders:
        state.learn_order(working, at, ours=False)
    return state


class Desk:
    """An engine at work in virtual time: `at` is seconds after `AT`, and time stands still where it is not said."""

    def __init__(
        self,
        *rules: Rule,
        policy: Policy | None = None,
        policies: dict[int, Policy] | None = None,
        at: datetime = AT,
        can_trade: bool | None = True,
    ) -> None:
        self.policies = policies or {1: replace(policy or Policy(), rules=rules or (policy or Policy()).rules)}
        self.now = at
        accounts = [Account(account_id=one, can_trade=can_trade) for one in self.policies]
        self.engine = Engine(self.policies, at=at, accounts=accounts)
        self.plans: list[Plan] = []

    @property
    def state(self) -> AccountState:
        """What is known of account 1."""
        return self.engine.state.accounts[1]

    @property
    def locks(self) -> set[str]:
        """The rules that have a lock in force on account 1."""
        return {one.rule for one in self.state.lockouts.by_key.values()}

    def hear(self, event: Event) -> tuple[Plan, ...]:
        self.now = max(self.now, event.at)
        plans = self.engine.handle(event)
        self.plans += plans
        return plans

    def time(self, at: float | None) -> datetime:
        return self.now if at is None else after(at)

    def holds(
        self, contract_id: str, net_size: int, price: Number = 100, *, at: float | None = None, account_id: int = 1
    ) -> tuple[Plan, ...]:
        """Let a position report come."""
        told = position(contract_id, net_size, price, account_id=account_id)
        return self.hear(PositionUpdated(at=self.time(at), position=told))

    def orders(self, told: Order, *, at: float | None = None, ours: bool = False) -> tuple[Plan, ...]:
        return self.hear(OrderUpdated(at=self.time(at), order=told, ours=ours))

    def trades(self, told: Trade, *, at: float | None = None, ours: bool = False) -> tuple[Plan, ...]:
        return self.hear(TradeReported(at=self.time(at), trade=told, ours=ours))

    def fills(
        self, pnl: Number | None = None, *, at: float | None = None, order_id: int | None = None
    ) -> Sequence[Plan]:
        """Let a fill be told at the very instant at which it happened."""
        return self.trades(trade(pnl, at=self.time(at), order_id=order_id), at=at)

    def quotes(
        self,
        contract_id: str,
        last: Number | None = None,
        *,
        bid: Number | None = None,
        ask: Number | None = None,
        at: float | None = None,
    ) -> tuple[Plan, ...]:
        prices = [None if one is None else dec(one) for one in (last, bid, ask)]
        return self.hear(
            QuoteUpdated(at=self.time(at), contract_id=contract_id, last=prices[0], bid=prices[1], ask=prices[2])
        )

    def ticks(self, at: float) -> tuple[Plan, ...]:
        return self.hear(ClockTicked(at=after(at)))

    def may_trade(self, can_trade: bool | None, *, at: float | None = None) -> tuple[Plan, ...]:  # noqa: FBT001 - the venue's own word
        return self.hear(AccountUpdated(at=self.time(at), account_id=1, can_trade=can_trade))

    def reads(
        self,
        *held: Position,
        orders: Sequence[Order] = (),
        trades: Sequence[Trade] = (),
        at: float | None = None,
        as_of: float | None = None,
    ) -> tuple[Plan, ...]:
        """Let a full picture come."""
        asked = None if as_of is None else after(as_of)
        return self.hear(
            Reconciled(
                at=self.time(at), account_id=1, positions=held, orders=tuple(orders), trades=tuple(trades), as_of=asked
            )
        )

    def enforced(self, *, ok: bool, contract_id: str | None = None, at: float | None = None) -> tuple[Plan, ...]:
        return self.hear(EnforcementFinished(at=self.time(at), account_id=1, ok=ok, contract_id=contract_id))

    def clears(self, rule: str, *, at: float | None = None, root: str | None = None) -> tuple[Plan, ...]:
        return self.hear(LockCleared(at=self.time(at), account_id=1, rule=rule, root=root))

    def reloads(self, *rules: Rule, at: float | None = None, policy: Policy | None = None) -> tuple[Plan, ...]:
        """Change the rules, and nothing else unless told so."""
        base = policy or self.policies[1]
        self.policies = {**self.policies, 1: replace(base, rules=rules)}
        return self.hear(PolicyChanged(at=self.time(at), policies=self.policies))

    def restarts(self, *, at: float | None = None) -> tuple[Plan, ...]:
        """Die, and come back with what was stored."""
        self.now = self.time(at)
        stored = {key: copy.deepcopy(one.memory) for key, one in self.engine.state.accounts.items()}
        self.engine = Engine(self.policies, at=self.now, memories=stored)
        return self.hear(Restarted(at=self.now))


def deeds(plans: Iterable[Plan]) -> list[Action]:
    """List everything that plans want done."""
    return [action for plan in plans for action in plan.actions]


def deciders(plans: Iterable[Plan]) -> set[str]:
    """Name the rules that led to plans."""
    return {decision.rule for plan in plans for decision in plan.decisions}
