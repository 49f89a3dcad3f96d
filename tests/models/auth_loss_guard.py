"""RULE-010, naively: the last word on whether the account may trade."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from risk_manager.core.actions import CancelAll, CloseAll, Lock, LockMode, Unlock
from risk_manager.core.events import AccountUpdated, AccountVanished, ClockTicked, Event
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from tests.models.court import STRICT, Standing, Wanted
from tests.models.history import History

NAME = "auth_loss_guard"


class AuthLossGuardModel:
    """Permission."""

    def __init__(self, settings: AuthLossGuard) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, AccountUpdated | AccountVanished | ClockTicked)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        if history.can_trade is False:
            code = "TRADING_NOT_ALLOWED"
            lock = Lock(rule=NAME, code=code, mode=LockMode.FLAT, until=None)
            yield Wanted(NAME, code, (CloseAll(), CancelAll(), lock))
        held = any(one.rule == NAME and one.code != STRICT for one in locks)
        if held and history.can_trade and self.settings.auto_unlock_on_restore:
            yield Wanted(NAME, "TRADING_ALLOWED_AGAIN", (Unlock(rule=NAME),), breach=False)
