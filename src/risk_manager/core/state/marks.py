"""At what prices an account's positions are valued, and what they are up or down by them.

A price says nothing of what happened after it. So a quote values a position from its own time on, and until one comes
that is no older than the account's last fill in the contract, the fill is the price: it, too, is what the market paid.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from risk_manager.core.model.money import ZERO, to_cents
from risk_manager.core.model.position import open_pnl, open_pnl_of_rest
from risk_manager.core.policy import Mark
from risk_manager.core.state.contracts import Contracts
from risk_manager.core.state.memory import Memory
from risk_manager.core.state.positions import Holding
from risk_manager.core.state.quotes import Quote, Quotes, is_price

_ONE_OPENING = timedelta(seconds=1)
"""The venue stamps a position and the fill that opened it one after the other."""


@dataclass(frozen=True, slots=True)
class _Footing:
    """From when on prices hold for a position (None: always), and the price of the fill at that instant."""

    since: datetime | None
    fill_price: Decimal | None = None


class Marks:
    """The prices in force for what one account holds."""

    def __init__(self, memory: Memory, contracts: Contracts, quotes: Quotes, method: Mark) -> None:
        self.quotes = quotes
        self.method = method
        self._memory = memory
        self._held = memory.positions.held
        self._contracts = contracts
        self._footings: dict[str, _Footing] = {}
        self._held_over: set[str] = set()
        """Contracts whose open P&L is that of before their last increase, of which no price is known yet."""
        self._total: Decimal | None = None
        self._untold: dict[str, tuple[int, Decimal]] = {}
        """Contracts that a report showed gone before any fill told the result, and what they were up."""

    def total(self) -> Decimal:
        """Add up the open P&L of all marked positions, in dollars."""
        if self._total is None:
            marked = (holding.open_pnl for holding in self._held.values())
            self._total = sum((one for one in marked if one is not None), ZERO)
        return self._total

    def untold(self) -> Decimal:
        """Add up what is gone and not yet realized: a fill will tell the result, in dollars."""
        return sum((dollars for _, dollars in self._untold.values()), ZERO) if self._untold else ZERO

    def note_gone(self, contract_id: str, size: int, dollars: Decimal) -> None:
        """Keep what so many contracts were up, until fills or a full picture tell what they realized."""
        known, sum_so_far = self._untold.get(contract_id, (0, ZERO))
        self._untold[contract_id] = (known + size, sum_so_far + dollars)

    def note_result(self, contract_id: str, size: int) -> None:
        """Take note that a fill has told the result of so many contracts."""
        if contract_id not in self._untold:
            return
        known, dollars = self._untold.pop(contract_id)
        if known > size:
            self._untold[contract_id] = (known - size, to_cents(dollars * (known - size) / known))

    def forget_gone(self) -> None:
        """Wait for no result any more: all are told, or belong to another day."""
        self._untold.clear()

    def prices(self, contract_id: str) -> Quote | None:
        """Tell the prices in force for a contract: its quote, or what a younger fill has left of it."""
        quote = self.quotes.get(contract_id)
        holding = self._held.get(contract_id)
        return quote if quote is None or holding is None else self._in_force(holding, quote)

    def mark(self, contract_id: str) -> bool:
        """Value a holding at the prices in force, and keep its high-water marks; tell whether its value changed."""
        holding = self._held.get(contract_id)
        quote = self.quotes.get(contract_id)
        contract = self._contracts.get(contract_id)
        if holding is None or quote is None or contract is None:
            return False
        position, positions = holding.position, self._memory.positions
        exits = positions.leaving.by_contract.get(contract_id)
        if exits and positions.leaving.size(contract_id) >= position.size:
            return self._leave(holding)
        price = self._in_force(holding, quote).mark(position.net_size, self.method)
        if price is None:
            if holding.open_pnl is not None:
                self._held_over.add(contract_id)
            return False
        if self._held_over:
            self._held_over.discard(contract_id)
        before = holding.open_pnl
        if exits:
            now = open_pnl_of_rest(position, exits, mark=price, contract=contract)
        else:
            now = open_pnl(position, mark=price, contract=contract)
        if now == before and holding.peak_open_pnl is not None:
            return False
        holding.open_pnl = now
        if self._total is not None and before is not None:
            self._total += now - before
        else:
            self._total = None
        best = holding.best_mark
        if best is None or (price > best if position.net_size > 0 else price < best):
            holding.best_mark = price
        self._note_peaks(holding, now)
        return True

    def _leave(self, holding: Holding) -> bool:
        """Value a position at nothing of which all contracts are gone, though no report has shown it yet."""
        is_news = holding.open_pnl is not None and holding.open_pnl != ZERO
        holding.open_pnl = None if holding.open_pnl is None else ZERO
        holding.peak_open_pnl = None
        self._total = None
        return is_news

    def follow(self, contract_id: str) -> None:
        """Value a position anew that may have changed, or have filled."""
        self._footings.pop(contract_id, None)
        self._held_over.discard(contract_id)
        self._total = None
        self.mark(contract_id)
        # an increase has forgotten the earlier peaks: the profit that is there counts from here on
        holding = self._held.get(contract_id)
        if holding is not None and holding.open_pnl is not None and contract_id not in self._held_over:
            is_leaving = self._memory.positions.leaving.size(contract_id) >= holding.position.size
            holding.peak_open_pnl = None if is_leaving else _higher(holding.peak_open_pnl, holding.open_pnl)
        self._note_total()

    def forget(self, quotes: Quotes) -> None:
        """Leave every position unmarked, as after a restart: quotes are not stored."""
        self.quotes = quotes
        self._footings.clear()
        self._held_over.clear()
        self._untold.clear()
        self._total = None
        for holding in self._held.values():
            holding.open_pnl = None

    def _note_peaks(self, holding: Holding, now: Decimal) -> None:
        if holding.peak_open_pnl is None or now > holding.peak_open_pnl:
            holding.peak_open_pnl = now
        self._note_total()

    def _note_total(self) -> None:
        if self._held_over:
            return
        total, peak = self.total() if self._total is None else self._total, self._memory.peak_open_total
        if peak is None or total > peak:
            self._memory.peak_open_total = total

    def _in_force(self, holding: Holding, quote: Quote) -> Quote:
        contract_id = holding.position.contract_id
        footing = self._footings.get(contract_id)
        if footing is None:
            footing = self._footings[contract_id] = self._footing(contract_id, holding)
        if footing.since is None or quote.is_younger(footing.since):
            return quote
        self.quotes.awaited.add(contract_id)
        return quote.since(footing.since, footing.fill_price)

    def _footing(self, contract_id: str, holding: Holding) -> _Footing:
        """Find the last instant at which a position is known to have filled, all in the venue's time."""
        opened_at = holding.opened_at
        fill = self._memory.trades.latest(contract_id)
        filled_at = None if fill is None else self._memory.trades.filled_at(fill)
        if self._memory.positions.unpriced.get(contract_id, 0) * holding.position.net_size > 0:
            grown_at = holding.increases[-1][0] if holding.increases else opened_at or holding.since
            if filled_at is None or filled_at < grown_at:
                return _Footing(grown_at)
        if fill is not None and filled_at is not None and (opened_at is None or filled_at > opened_at - _ONE_OPENING):
            return _Footing(filled_at, fill.price if is_price(fill.price) else None)
        return _Footing(opened_at)


def _higher(peak: Decimal | None, now: Decimal) -> Decimal:
    return now if peak is None or now > peak else peak
