"""RULE-006, naively: try every window that ends with a trade, for each trade learned."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from risk_manager.core.actions import Action, CancelAll, CloseAll, Lock
from risk_manager.core.events import Event, PolicyChanged, Reconciled, TradeReported
from risk_manager.core.model.trade import Trade
from risk_manager.core.rule import LockoutEnd
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from tests.models.court import Standing, Wanted
from tests.models.ends import end_of
from tests.models.history import History

_LENGTHS = {"per_minute": timedelta(minutes=1), "per_hour": timedelta(hours=1), "per_session": None}


class TradeFrequencyLimitModel:
    """Count in windows."""

    momentary = True

    def __init__(self, settings: TradeFrequencyLimit) -> None:
        self.settings = settings

    def judges(self, event: Event) -> bool:
        return isinstance(event, TradeReported)

    def instants(self, history: History) -> Iterable[datetime]:
        del history
        return ()

    def wants(self, history: History, locks: Sequence[Standing]) -> Iterator[Wanted]:
        if not isinstance(history.last, TradeReported | Reconciled | PolicyChanged):
            return
        mode = self.settings.on_breach.lock_mode
        for name, length in _LENGTHS.items():
            limit, cooldown = getattr(self.settings.limits, name), getattr(self.settings.cooldowns, name)
            code = f"TRADES_{name.upper()}_EXCEEDED"
            if limit is None or cooldown is LockoutEnd.NONE:
                continue
            if any(one.rule == self.settings.name and one.code == code for one in locks):
                continue
            found = self.last_breach(history, name, length, limit)
            if found is None:
                continue
            count, last, last_id = found
            until = end_of(cooldown, history, since=last)
            if until is not None and until <= history.now:
                continue
            lock = Lock(rule=self.settings.name, code=code, mode=mode, until=until)
            closing: tuple[Action, ...] = (
                (CloseAll(), CancelAll()) if self.settings.on_breach.value == "close_all" else ()
            )
            yield Wanted(self.settings.name, code, (*closing, lock), f"{name} {last_id}", count, limit)

    def last_breach(
        self, history: History, name: str, length: timedelta | None, limit: int
    ) -> tuple[int, datetime, int] | None:
        """Find the latest window over its limit among those to be judged: its count and its last trade's time."""
        counted = [
            one
            for one in history.trades
            if one.order_id not in history.own_orders
            and (self.settings.count.value != "round_turns" or one.realized_pnl is not None)
        ]
        learned = {one.trade_id: one for one in counted if one in history.learned_trades}
        best: tuple[int, datetime, int] | None = None
        for end in counted:
            inside = [one for one in counted if self.inside(one, end.at, length, history)]
            concerns = any(one.trade_id in learned for one in inside)
            if isinstance(history.last, PolicyChanged):
                concerns = self.changed(history, name) and self.inside(end, history.now, length, history)
                inside = [one for one in inside if self.inside(one, history.now, length, history)]
            if not concerns:
                continue
            count = len(inside) if self.settings.count.value == "fills" else len({one.order_id for one in inside})
            if count > limit and (best is None or end.at >= best[1]):
                best = (count, end.at, max(one.trade_id for one in inside if one.at == end.at))
        return best

    def inside(self, trade: Trade, end: datetime, length: timedelta | None, history: History) -> bool:
        """Tell whether a trade is in the window that ends at an instant; a day is one as a whole."""
        if length is None:
            start, reset = history.day_of(end)
            return start <= trade.at < reset
        return end - length < trade.at <= end

    def changed(self, history: History, name: str) -> bool:
        if history.earlier is None:
            return True
        before = [one for one in history.earlier.policy.rules if isinstance(one, TradeFrequencyLimit)]
        now = (getattr(self.settings.limits, name), self.settings.count)
        return now not in [(getattr(one.limits, name), one.count) for one in before]
