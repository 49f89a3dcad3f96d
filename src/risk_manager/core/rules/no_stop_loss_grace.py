"""RULE-008: no position without a stop for longer than the grace period."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from risk_manager.core.actions import Close, LockMode
from risk_manager.core.decisions import Decision
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated, TradeReported
from risk_manager.core.model.duration import Duration
from risk_manager.core.rule import LONGER_LOCK, Lockout, LockoutEnd, Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.positions import Holding
from risk_manager.core.state.protection import protected_size
from risk_manager.core.strictness import WHEN_HIGHER, WHEN_OFF


class NoStopLossGrace(Rule):
    """Close a position that has been unprotected for the whole grace period."""

    name: ClassVar[str] = "no_stop_loss_grace"
    title: ClassVar[str] = "Stop-loss grace"
    protects: ClassVar[str] = "From a position without a stop: it is closed after a short time."
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, OrderUpdated, TradeReported, ClockTicked)
    codes: ClassVar[tuple[str, ...]] = ("NO_STOP_LOSS",)

    grace_period: Annotated[Duration, Field(ge=timedelta(seconds=1)), WHEN_HIGHER]
    """So long may a position be without a stop before it is closed."""
    require_full_size: Annotated[bool, WHEN_OFF] = True
    """Whether the stops must cover every contract of the position."""
    lockout: Annotated[Lockout, LONGER_LOCK] = LockoutEnd.NONE
    """How long no trading is allowed after a breach."""

    def conditions(self, state: AccountState) -> Sequence[str]:
        """Time each position for as long as it is unprotected."""
        return [_subject(holding) for holding in state.holdings.values() if not self._is_protected(state, holding)]

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: unprotected for as long as the grace period."""
        del event
        if state.awaits_picture:
            return ()
        since = state.memory.clocks.of_rule(self.name)
        return [
            self._decide(state, holding)
            for holding in state.holdings.values()
            if (began := since.get(_subject(holding))) is not None and began + self.grace_period <= state.now
        ]

    def deadline(self, state: AccountState, now: datetime) -> datetime | None:
        """Name the next end of a grace period."""
        ends = (began + self.grace_period for began in state.memory.clocks.of_rule(self.name).values())
        return min((end for end in ends if end > now), default=None)

    def closes_at(self, state: AccountState, contract_id: str) -> datetime | None:
        """Tell, for people, when a position is closed that stays without a stop; None for one that is protected."""
        holding = state.holdings.get(contract_id)
        began = None if holding is None else state.memory.clocks.of_rule(self.name).get(_subject(holding))
        return None if began is None else began + self.grace_period

    def _is_protected(self, state: AccountState, holding: Holding) -> bool:
        position = holding.position
        covered = protected_size(position, state.orders_of(position.contract_id), state.filled_size)
        return covered >= (position.size if self.require_full_size else 1)

    def _decide(self, state: AccountState, holding: Holding) -> Decision:
        contract_id = holding.position.contract_id
        root = state.root(contract_id)
        lock = self.lock(state, code=self.codes[0], lockout=self.lockout, mode=LockMode.FLAT, root=root)
        began = state.memory.clocks.of_rule(self.name)[_subject(holding)]
        return Decision(
            rule=self.name,
            code=self.codes[0],
            subject=_subject(holding),
            measured=int((state.now - began).total_seconds()),
            limit=int(self.grace_period.total_seconds()),
            severity=holding.position.size,  # what may grow is the position; time does it by itself
            actions=(Close(contract_id), *lock),
        )


def _subject(holding: Holding) -> str:
    return f"{holding.position.contract_id} {holding.incarnation}"
