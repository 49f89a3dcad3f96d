"""RULE-003 and RULE-013, naively: add up the day anew at every event."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from risk_manager.core.actions import CancelAll, CloseAll, Lock, LockMode
from risk_manager.core.events import Event, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.rule import PnlBasis
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.daily_realized_profit import DailyRealizedProfit
from tests.models.court import Standing, Wanted
from tests.models.ends import end_of
from tests.models.history import History


class DayLimitModel:
    """The day's sum against a loss limit or a profit target."""

    def __init__(self, settings: DailyRealizedLoss | DailyRealizedProfit) -> None:
        self.settings = settings

    @property
    def with_open(self) -> bool:
        return self.settings.basis is PnlBasis.REALIZED_PLUS_OPEN

    def judges(self, event: Event) -> bool:
        if isinstance(event, TradeReported):
            return True
        return self.with_open and isinstance(event, QuoteUpdated | PositionUpdated)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        total = history.pnl_of_day(fees=self.settings.include_fees, with_open=self.with_open)
        if isinstance(self.settings, DailyRealizedLoss):
            measured, limit, code = -total, self.settings.loss_limit, "DAILY_REALIZED_LOSS_REACHED"
        else:
            measured, limit, code = total, self.settings.profit_target, "DAILY_REALIZED_PROFIT_REACHED"
        if measured < limit:
            return
        until = end_of(self.settings.lockout, history)
        lock = Lock(rule=self.settings.name, code=code, mode=LockMode.FLAT, until=until)
        yield Wanted(self.settings.name, code, (CloseAll(), CancelAll(), lock), measured=measured, limit=limit)
