"""RULE-004 and RULE-005, naively: value every position anew, and look for its best moment in all that was."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from risk_manager.core.actions import Action, CancelAll, Close, CloseAll, LockMode
from risk_manager.core.events import Event, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.rule import LockoutEnd, Scope
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.rules.max_unrealized_profit import ExitMode, MaxUnrealizedProfit
from tests.models.court import Standing, Wanted
from tests.models.ends import lock_for
from tests.models.history import History, root


class OpenLimitModel:
    """What both have in common: when they judge, and what they ask for."""

    def __init__(self, settings: DailyUnrealizedLoss | MaxUnrealizedProfit) -> None:
        self.common = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, QuoteUpdated | PositionUpdated | TradeReported)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def values(self, history: History) -> dict[str, Decimal]:
        """Tell dollars by subject: a contract, or nothing for the total."""
        if self.common.scope is Scope.PER_POSITION:
            return history.open_pnl
        return {"": sum(history.open_pnl.values(), Decimal(0))} if history.open_pnl else {}

    def asked(self, subject: str, code: str, lockout: LockoutEnd | timedelta, history: History) -> tuple[Action, ...]:
        of_root = root(subject) if subject else None
        lock = lock_for(self.common.name, code, LockMode.FLAT, lockout, history, root=of_root)
        return (Close(subject), *lock) if subject else (CloseAll(), CancelAll(), *lock)


class DailyUnrealizedLossModel(OpenLimitModel):
    """An open loss at the limit."""

    def __init__(self, settings: DailyUnrealizedLoss) -> None:
        super().__init__(settings)
        self.settings = settings

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        lockout = self.settings.lockout
        if lockout is None:
            lockout = LockoutEnd.NONE if self.settings.scope is Scope.PER_POSITION else LockoutEnd.DAILY_RESET
        for subject, dollars in self.values(history).items():
            if -dollars >= self.settings.loss_limit:
                asked = self.asked(subject, "OPEN_LOSS_REACHED", lockout, history)
                yield Wanted(
                    self.settings.name, "OPEN_LOSS_REACHED", asked, subject, -dollars, self.settings.loss_limit
                )


class MaxUnrealizedProfitModel(OpenLimitModel):
    """An open profit at its target, or lost again."""

    def __init__(self, settings: MaxUnrealizedProfit) -> None:
        super().__init__(settings)
        self.settings = settings

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        del locks
        for subject, dollars in self.values(history).items():
            if not subject and self.settings.mode_of_exit is ExitMode.BREAKEVEN and self.lost_a_mark(history):
                continue
            if self.settings.mode_of_exit is ExitMode.PROFIT_TARGET:
                limit, code = self.settings.profit_target, "OPEN_PROFIT_REACHED"
                breach = limit is not None and dollars >= limit
            else:
                limit, code = self.settings.offset, "BACK_AT_BREAKEVEN"
                breach = dollars <= limit and self.armed(subject, history)
            if breach:
                asked = self.asked(subject, code, self.settings.lockout, history)
                yield Wanted(self.settings.name, code, asked, subject, dollars, limit)

    def lost_a_mark(self, history: History) -> bool:
        """Tell whether a restart has forgotten the mark of a position that had one since its last increase."""
        return any(
            self.was_marked(history, contract) for contract in history.positions.keys() - history.open_pnl.keys()
        )

    def was_marked(self, history: History, contract: str) -> bool:
        for stage in history.stages():
            if contract in stage.open_pnl:
                return True
            if self.increased(contract, stage):
                return False
        return False

    def armed(self, subject: str, history: History) -> bool:
        """Look back to the last increase for a moment in which the profit was large enough."""
        for stage in history.stages():
            best = self.priced(stage).get(subject)
            if best is not None and self.settings.arm_profit is not None and best >= self.settings.arm_profit:
                return True
            if self.increased(subject, stage):
                return False
        return False

    def priced(self, stage: History) -> dict[str, Decimal]:
        """Tell the values that rest on prices in force: no others arm."""
        if self.common.scope is Scope.TOTAL:
            return self.values(stage) if stage.is_all_priced else {}
        return {one: dollars for one, dollars in stage.open_pnl.items() if stage.mark(stage.positions[one]) is not None}

    def increased(self, subject: str, stage: History) -> bool:
        """Tell whether a position grew, or all of it was closed: neither profit counts afterwards."""
        if subject in stage.positions and stage.is_leaving(stage.positions[subject]):
            return True
        before = stage.earlier.positions if stage.earlier else {}
        concerned = [subject] if subject else list(stage.positions)
        for contract in concerned:
            now, old = stage.positions.get(contract), before.get(contract)
            if now is None and subject:
                return True
            if now and (old is None or old.since != now.since or now.size > old.size):
                return True
            if now and (stage.was_bought_again(contract) or stage.dips(contract)):
                return True
        return False
