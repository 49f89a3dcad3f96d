"""RULE-007, naively: add up every closing order anew, fill by fill."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from risk_manager.core.actions import Action, CancelAll, CloseAll, Lock
from risk_manager.core.events import Event, PolicyChanged, Reconciled, TradeReported
from risk_manager.core.model.trade import Trade
from risk_manager.core.rules.cooldown_after_loss import CooldownAfterLoss
from tests.models.court import Standing, Wanted
from tests.models.history import History

CODE = "LOSS_COOLDOWN"


class CooldownAfterLossModel:
    """Losses of closing orders."""

    momentary = True

    def __init__(self, settings: CooldownAfterLoss) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, TradeReported)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        if not isinstance(history.last, TradeReported | Reconciled | PolicyChanged):
            return
        reloaded = isinstance(history.last, PolicyChanged)
        judged = history.trades if reloaded else history.learned_trades
        before = None if reloaded else history.earlier
        for order_id in sorted({one.order_id for one in judged}):
            earlier = self.reached(before, order_id) if before else None
            reached = self.reached(history, order_id)
            if reached is None or (earlier is not None and earlier[0] >= reached[0]):
                continue
            index, loss, at = reached
            threshold = sorted(self.settings.loss_thresholds, key=lambda one: one.loss_amount)[index]
            until = at + threshold.cooldown
            if until <= history.now:
                continue
            closes = self.settings.on_breach.value == "close_all"
            closing: tuple[Action, ...] = (CloseAll(), CancelAll()) if closes else ()
            lock = Lock(rule=self.settings.name, code=CODE, mode=self.settings.on_breach.lock_mode, until=until)
            yield Wanted(
                self.settings.name,
                CODE,
                (*closing, lock),
                f"{order_id} {threshold.loss_amount}",
                loss,
                threshold.loss_amount,
                threshold.loss_amount,
                since=at,
            )

    def reached(self, history: History, order_id: int) -> tuple[int, Decimal, datetime] | None:
        """Tell the highest threshold that an order has reached, its loss, and the time of the fill that reached it."""
        fills = [one for one in history.trades if one.order_id == order_id]
        if all(one.realized_pnl is None for one in fills):
            return None
        amounts = sorted(one.loss_amount for one in self.settings.loss_thresholds)
        best: tuple[int, Decimal, datetime] | None = None
        for number, fill in enumerate(fills, 1):
            loss = -sum(map(self.result, fills[:number]), Decimal(0))
            highest = sum(loss >= amount for amount in amounts) - 1
            if highest >= 0 and (best is None or highest > best[0]):
                best = highest, loss, fill.at
        return best

    def result(self, trade: Trade) -> Decimal:
        costs = trade.fees + trade.commissions if self.settings.include_fees else Decimal(0)
        return (trade.realized_pnl or Decimal(0)) - costs
