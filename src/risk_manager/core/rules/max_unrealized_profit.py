"""RULE-005: take an open profit at its target, or before it is lost again."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from risk_manager.core.actions import CancelAll, Close, CloseAll, LockMode
from risk_manager.core.decisions import Decision
from risk_manager.core.events import ContractLearned, Event, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.rule import (
    LONGER_LOCK,
    TOTAL,
    Lockout,
    LockoutEnd,
    Measures,
    PositiveDollars,
    Rule,
    Scope,
    Utilization,
)
from risk_manager.core.state.account import AccountState
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER, WHEN_LOWER


class ExitMode(Enum):
    """When a profit is taken: at a target, or when it has fallen back after a good run."""

    PROFIT_TARGET = "profit_target"
    BREAKEVEN = "breakeven"


_AT_TARGET = ExitMode.PROFIT_TARGET
"""Found once: Python 3.11 looks a member of an enum up in Python code, and every quote would pay for it."""


class MaxUnrealizedProfit(Rule):
    """Close a position, or everything, at its profit target, or at breakeven once it was armed."""

    name: ClassVar[str] = "max_unrealized_profit"
    title: ClassVar[str] = "Open profit"
    protects: ClassVar[str] = "From giving an open profit back: it is taken, or kept from turning into a loss."
    measures: ClassVar[Measures] = Measures.OPEN_PROFIT
    triggers: ClassVar[tuple[type[Event], ...]] = (QuoteUpdated, PositionUpdated, TradeReported, ContractLearned)
    codes: ClassVar[tuple[str, ...]] = ("OPEN_PROFIT_REACHED", "BACK_AT_BREAKEVEN")

    mode_of_exit: Annotated[ExitMode, WHEN_CHANGED] = ExitMode.PROFIT_TARGET
    """profit_target takes the profit; breakeven keeps it from turning into a loss."""
    profit_target: Annotated[PositiveDollars | None, WHEN_HIGHER] = None
    """At this profit, in dollars, the rule acts."""
    arm_profit: Annotated[PositiveDollars | None, WHEN_HIGHER] = None
    """Once the open profit has been this many dollars, a fall back to the offset closes it; any increase disarms."""
    offset: Annotated[Decimal, Field(ge=0), WHEN_LOWER] = Decimal(0)
    """The open profit, in dollars, at which breakeven closes."""
    scope: Annotated[Scope, WHEN_CHANGED] = Scope.PER_POSITION
    """per_position looks at each position; total at their sum."""
    lockout: Annotated[Lockout, LONGER_LOCK] = LockoutEnd.NONE
    """How long no trading is allowed after a breach."""

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        needed = "profit_target" if self.mode_of_exit is ExitMode.PROFIT_TARGET else "arm_profit"
        if getattr(self, needed) is None:
            raise ValueError(f"mode_of_exit {self.mode_of_exit.value} needs {needed}")
        return self

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: open P&L ≥ target; or ≤ offset after it has been ≥ arm_profit since the last increase."""
        del event
        if self.scope is TOTAL:
            return list(self._total(state))
        return list(self._per_position(state))

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Open profit ÷ what it is taken, or armed, at."""
        limit = self.profit_target if self.mode_of_exit is ExitMode.PROFIT_TARGET else self.arm_profit
        if limit is None:
            return ()
        if self.scope is Scope.TOTAL:
            return (Utilization(measured=state.open_total(), limit=limit),)
        return [
            Utilization(measured=holding.open_pnl, limit=limit, subject=state.root(contract_id))
            for contract_id, holding in state.holdings.items()
            if holding.open_pnl is not None
        ]

    def _judge(self, profit: Decimal | None, peak: Decimal | None) -> tuple[str, Decimal] | None:
        """Tell the reason code and the limit that an open profit meets; None below."""
        if profit is None:
            return None
        if self.mode_of_exit is _AT_TARGET and self.profit_target is not None:
            return (self.codes[0], self.profit_target) if profit >= self.profit_target else None
        is_armed = peak is not None and self.arm_profit is not None and peak >= self.arm_profit
        return (self.codes[1], self.offset) if is_armed and profit <= self.offset else None

    def _per_position(self, state: AccountState) -> Iterator[Decision]:
        for contract_id, holding in state.holdings.items():
            met = self._judge(holding.open_pnl, holding.peak_open_pnl)
            if met is None:
                continue
            code, limit = met
            root = state.root(contract_id)
            lock = self.lock(state, code=code, lockout=self.lockout, mode=LockMode.FLAT, root=root)
            yield Decision(
                rule=self.name,
                code=code,
                subject=contract_id,
                measured=holding.open_pnl,
                limit=limit,
                actions=(Close(contract_id), *lock),
            )

    def _total(self, state: AccountState) -> Iterator[Decision]:
        if self.mode_of_exit is ExitMode.BREAKEVEN and any(
            holding.open_pnl is None and holding.peak_open_pnl is not None for holding in state.holdings.values()
        ):
            return  # a restart forgot its mark: a sum from which its profit is missing would look like a fall
        if all(holding.open_pnl is None for holding in state.holdings.values()):
            return  # of nothing that is held is the profit known
        profit = state.open_total()
        met = self._judge(profit, state.memory.peak_open_total)
        if met is None:
            return
        code, limit = met
        lock = self.lock(state, code=code, lockout=self.lockout, mode=LockMode.FLAT)
        yield Decision(
            rule=self.name, code=code, measured=profit, limit=limit, actions=(CloseAll(), CancelAll(), *lock)
        )
