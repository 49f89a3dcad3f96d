"""What an account holds, and how far fills and position reports agree.

The venue reports a fill several times over (order, trade, position), in any order and with gaps between. A fill
that no position report has shown yet is *unshown*; contracts that a position report showed and no fill has told
of are *unexplained*. While a contract has either, what it really holds is half-seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.leaving import Leaving

_SAME_INSTANT = timedelta(milliseconds=1)
"""REST and streams print one instant with different digits."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Contracts bought (positive) or sold by one order at an instant; `closing` when it realized a result."""

    at: datetime
    order_id: int
    signed_size: int
    closing: bool = False


@dataclass(slots=True)
class Holding:
    """One position from its first contract to its last; a change of side begins another."""

    position: Position
    incarnation: int
    """Tells this position from earlier ones in the same contract."""
    grew: int
    """Number of its last increase among all increases of the account."""
    since: datetime
    """When it was first seen."""
    open_pnl: Decimal | None = None
    peak_open_pnl: Decimal | None = None
    """The highest open P&L since the last increase."""
    best_mark: Decimal | None = None
    """The best price for it since it was first seen."""
    increases: list[tuple[datetime, int]] = field(default_factory=list)
    """When it grew, and from which size; without those after which it was as small again."""

    @property
    def opened_at(self) -> datetime | None:
        """When it was opened, which is no later than it was first seen."""
        opened_at = self.position.opened_at
        return opened_at if opened_at is None or opened_at <= self.since else self.since

    def grow_from(self, size: int, at: datetime) -> None:
        """Take note of an increase."""
        self.increases = [one for one in self.increases if one[1] < size]
        self.increases.append((at, size))

    def grow_unseen(self, least: int, at: datetime) -> None:
        """Take note that it has grown between two reports; until an instant it was as small as that at the least."""
        self.peak_open_pnl = None
        if least < self.position.size:
            self.increases = sorted([*(one for one in self.increases if one[1] < least or one[0] > at), (at, least)])

    def smallest_since(self, instant: datetime) -> int:
        """Tell the smallest size, unsigned, that it has had since an instant at which it was held."""
        return min((self.position.size, *(size for at, size in self.increases if at >= instant)))


@dataclass(frozen=True, slots=True)
class Increase:
    """A position that grew, and its size before."""

    contract_id: str
    earlier_size: int


@dataclass(slots=True)
class Positions:
    """Holdings by contract id, flat ones absent."""

    held: dict[str, Holding] = field(default_factory=dict)
    shown_at: dict[str, datetime] = field(default_factory=dict)
    """When the latest position report of a contract was heard."""
    unshown: dict[str, list[Fill]] = field(default_factory=dict)
    unexplained: dict[str, int] = field(default_factory=dict)
    unpriced: dict[str, int] = field(default_factory=dict)
    """Contracts that reports have shown and no trade has told the price of (of the other sign: not shown yet)."""
    leaving: Leaving = field(default_factory=Leaving)
    """Exits of contracts that no report has shown gone yet."""
    pictured_at: datetime | None = None
    """When the latest full picture was asked for: it contains what filled before."""
    based_at: dict[str, datetime] = field(default_factory=dict)
    """When the full picture was asked for that last told all of a contract: a younger report is not replaced."""
    counter: int = 0

    def net_size(self, contract_id: str) -> int:
        """Tell the size that position reports show, signed; 0 is flat."""
        holding = self.held.get(contract_id)
        return holding.position.net_size if holding else 0

    def show(self, position: Position, at: datetime) -> Increase | None:
        """Take a position report in; return the increase when it grew."""
        contract_id = position.contract_id
        before = self.net_size(contract_id)
        fills = self.unshown.get(contract_id, [])
        shown = sum(fill.signed_size for fill in fills if fill.at <= at)
        self._keep_unshown(contract_id, [fill for fill in fills if fill.at > at])
        self._explain(contract_id, position.net_size - before - shown)
        self.price(contract_id, before - position.net_size)
        self.shown_at[contract_id] = at
        holding = self.held.get(contract_id)
        increase = self._hold(position, at)
        is_same = holding is not None and holding is self.held.get(contract_id)
        gone = abs(before) - position.size if is_same else abs(before)
        self.leaving.show_gone(contract_id, gone, left=position.net_size)
        return increase

    def picture(
        self, positions: tuple[Position, ...], *, at: datetime, as_of: datetime, later: Mapping[str, int]
    ) -> bool:
        """Replace everything by a full picture, except what was reported after it was asked for.

        `later` is what trades have told since, signed. Tell whether a position has grown.
        """
        has_grown = False
        self.pictured_at = as_of
        pictured = {position.contract_id: position for position in positions}
        concerned = self.held.keys() | pictured.keys() | self.unshown.keys() | self.unexplained.keys()
        for contract_id in sorted(concerned, reverse=True):  # of several that grew, the lowest id counts as the last
            shown_at = self.shown_at.get(contract_id)
            if shown_at is not None and shown_at > as_of:
                continue
            position = pictured.get(contract_id)
            if position is not None:
                has_grown |= self._hold(position, at) is not None
            else:
                self.held.pop(contract_id, None)
            self.shown_at[contract_id] = self.based_at[contract_id] = as_of
            self.unexplained.pop(contract_id, None)
            self.unpriced.pop(contract_id, None)
            self.price(contract_id, later.get(contract_id, 0))
            self._picture_gone(contract_id, as_of)
            self._keep_unshown(contract_id, [one for one in self.unshown.get(contract_id, ()) if one.at > as_of])
        return has_grown

    def fill(self, contract_id: str, fill: Fill) -> None:
        """Take note of a fill that a trade or an order told of, unless a full picture has told it already."""
        if self.is_pictured(contract_id, fill.at):
            return
        shown_at = self.shown_at.get(contract_id)
        if shown_at is not None and fill.at <= shown_at:
            self._explain(contract_id, -fill.signed_size)
        else:
            self.unshown.setdefault(contract_id, []).append(fill)

    def is_pictured(self, contract_id: str, at: datetime) -> bool:
        """Tell whether a full picture has told what filled in a contract at an instant."""
        based_at = self.based_at.get(contract_id)
        return based_at is not None and at <= based_at

    def leave(self, trade: Trade, unshown: int) -> None:
        """Take note of a fill with a result: what it closed is gone, whether or not a report has shown it.

        `unshown` is what other trades have filled, signed, since the latest report: it cannot have shown that.
        """
        if self.net_size(trade.contract_id) * trade.side.sign >= 0:
            return
        if self.pictured_at is not None and trade.at <= self.pictured_at:
            return
        shown = max(0, (self.unpriced.get(trade.contract_id, 0) + unshown) * trade.side.sign)
        if shown < trade.size:
            self.leaving.add(trade, trade.size - shown)

    def settle(self, contract_id: str) -> bool:
        """Let go of exits that the latest report contains: all that had filled by then makes what it shows.

        As much was bought again in between, so that no report has shown them gone. Tell whether there were any.
        """
        shown_at = self.shown_at.get(contract_id)
        if contract_id not in self.leaving.by_contract or shown_at is None or contract_id in self.unexplained:
            return False
        if not self.leaving.keep_after(contract_id, shown_at):
            return False
        self.held[contract_id].peak_open_pnl = None  # as after any increase
        return True

    def price(self, contract_id: str, signed_size: int) -> None:
        """Take note that a trade has told the price of so many contracts, bought positive."""
        left = self.unpriced.pop(contract_id, 0) - signed_size
        if left:
            self.unpriced[contract_id] = left

    def date(self, contract_id: str, fill: Fill) -> None:
        """Correct the instant of a fill of which the order told first: its trade knows when it was."""
        later = [one for one in self.unshown.get(contract_id, ()) if one.order_id == fill.order_id and one.at > fill.at]
        if not later:
            return
        last = max(later, key=lambda one: one.at)
        part = fill if abs(fill.signed_size) < abs(last.signed_size) else replace(fill, signed_size=last.signed_size)
        fills = self.unshown[contract_id]
        fills.remove(last)
        if rest := last.signed_size - part.signed_size:
            fills.append(replace(last, signed_size=rest))
        self._keep_unshown(contract_id, fills)
        self.fill(contract_id, part)

    def is_half_seen(self, contract_id: str) -> bool:
        """Tell whether fills and position reports of a contract disagree for the moment."""
        return contract_id in self.unshown or contract_id in self.unexplained

    def half_seen(self) -> frozenset[str]:
        """List the contracts of which that is so."""
        return frozenset((*self.unshown, *self.unexplained))

    def expected_net(self, contract_id: str, upto: datetime | None = None) -> int:
        """Tell the size that all fills (up to an instant) make it, whichever was reported first."""
        net = self.net_size(contract_id)
        fills = self.unshown.get(contract_id, ())
        for fill in sorted(fills, key=lambda one: one.at):
            if upto is None or fill.at <= upto:
                net = _after(net, fill)
        return net

    def contracts(self) -> set[str]:
        """List the contracts that are held or in which something has just filled."""
        return self.held.keys() | self.unshown.keys()

    def _hold(self, position: Position, at: datetime) -> Increase | None:
        contract_id = position.contract_id
        holding = self.held.get(contract_id)
        if position.net_size == 0:
            self.held.pop(contract_id, None)
            return None
        if holding is None or _is_another(holding.position, position):
            self.counter += 1
            self.held[contract_id] = Holding(position, self.counter, self.counter, at)
            return Increase(contract_id, 0)
        earlier = holding.position.size
        holding.position = position
        if position.size <= earlier:
            return None
        holding.grow_from(earlier, at)
        self.counter += 1
        holding.grew = self.counter
        holding.peak_open_pnl = None
        return Increase(contract_id, earlier)

    def _picture_gone(self, contract_id: str, as_of: datetime) -> None:
        """Keep the exits that a picture does not contain, of the position that it shows and of none before."""
        holding = self.held.get(contract_id)
        self.leaving.keep_on(contract_id, holding.position.closing_side if holding else None)
        if holding is not None:
            self.leaving.keep_after(contract_id, max(as_of, holding.opened_at or as_of))

    def _keep_unshown(self, contract_id: str, fills: list[Fill]) -> None:
        if fills:
            self.unshown[contract_id] = fills
        else:
            self.unshown.pop(contract_id, None)

    def _explain(self, contract_id: str, difference: int) -> None:
        left = self.unexplained.get(contract_id, 0) + difference
        if left:
            self.unexplained[contract_id] = left
        else:
            self.unexplained.pop(contract_id, None)


def _is_another(known: Position, told: Position) -> bool:
    """Tell a new position from a changed one: by its side, or by when it was opened."""
    if (known.net_size > 0) != (told.net_size > 0):
        return True
    if known.opened_at is None or told.opened_at is None:
        return False
    return abs(known.opened_at - told.opened_at) > _SAME_INSTANT


def _after(net: int, fill: Fill) -> int:
    """Add a fill to a size; one that realized a result can only have brought the position nearer to flat."""
    if not fill.closing:
        return net + fill.signed_size
    if net * fill.signed_size >= 0:
        return net
    return net + fill.signed_size if abs(fill.signed_size) <= abs(net) else 0
