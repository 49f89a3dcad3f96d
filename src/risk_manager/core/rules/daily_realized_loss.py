"""RULE-003: stop for the day once the day's loss reaches the limit."""

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
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER, WHEN_OFF


class DailyRealizedLoss(Rule):
    """Flatten and lock out until the reset, at the limit and not a cent before."""

    name: ClassVar[str] = "daily_realized_loss"
    title: ClassVar[str] = "Daily loss"
    protects: ClassVar[str] = "From a day that loses more than you decided: everything is closed, and the day is over."
    measures: ClassVar[Measures] = Measures.LOSS_OF_DAY
    triggers: ClassVar[tuple[type[Event], ...]] = (TradeReported, QuoteUpdated, PositionUpdated, ContractLearned)
    codes: ClassVar[tuple[str, ...]] = ("DAILY_REALIZED_LOSS_REACHED",)

    loss_limit: Annotated[PositiveDollars, WHEN_HIGHER]
    """At this loss, in dollars, the rule acts; not a cent before."""
    basis: Annotated[PnlBasis, WHEN_CHANGED] = PnlBasis.REALIZED
    """realized counts what is closed; realized_plus_open adds what is open."""
    include_fees: Annotated[bool, WHEN_OFF] = True
    """Whether fees and commissions count."""
    lockout: Annotated[DayLockout, LONGER_LOCK] = LockoutEnd.DAILY_RESET
    """How long no trading is allowed after a breach."""

    def triggered_by(self, event: type[Event]) -> bool:
        """Prices matter only where the open P&L counts."""
        return super().triggered_by(event) and (event is TradeReported or self.basis is PnlBasis.REALIZED_PLUS_OPEN)

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: −(P&L of the day) ≥ loss limit."""
        del event
        loss = -state.pnl_of_day(self.basis, with_fees=self.include_fees)
        if loss < self.loss_limit:
            return ()
        lock = self.lock(state, code=self.codes[0], lockout=self.lockout, mode=LockMode.FLAT)
        return (
            Decision(
                rule=self.name,
                code=self.codes[0],
                measured=loss,
                limit=self.loss_limit,
                actions=(CloseAll(), CancelAll(), *lock),
            ),
        )

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Loss of the day ÷ limit."""
        loss = -state.pnl_of_day(self.basis, with_fees=self.include_fees)
        return (Utilization(measured=loss, limit=self.loss_limit),)
