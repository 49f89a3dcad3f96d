"""An exit is told twice, by its trade and by the report of the position: what is told once already, naively."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from risk_manager.core.events import Event, PositionUpdated, Reconciled, Restarted, TradeReported
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade

if TYPE_CHECKING:
    from tests.models.history import History


@dataclass(frozen=True)
class Exit:
    """Contracts closed by one trade, with what that realized."""

    number: int
    at: datetime
    size: int
    price: Decimal
    result: Decimal

    def part(self, size: int) -> "Exit":
        if size == self.size:
            return self
        return replace(self, size=size, result=_cents(self.result * size / self.size))


def told_of(history: "History", contract: str) -> "Told":
    """Go through all that was told of a contract: trades bring exits, reports and pictures take them off.

    Once all that filled by the latest report makes what it shows, it contains every exit of before.
    """
    told = Told(contract)
    for stage in reversed(list(history.stages())):
        told.hear(stage.last)
        told.contained = stage.is_explained(contract) and told.let_go()
    return told


class Told:
    """What has been told of one contract so far."""

    def __init__(self, contract: str) -> None:
        self.contract = contract
        self.position: Position | None = None
        self.position_at: datetime | None = None
        self.pictured_at: datetime | None = None
        self.based_at: datetime | None = None
        """When the last picture was asked for that told of it, and was no older than what reports had told."""
        self.trades: dict[int, Trade] = {}
        self.heard: dict[int, datetime] = {}
        self.ahead = 0
        """Contracts, signed, that reports have shown and trades have not told of."""
        self.exits: list[Exit] = []
        self.contained = False
        """The last event has told that the latest report contains exits that it has not shown gone."""

    @property
    def net(self) -> int:
        return self.position.net_size if self.position else 0

    def hear(self, event: Event) -> None:
        match event:
            case PositionUpdated(position=position) if position.contract_id == self.contract:
                self._report(position, event.at)
            case TradeReported(trade=trade) if trade.contract_id == self.contract:
                self._trade(trade, event.at)
            case Reconciled():
                for trade in sorted(event.trades, key=lambda one: (one.at, one.trade_id)):
                    if trade.contract_id == self.contract:
                        self._trade(trade, event.at)
                self._picture(event)

    def _trade(self, told: Trade, heard_at: datetime) -> None:
        """Take a trade in, which has filled no later than it was first heard of."""
        first = self.heard.setdefault(told.trade_id, heard_at)
        trade = replace(told, at=min(told.at, first))
        if trade.trade_id in self.trades:
            self._revise(trade)
            return
        self.trades[trade.trade_id] = trade
        if trade.voided:
            return
        is_new = self.pictured_at is None or trade.at > self.pictured_at
        if trade.realized_pnl is not None and self.net * trade.side.sign < 0 and is_new:
            later = [one for one in self.trades.values() if one.trade_id != trade.trade_id and not one.voided]
            unshown = sum(one.side.sign * one.size for one in later if self.position_at and one.at > self.position_at)
            missing = trade.size - max(0, (self.ahead + unshown) * trade.side.sign)
            if missing > 0:
                whole = Exit(trade.trade_id, trade.at, trade.size, trade.price, trade.realized_pnl)
                self.exits.append(whole.part(missing))
        if self.based_at is None or trade.at > self.based_at:
            self.ahead -= trade.side.sign * trade.size

    def let_go(self) -> bool:
        """Drop the exits that are no later than the latest report; tell whether there were any."""
        if self.position_at is None:
            return False
        left = [one for one in self.exits if one.at > self.position_at]
        dropped = len(left) < len(self.exits)
        self.exits = left
        return dropped

    def _revise(self, trade: Trade) -> None:
        """Take the last word on a trade, which a void always is."""
        if self.trades[trade.trade_id].voided:
            return
        self.trades[trade.trade_id] = trade
        for index, one in enumerate(self.exits):
            if one.number == trade.trade_id:
                whole = Exit(trade.trade_id, trade.at, trade.size, trade.price, trade.realized_pnl or Decimal(0))
                self.exits[index] = whole.part(one.size)
        if trade.voided:
            self.exits = [one for one in self.exits if one.number != trade.trade_id]

    def _report(self, position: Position, at: datetime) -> None:
        before = self.position
        self.ahead += position.net_size - self.net
        self.position, self.position_at = position, at
        size = position.size if is_same(before, position) else 0
        gone = (before.size if before else 0) - size
        left = []
        for one in self.exits:
            shown = max(0, min(one.size, gone))
            gone -= shown
            if shown < one.size and self.trades[one.number].side.sign * position.net_size < 0:
                left.append(one.part(one.size - shown))
        self.exits = left

    def _picture(self, event: Reconciled) -> None:
        self.pictured_at = as_of = event.as_of or event.at
        if self.position_at is not None and self.position_at > as_of:
            return
        before = self.position
        doubtful = bool(self.ahead or self.net)
        self.position = next((one for one in event.positions if one.contract_id == self.contract), None)
        self.position_at = as_of
        if doubtful or self.position:
            self.based_at = as_of
        self.ahead = -sum(one.side.sign * one.size for one in self.trades.values() if one.at > as_of and not one.voided)
        self.exits = [one for one in self.exits if one.at > as_of] if self.position else []
        if self.position and not is_same(before, self.position):
            turned = before is not None and before.net_size * self.position.net_size < 0
            opened_at = min(self.position.opened_at or as_of, event.at)
            self.exits = [one for one in self.exits if one.at > opened_at and not turned]


def untold_of(history: "History") -> dict[str, tuple[int, Decimal]]:
    """Look at what the last event has made of what was untold before."""
    before, event = history.earlier, history.last
    if before is None or not before.events or isinstance(event, Reconciled | Restarted):
        return {}
    known = {} if before.day_of(before.now) != before.day_of(history.now) else dict(before.untold)
    if isinstance(event, TradeReported):
        trade = event.trade
        is_first = all(
            trade.trade_id not in {one.trade_id for one in trades}
            for each in before.events
            for trades in [_trades_in(each)]
        )
        if is_first and not trade.voided and trade.realized_pnl is not None and trade.contract_id in known:
            size, dollars = known.pop(trade.contract_id)
            if size > trade.size:
                known[trade.contract_id] = (size - trade.size, _cents(dollars * (size - trade.size) / size))
    if isinstance(event, PositionUpdated):
        contract = event.position.contract_id
        old, was_up = before.positions.get(contract), before.open_pnl.get(contract)
        if old is not None and was_up is not None:
            now = history.positions.get(contract)
            now = now if now is not None and now.since == old.since else None
            gone = old.size - sum(one.size for one in before.exits(contract)) - (now.size if now else 0)
            if gone > 0:
                is_up = history.open_pnl.get(contract, Decimal(0)) if now else Decimal(0)
                size, dollars = known.get(contract, (0, Decimal(0)))
                known[contract] = (size + gone, dollars + was_up - is_up)
    return known


def _trades_in(event: Event) -> tuple[Trade, ...]:
    if isinstance(event, Reconciled):
        return event.trades
    return (event.trade,) if isinstance(event, TradeReported) else ()


def is_same(old: Position | None, new: Position) -> bool:
    """Tell a changed position from another one."""
    return old is not None and old.net_size * new.net_size > 0 and old.opened_at == new.opened_at


def _cents(dollars: Decimal) -> Decimal:
    return dollars.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
