"""RULE-004: let no open loss grow past the limit."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated, ClassVar

from risk_manager.core.actions import CancelAll, Close, CloseAll, LockMode, Warn
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
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER, LooserAmong


def _lock_loosens(old: "DailyUnrealizedLoss", new: "DailyUnrealizedLoss") -> bool:
    """What is left out is daily_reset in total; both scopes count, as a change of the scope may wait."""
    return any(LONGER_LOCK.loosens(old.lock_in(old.scope), new.lock_in(scope)) for scope in (old.scope, new.scope))


class DailyUnrealizedLoss(Rule):
    """Close a position, or everything, when the open loss touches the limit."""

    name: ClassVar[str] = "daily_unrealized_loss"
    title: ClassVar[str] = "Open loss"
    protects: ClassVar[str] = "From an open loss that runs: what loses is closed."
    measures: ClassVar[Measures] = Measures.OPEN_LOSS
    triggers: ClassVar[tuple[type[Event], ...]] = (QuoteUpdated, PositionUpdated, TradeReported, ContractLearned)
    codes: ClassVar[tuple[str, ...]] = ("OPEN_LOSS_REACHED", "POSITION_UNMARKED")

    loss_limit: Annotated[PositiveDollars, WHEN_HIGHER]
    """At this loss, in dollars, the rule acts; not a cent before."""
    scope: Annotated[Scope, WHEN_CHANGED] = Scope.PER_POSITION
    """per_position looks at each position; total at their sum."""
    lockout: Annotated[Lockout | None, LooserAmong(_lock_loosens)] = None
    """How long no trading is allowed after a breach; left out, none per position, and daily_reset in total."""

    def lock_in(self, scope: Scope) -> LockoutEnd | timedelta:
        """Tell how long the rule locks in a scope, its default included."""
        if self.lockout is None:
            return LockoutEnd.DAILY_RESET if scope is TOTAL else LockoutEnd.NONE
        return self.lockout

    def setting(self, name: str) -> object:
        """Tell what a setting comes to; the lock that is left out is that of the scope."""
        return self.lock_in(self.scope) if name == "lockout" else super().setting(name)

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: open P&L ≤ −limit, in dollars; an unmarked position is left out."""
        del event
        if self.scope is TOTAL:
            return list(self._total(state))
        return list(self._per_position(state))

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        """Open loss ÷ limit: of everything, or of each position."""
        if self.scope is Scope.TOTAL:
            return (Utilization(measured=-state.open_total(), limit=self.loss_limit),)
        return [
            Utilization(measured=-holding.open_pnl, limit=self.loss_limit, subject=state.root(contract_id))
            for contract_id, holding in state.holdings.items()
            if holding.open_pnl is not None
        ]

    def _per_position(self, state: AccountState) -> Iterator[Decision]:
        for contract_id, holding in state.holdings.items():
            if holding.open_pnl is None or -holding.open_pnl < self.loss_limit:
                continue
            lock = self.lock(
                state,
                code=self.codes[0],
                lockout=self.lock_in(self.scope),
                mode=LockMode.FLAT,
                root=state.root(contract_id),
            )
            yield Decision(
                rule=self.name,
                code=self.codes[0],
                subject=contract_id,
                measured=-holding.open_pnl,
                limit=self.loss_limit,
                actions=(Close(contract_id), *lock),
            )

    def _total(self, state: AccountState) -> Iterator[Decision]:
        loss = -state.open_total()
        if loss >= self.loss_limit:
            lock = self.lock(state, code=self.codes[0], lockout=self.lock_in(self.scope), mode=LockMode.FLAT)
            yield Decision(
                rule=self.name,
                code=self.codes[0],
                measured=loss,
                limit=self.loss_limit,
                actions=(CloseAll(), CancelAll(), *lock),
            )
        for contract_id in state.unmarked():
            yield Decision(
                rule=self.name,
                code=self.codes[1],
                subject=contract_id,
                actions=(Warn(self.codes[1]),),
                breach=False,
            )
