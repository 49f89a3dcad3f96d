"""The fills of an account, each once, and what they add up to day by day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from risk_manager.core.model.money import ZERO
from risk_manager.core.model.trade import Trade
from risk_manager.core.model.trading_calendar import TradingCalendar

TRADES_KEPT = timedelta(days=2)
"""How long trades, and ended orders, are remembered before the day in hand: no rule looks further back."""


@dataclass(slots=True)
class DaySum:
    """Dollars realized on one trading day: gross, and what was paid in fees and commissions."""

    gross: Decimal = ZERO
    costs: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """Gross less costs."""
        return self.gross - self.costs


@dataclass(slots=True)
class Trades:
    """Trades by id: a correction replaces, a void stays, and each counts on the day of its own time."""

    by_id: dict[int, Trade] = field(default_factory=dict)
    by_order: dict[int, list[int]] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    """Ids of fills that the daemon's own orders caused."""
    ahead: dict[int, datetime] = field(default_factory=dict)
    """When fills were first heard of that are stamped later than that, by trade id."""
    sums: dict[date, DaySum] = field(default_factory=dict)
    _latest: dict[str, Trade | None] = field(default_factory=dict, compare=False, repr=False)
    """The last fill of each contract that was asked for, until another one may be it."""

    def hear(self, trade: Trade, at: datetime) -> None:
        """Take note of when a trade is told: nothing has filled later than that."""
        if trade.at > at:
            self.ahead.setdefault(trade.trade_id, at)

    def filled_at(self, trade: Trade) -> datetime:
        """Tell when a trade has filled: when it says so, but no later than it was heard of."""
        return min(trade.at, self.ahead.get(trade.trade_id, trade.at)) if self.ahead else trade.at

    def as_heard(self, trade: Trade) -> Trade:
        """Give a trade dated when it can have filled at the latest."""
        filled_at = self.filled_at(trade)
        return trade if filled_at == trade.at else replace(trade, at=filled_at)

    def learn(self, trade: Trade, calendar: TradingCalendar) -> Trade | None:
        """Take a trade in; return it as it is known now, or None when it taught nothing."""
        known = self.by_id.get(trade.trade_id)
        if known == trade or (known is not None and known.voided):
            return None
        if known is not None:
            self._book(known, calendar, -1)
            self._take_from_order(known)
        self.by_order.setdefault(trade.order_id, []).append(trade.trade_id)
        self.by_id[trade.trade_id] = trade
        self._latest.pop(trade.contract_id, None)
        self._book(trade, calendar, +1)
        return trade

    def _book(self, trade: Trade, calendar: TradingCalendar, sign: int) -> None:
        if trade.voided:
            return
        total = self.sums.setdefault(calendar.day_of(trade.at).key, DaySum())
        total.gross += sign * trade.gross_pnl
        total.costs += sign * trade.costs

    def _take_from_order(self, trade: Trade) -> None:
        siblings = self.by_order[trade.order_id]
        siblings.remove(trade.trade_id)
        if not siblings:
            del self.by_order[trade.order_id]

    def sum_of(self, day: date) -> DaySum:
        """Tell what was realized on a day."""
        return self.sums.get(day) or DaySum()

    def of_order(self, order_id: int) -> list[Trade]:
        """List the order's fills that count, in the order of their own times."""
        trades = (self.by_id[trade_id] for trade_id in self.by_order.get(order_id, ()))
        return sorted((trade for trade in trades if not trade.voided), key=lambda trade: (trade.at, trade.trade_id))

    def counting(self) -> Iterable[Trade]:
        """List every trade that is not voided."""
        return (trade for trade in self.by_id.values() if not trade.voided)

    def latest(self, contract_id: str) -> Trade | None:
        """Tell the last fill of a contract; None when none counts."""
        if contract_id not in self._latest:
            fills = (trade for trade in self.counting() if trade.contract_id == contract_id)
            self._latest[contract_id] = max(
                fills, key=lambda trade: (self.filled_at(trade), trade.trade_id), default=None
            )
        return self._latest[contract_id]

    def signed_sizes_after(self, instant: datetime) -> dict[str, int]:
        """Add up what filled after an instant, by contract id: bought is positive."""
        sizes: dict[str, int] = {}
        for trade in self.counting():
            if self.filled_at(trade) > instant:
                sizes[trade.contract_id] = sizes.get(trade.contract_id, 0) + trade.side.sign * trade.size
        return sizes

    def path_back(
        self, contract_id: str, net_size: int, *, since: datetime, upto: datetime
    ) -> list[tuple[datetime, int]]:
        """Go back from a size, fill by fill, to an instant: list the sizes, signed, each with when it ended."""
        latest = self.latest(contract_id)
        if latest is None or self.filled_at(latest) <= since:  # as with nearly every picture: no trade is looked at
            return [(upto, net_size)]
        fills = [
            (filled_at, trade.trade_id, trade.side.sign * trade.size)
            for trade in self.counting()
            if trade.contract_id == contract_id and since < (filled_at := self.filled_at(trade)) <= upto
        ]
        path = [(upto, net_size)]
        for filled_at, _, signed_size in sorted(fills, reverse=True):
            path.append((filled_at, path[-1][1] - signed_size))
        return path

    def signed_size_besides(self, trade: Trade, *, since: datetime) -> int:
        """Add up what filled in a trade's contract after an instant, but for the trade itself."""
        found = self.signed_sizes_after(since).get(trade.contract_id, 0)
        return found - trade.side.sign * trade.size if self.filled_at(trade) > since else found

    def filled_size(self, order_id: int) -> int:
        """Tell how many contracts of an order are known to have filled by its trades."""
        return sum(trade.size for trade in self.of_order(order_id))

    def rebook(self, calendar: TradingCalendar) -> None:
        """Add everything up anew, for a calendar that has changed."""
        self.sums.clear()
        for trade in self.by_id.values():
            self._book(trade, calendar, +1)

    def forget_before(self, instant: datetime, *, except_of: Collection[int] = ()) -> None:
        """Drop trades, and their days, that can no longer matter to any rule; of some orders their size still does."""
        self._latest.clear()
        for trade in [one for one in self.by_id.values() if one.at < instant and one.order_id not in except_of]:
            del self.by_id[trade.trade_id]
            self.own.discard(trade.trade_id)
            self.ahead.pop(trade.trade_id, None)
            self._take_from_order(trade)
        for day in [day for day in self.sums if day < instant.date()]:
            del self.sums[day]
