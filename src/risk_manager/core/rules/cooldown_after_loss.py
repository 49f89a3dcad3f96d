"""RULE-007: pause after a losing trade, the longer the larger it was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from risk_manager.core.actions import CancelAll, CloseAll, Lock
from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, PolicyChanged, TradeReported
from risk_manager.core.model.duration import Duration
from risk_manager.core.model.money import ZERO
from risk_manager.core.model.trade import Trade
from risk_manager.core.rule import CLOSES_MORE, AfterBreach, Measures, PositiveDollars, Rule
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.memory import News
from risk_manager.core.strictness import WHEN_OFF, Looser


class LossThreshold(BaseModel):
    """A loss in dollars, and how long to pause from it on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss_amount: PositiveDollars
    cooldown: Annotated[Duration, Field(gt=timedelta(0))]


def _larger_pauses_longer(thresholds: tuple[LossThreshold, ...]) -> tuple[LossThreshold, ...]:
    ordered = tuple(sorted(thresholds, key=lambda one: one.loss_amount))
    cooldowns = [one.cooldown for one in ordered]
    if cooldowns != sorted(cooldowns):
        raise ValueError("a larger loss must not have a shorter cooldown")
    if len({one.loss_amount for one in ordered}) != len(ordered):
        raise ValueError("each loss_amount may stand here once")
    return ordered


def _pause(thresholds: tuple[LossThreshold, ...], loss: Decimal) -> timedelta:
    return max((one.cooldown for one in thresholds if one.loss_amount <= loss), default=timedelta(0))


def _pauses_shorten(old: tuple[LossThreshold, ...], new: tuple[LossThreshold, ...]) -> bool:
    """Tell whether any loss is followed by a shorter pause than before: one of those at which a pause grew is."""
    return any(_pause(new, one.loss_amount) < _pause(old, one.loss_amount) for one in old)


def _longer_pauses(old: tuple[LossThreshold, ...], new: tuple[LossThreshold, ...]) -> tuple[LossThreshold, ...]:
    """After each loss, take the longer pause: at the old thresholds, and at new ones that pause longer."""
    losses = {one.loss_amount for one in old}
    losses |= {one.loss_amount for one in new if one.cooldown > _pause(old, one.loss_amount)}
    return tuple(
        LossThreshold(loss_amount=one, cooldown=max(_pause(old, one), _pause(new, one))) for one in sorted(losses)
    )


@dataclass(frozen=True, slots=True)
class _Met:
    """The highest threshold that an order has reached, and when and with what loss it first did."""

    threshold: LossThreshold
    at: datetime
    loss: Decimal


def _before_the_news(fills: Sequence[Trade], order_id: int, news: News) -> list[Trade]:
    """List the fills of an order as they were known before the event in hand."""
    told = {trade.trade_id for trade in news.trades}
    known = [trade for trade in fills if trade.trade_id not in told]
    known += [trade for trade in news.replaced if trade.order_id == order_id]
    return sorted(known, key=lambda trade: (trade.at, trade.trade_id))


class CooldownAfterLoss(Rule):
    """Lock new risk, or everything, for a while after a closing order that lost too much."""

    name: ClassVar[str] = "cooldown_after_loss"
    title: ClassVar[str] = "Loss cooldown"
    protects: ClassVar[str] = "From trading on in anger: after a loss there is a pause; a larger loss, a longer one."
    measures: ClassVar[Measures] = Measures.LOSS_OF_TRADE
    triggers: ClassVar[tuple[type[Event], ...]] = (TradeReported,)
    codes: ClassVar[tuple[str, ...]] = ("LOSS_THRESHOLD_REACHED",)
    momentary: ClassVar[bool] = True

    loss_thresholds: Annotated[
        tuple[LossThreshold, ...],
        Field(min_length=1, examples=["[{loss_amount: 100, cooldown: 5m}]"]),
        AfterValidator(_larger_pauses_longer),
        Looser(_pauses_shorten, _longer_pauses),
    ]
    """Pairs of a loss in dollars and a pause; a larger loss has a longer pause."""
    include_fees: Annotated[bool, WHEN_OFF] = True
    """Whether fees and commissions count."""
    on_breach: Annotated[AfterBreach, CLOSES_MORE] = AfterBreach.KEEP_POSITIONS
    """What is done to positions at a breach."""

    @property
    def looks_back(self) -> timedelta:
        """The longest pause: a loss that is learned within it still locks."""
        return max(one.cooldown for one in self.loss_thresholds)

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        """Breach: what a closing order has lost so far ≥ a threshold, judged for the orders whose fills are news.

        The cooldown runs from the fill that reached the highest threshold. Further fills, corrections and voids that
        reach no higher one change nothing.
        """
        is_reload = isinstance(event, PolicyChanged)
        trades = state.trades.counting() if is_reload else state.news.trades
        decisions = []
        for order_id in sorted({trade.order_id for trade in trades}):
            fills = state.trades.of_order(order_id)
            met = self._met(fills)
            if met is None:
                continue
            before = None if is_reload else self._met(_before_the_news(fills, order_id, state.news))
            if before is not None and before.threshold.loss_amount >= met.threshold.loss_amount:
                continue
            decision = self._decide(state, order_id, met)
            if decision is not None:
                decisions.append(decision)
        return decisions

    def _met(self, fills: Iterable[Trade]) -> _Met | None:
        """Find the highest threshold that an order has reached."""
        met: _Met | None = None
        loss, closes_something = ZERO, False
        for trade in fills:
            loss -= self._result(trade)
            closes_something |= trade.realized_pnl is not None
            highest = self._highest(loss) if closes_something else None
            if highest is not None and (met is None or highest.loss_amount > met.threshold.loss_amount):
                met = _Met(highest, trade.at, loss)
        return met

    def _decide(self, state: AccountState, order_id: int, met: _Met) -> Decision | None:
        reached, at = met.threshold, met.at
        until = at + reached.cooldown
        if until <= state.now:
            return None
        closes = (CloseAll(), CancelAll()) if self.on_breach is AfterBreach.CLOSE_ALL else ()
        lock = Lock(rule=self.name, code=self.codes[0], mode=self.on_breach.lock_mode, until=until)
        return Decision(
            rule=self.name,
            code=self.codes[0],
            subject=f"{order_id} {reached.loss_amount}",
            measured=met.loss,
            limit=reached.loss_amount,
            severity=reached.loss_amount,
            since=at,
            actions=(*closes, lock),
        )

    def _result(self, trade: Trade) -> Decimal:
        return trade.gross_pnl - trade.costs if self.include_fees else trade.gross_pnl

    def _highest(self, loss: Decimal) -> LossThreshold | None:
        met = [threshold for threshold in self.loss_thresholds if loss >= threshold.loss_amount]
        return met[-1] if met else None
