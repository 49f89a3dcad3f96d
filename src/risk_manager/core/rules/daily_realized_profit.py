"""RULE-013: stop for the day once the day's profit reaches the target."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from risk_manager.core.actions import CancelAll, CloseAll, LockMode
from risk_manager.core.decisions import Decision
from risk_manager.core.events import ContractLearned, Event, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.rule import (
    LONGER_LOCK,
    DayLockout,
    LockoutEnd,
    Measures,
    PnlBasis,
    PositiveDollars,
    Rule,
    Utilization,
)
from risk_manager.core.state.account import AccountState
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER, WHEN_ON


class DailyRealizedProfit(Rule):
    """Flatten and lock out until the reset, at the target and not a cent before."""

    name: ClassVar[str] = "daily_realized_profit"
    title: ClassVar[str] = "Daily profit"
    protects: ClassVar[str] = "From giving a good day back: at the target everything is closed, and the day is over."
    measures: ClassVar[Measures] = Measures.PROFIT_OF_DAY
    triggers: ClassVar[tuple[type[Event], ...]] = (TradeReported, QuoteUpdated, PositionUpdated, ContractLearned)
    codes: ClassVar[tuple[str, ...]] = ("DAILY_REALIZED_PROFIT_REACHED",)

    profit_target: Annotated[PositiveDollars, WHEN_HIGHER]
    """At this profit, in dollars, the rule acts."""
    basis: Annotated[PnlBasis, WHEN_CHANGED] = PnlBasis.REALIZED
    """realized counts what is closed; realized_plus_open adds what is open."""
    include_fees: Annotated[bool, WHEN_ON] = True
    """Whether fees and commissions count."""
    lockout: Annotated[DayLockout, LONGER_LOCK] = LockoutEnd.DAILY_RESET
    """How long no trading is allowed after a breach."""

    def triggered_by(self, event: type[Event]) -> bool:
        """Prices matter only where the open P&L counts."""
        return super().triggered_by(event) and (event is TradeReported or self.basis is PnlBasis.REALIZED_PLUS_OPEN)

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: P&L of the day ≥ profit target."""
        del event
        profit = state.pnl_of_day(self.basis, with_fees=self.include_fees)
        if profit < self.profit_target:
            return ()
        lock = self.lock(state, code=self.codes[0], lockout=self.lockout, mode=LockMode.FLAT)
        return (
            Decision(
                rule=self.name,
                code=self.codes[0],
                measured=profit,
                limit=self.profit_target,
                actions=(CloseAll(), CancelAll(), *lock),
            ),
        )

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Profit of the day ÷ target."""
        profit = state.pnl_of_day(self.basis, with_fees=self.include_fees)
        return (Utilization(measured=profit, limit=self.profit_target),)
