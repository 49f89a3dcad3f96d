"""RULE-010: stop when the platform takes the permission to trade away."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from risk_manager.core.actions import CancelAll, CloseAll, Lock, LockMode, Unlock, Warn
from risk_manager.core.decisions import Decision
from risk_manager.core.events import AccountUpdated, AccountVanished, ClockTicked, Event
from risk_manager.core.model.duration import Duration
from risk_manager.core.rule import Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.strictness import WHEN_HIGHER, WHEN_ON


class AuthLossGuard(Rule):
    """Flatten and lock an account that may not trade, until it may again."""

    name: ClassVar[str] = "auth_loss_guard"
    title: ClassVar[str] = "Account access"
    protects: ClassVar[str] = "From trading on when TopstepX has taken your right to trade."
    triggers: ClassVar[tuple[type[Event], ...]] = (AccountUpdated, AccountVanished, ClockTicked)
    codes: ClassVar[tuple[str, ...]] = ("TRADING_NOT_ALLOWED", "TRADING_ALLOWED_AGAIN", "NO_WORD_ON_TRADING")
    locks_until_condition: ClassVar[bool] = True

    auto_unlock_on_restore: Annotated[bool, WHEN_ON] = True
    """Whether the lock ends by itself when the right to trade is back."""
    verify_every: Annotated[Duration, Field(ge=timedelta(seconds=1)), WHEN_HIGHER] = timedelta(seconds=60)
    """How often the venue is asked."""

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: `canTrade` is false, or the account is no longer in the list; no word changes nothing."""
        decisions = []
        if isinstance(event, AccountUpdated) and event.can_trade is None:
            code = self.codes[2]
            decisions.append(Decision(rule=self.name, code=code, actions=(Warn(code),), breach=False))
        can_trade = False if state.memory.vanished else state.account.can_trade
        if can_trade is False:
            lock = Lock(rule=self.name, code=self.codes[0], mode=LockMode.FLAT, until=None)
            decisions.append(Decision(rule=self.name, code=self.codes[0], actions=(CloseAll(), CancelAll(), lock)))
        elif can_trade and self.auto_unlock_on_restore:
            unlock = Unlock(rule=self.name)
            decisions.append(Decision(rule=self.name, code=self.codes[1], actions=(unlock,), breach=False))
        return decisions
