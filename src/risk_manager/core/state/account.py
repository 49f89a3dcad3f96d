"""All that is known of one account."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from risk_manager.core.events import Reconciled
from risk_manager.core.model.account import Account
from risk_manager.core.model.money import ZERO
from risk_manager.core.model.order import STOPS, Order
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.model.trading_calendar import TradingDay
from risk_manager.core.policy import Policy
from risk_manager.core.rule import PnlBasis
from risk_manager.core.state.ceilings import Ceilings
from risk_manager.core.state.contracts import Contracts
from risk_manager.core.state.marks import Marks
from risk_manager.core.state.memory import Memory, News
from risk_manager.core.state.positions import Fill, Holding
from risk_manager.core.state.quotes import Quotes
from risk_manager.core.state.retracing import retrace
from risk_manager.core.state.trades import TRADES_KEPT, DaySum

_WITH_OPEN = PnlBasis.REALIZED_PLUS_OPEN
"""Found once: Python 3.11 looks a member of an enum up in Python code, and every quote would pay for it."""


class AccountState:
    """One account as the rules see it: they read, only the engine writes."""

    def __init__(self, memory: Memory, policy: Policy, contracts: Contracts, quotes: Quotes) -> None:
        self.memory = memory
        # what follows lives as long as the memory; found here once, as every report asks for it many times
        self.account_id: int = memory.account.account_id
        """The venue's number of the account."""
        self.holdings: Mapping[str, Holding] = memory.positions.held
        """What is held, by contract id."""
        self.working_orders: Mapping[int, Order] = memory.orders.working
        """Orders that may still fill, by id."""
        self.orders_of = memory.orders.of_contract
        """Lists the working orders of a contract."""
        self.lockouts = memory.lockouts
        """The locks in force."""
        self.trades = memory.trades
        """The fills of the last two days."""
        self.ceilings = Ceilings(memory)
        self.root = contracts.root
        """Tells the trader's root of a contract."""
        self.policy = policy
        self.contracts = contracts
        self.marks = Marks(memory, contracts, quotes, policy.mark)
        self.news = News()
        self.day: TradingDay = policy.calendar.day_of(memory.now)
        self.awaits_picture = False
        """After a restart, until the first full picture: what orders there are is not known yet."""
        self._has_picture = False

    # what rules read

    @property
    def account(self) -> Account:
        """The account as last told of."""
        return self.memory.account

    @property
    def now(self) -> datetime:
        """The instant up to which everything is known."""
        return self.memory.now

    @property
    def positions(self) -> dict[str, Position]:
        """Positions that are not flat, by contract id."""
        return {contract_id: holding.position for contract_id, holding in self.memory.positions.held.items()}

    @property
    def quotes(self) -> Quotes:
        """The quotes of all contracts, as the venue told them."""
        return self.marks.quotes

    @property
    def today(self) -> DaySum:
        """What was realized on the current trading day, in dollars."""
        return self.memory.trades.sum_of(self.day.key)

    def pnl_of_day(self, basis: PnlBasis, *, with_fees: bool) -> Decimal:
        """Add up the P&L of the trading day in dollars: realized, and what is open where the basis says so."""
        today = self.memory.trades.sum_of(self.day.key)
        realized = today.gross - today.costs if with_fees else today.gross
        return realized + self.open_total() + self.marks.untold() if basis is _WITH_OPEN else realized

    def open_pnl(self, contract_id: str) -> Decimal | None:
        """Tell a position's open P&L in dollars; None while it is unmarked."""
        holding = self.memory.positions.held.get(contract_id)
        return holding.open_pnl if holding else None

    def open_total(self) -> Decimal:
        """Add up the open P&L of all marked positions, in dollars."""
        return self.marks.total()

    def unmarked(self) -> list[str]:
        """List the held contracts that have no mark yet."""
        return [one for one, holding in self.memory.positions.held.items() if holding.open_pnl is None]

    def will_remain(self, contract_id: str) -> int:
        """Tell how many contracts of what is held, unsigned, nothing is taking away yet."""
        holding = self.memory.positions.held[contract_id]
        return self.memory.enforcements.will_leave(contract_id, holding.incarnation, of=holding.position.size)

    def filled_size(self, order_id: int) -> int:
        """Tell how many contracts of an order have filled, by its own word or its trades'; 0 where neither tells."""
        order = self.memory.orders.by_id.get(order_id)
        by_order = order.filled_size if order else 0
        return max(by_order, self.memory.trades.filled_size(order_id))

    # how the engine makes it learn

    def advance(self, at: datetime) -> None:
        """Come to an instant: end what is over, begin a new trading day."""
        memory = self.memory
        memory.now = max(at, memory.now)
        if memory.lockouts.by_key:
            memory.lockouts.expire(memory.now)
        if not self.day.contains(memory.now):
            self.day = self.policy.calendar.day_of(self.now)
            self.marks.forget_gone()
            oldest = self.day.starts_at - TRADES_KEPT
            self.memory.trades.forget_before(oldest, except_of=self.memory.orders.parents())
            self.memory.orders.forget_before(oldest)

    def adopt(self, policy: Policy) -> None:
        """Take on a changed configuration."""
        if policy.calendar != self.policy.calendar:
            self.memory.trades.rebook(policy.calendar)
        self.policy = policy
        self.marks.method = policy.mark
        self.day = policy.calendar.day_of(self.now)
        for contract_id in self.memory.positions.held:
            self.marks.follow(contract_id)

    def learn_position(self, position: Position, at: datetime) -> None:
        """Take a position report in."""
        before = self.holdings.get(position.contract_id)
        was_up = before.open_pnl if before else None
        was_left = before.position.size - self.memory.positions.leaving.size(position.contract_id) if before else 0
        increase = self.memory.positions.show(position, at)
        if increase is not None:
            self.news.increase = increase
            self.memory.peak_open_total = None
        self._follow(position.contract_id, before)
        if before is not None and was_up is not None:
            self._note_gone(before, was_up, was_left)

    def _note_gone(self, before: Holding, was_up: Decimal, was_left: int) -> None:
        """Let what a report has shown gone count as it was up, until a fill tells the result."""
        contract_id = before.position.contract_id
        is_same = self.holdings.get(contract_id) is before
        left, is_up = (before.position.size, before.open_pnl or ZERO) if is_same else (0, ZERO)
        if was_left > left:
            self.marks.note_gone(contract_id, was_left - left, was_up - is_up)

    def learn_order(self, order: Order, at: datetime, *, ours: bool) -> None:
        """Take an order's state in, and the fills that no trade has told of yet."""
        self._learn_order(order, at, at, ours=ours)
        if order.contract_id in self.memory.positions.leaving.by_contract:
            self._value(order.contract_id)
        self.ceilings.lower(order.contract_id)

    def _learn_order(self, order: Order, at: datetime, heard_at: datetime, *, ours: bool) -> None:
        known = self.filled_size(order.order_id)
        before = self.memory.orders.by_id.get(order.order_id)
        if ours:
            self._own([order.order_id])
        if not self.memory.orders.learn(order, at):
            return
        self.memory.stop_requests.follow(before, order, self.memory.positions.held.get(order.contract_id))
        if order.order_id in self.memory.orders.own and order.type in STOPS:
            self.memory.stop_requests.answered(order.contract_id)
        if (new := order.filled_size - known) > 0:
            signed_size = order.side.sign * new
            fill = Fill(min(order.updated_at or at, heard_at), order.order_id, signed_size)
            self.memory.positions.fill(order.contract_id, fill)

    def learn_trade(self, trade: Trade, *, ours: bool, heard_at: datetime | None = None) -> None:
        """Take a trade in (heard as it filled, unless told when), and the fill unless its order has told of it."""
        if self._learn_trade(trade, heard_at or trade.at, ours=ours):
            self._value(trade.contract_id)
            self.ceilings.lower(trade.contract_id)

    def _learn_trade(self, trade: Trade, heard_at: datetime, *, ours: bool) -> bool:
        known = self.filled_size(trade.order_id)
        self.memory.trades.hear(trade, heard_at)
        earlier = self.memory.trades.by_id.get(trade.trade_id)
        learned = self.memory.trades.learn(trade, self.policy.calendar)
        if ours or trade.order_id in self.memory.orders.own:
            self.memory.trades.own.add(trade.trade_id)
        if learned is None:
            return False
        self.news.trades += (learned,)
        if earlier is None:
            self._learn_fill(self.memory.trades.as_heard(trade), known)
        else:
            self.news.replaced += (earlier,)
            self.memory.positions.leaving.revise(self.memory.trades.as_heard(trade))
        return True

    def _learn_fill(self, trade: Trade, known: int) -> None:
        """Take in what a new trade filled, of whose order `known` contracts had filled by then."""
        if not trade.voided:
            if trade.realized_pnl is not None:
                shown_at = self.memory.positions.shown_at.get(trade.contract_id, trade.at)
                self.memory.positions.leave(trade, self.memory.trades.signed_size_besides(trade, since=shown_at))
                self.marks.note_result(trade.contract_id, trade.size)
            if not self.memory.positions.is_pictured(trade.contract_id, trade.at):
                self.memory.positions.price(trade.contract_id, trade.side.sign * trade.size)
        new = self.filled_size(trade.order_id) - known
        fill = Fill(
            trade.at, trade.order_id, trade.side.sign * (new or trade.size), closing=trade.realized_pnl is not None
        )
        if new > 0:
            self.memory.positions.fill(trade.contract_id, fill)
        else:
            self.memory.positions.date(trade.contract_id, fill)

    def learn_picture(self, picture: Reconciled) -> None:
        """Take a full picture in: positions and working orders are replaced, trades completed."""
        as_of = self._read_at(picture)
        before = dict(self.memory.positions.held)
        self.news.pictured_at = as_of
        self.news.is_first_picture = self.awaits_picture or not self._has_picture
        self._own(picture.own_order_ids)
        for trade in sorted(picture.trades, key=lambda one: (one.at, one.trade_id)):
            self._learn_trade(trade, picture.at, ours=False)
        for order in picture.orders:
            self._learn_order(order, as_of, picture.at, ours=False)
        self.memory.orders.drop_missing(frozenset(order.order_id for order in picture.orders), as_of)
        self.memory.stop_requests.pictured(as_of, self.memory.orders.working)
        later = self.memory.trades.signed_sizes_after(as_of)
        shown_at = self.memory.positions.shown_at
        shown = {one: (shown_at.get(one, as_of), held.position.net_size) for one, held in before.items()}
        if self.memory.positions.picture(picture.positions, at=picture.at, as_of=as_of, later=later):
            self.memory.peak_open_total = None
        for contract_id, (at, net_size) in shown.items():
            if at < as_of and self.holdings.get(contract_id) is before[contract_id]:
                retrace(before[contract_id], net_size, self.memory, since=at, as_of=as_of)
        self.awaits_picture = False
        self._has_picture = True
        self.marks.forget_gone()
        for contract_id in self.holdings.keys() | before.keys() | self.ceilings.contracts():
            self._follow(contract_id, before.get(contract_id))
        self.ceilings.retrace(as_of)

    def _read_at(self, picture: Reconciled) -> datetime:
        """Tell when a picture was asked for; the first after a restart is younger than all that is remembered.

        The clock of a new life may still be a second behind the stamps that the earlier one has heard.
        """
        as_of = picture.as_of or picture.at
        if not self.awaits_picture:
            return as_of
        return max((as_of, *self.memory.positions.shown_at.values(), *self.memory.orders.seen_at.values()))

    def mark(self, contract_id: str) -> bool:
        """Value a holding at the prices in force; tell whether its value changed."""
        return self.marks.mark(contract_id)

    def begin_anew(self, quotes: Quotes) -> None:
        """Come back after a restart: every position is unmarked, and the venue's picture is still to come."""
        self.marks.forget(quotes)
        self.awaits_picture = True

    def _value(self, contract_id: str) -> None:
        """Value what is held of a contract after it was told of a fill, or of the position."""
        if self.memory.positions.settle(contract_id):
            self.memory.peak_open_total = None
        self.marks.follow(contract_id)

    def _follow(self, contract_id: str, before: Holding | None) -> None:
        """Bring marks and ceilings in line with a position that may have changed."""
        self._value(contract_id)
        self.ceilings.follow(contract_id, before)

    def _own(self, order_ids: Iterable[int]) -> None:
        """Know orders as the daemon's own, and with them the fills that were heard of earlier."""
        for order_id in order_ids:
            self.memory.orders.own.add(order_id)
            self.memory.trades.own.update(self.memory.trades.by_order.get(order_id, ()))
