"""The trading floor: everything that the parts of the exchange know in common."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime, timedelta
from random import Random

from risk_manager.simulator.exchange.accounts import Account
from risk_manager.simulator.exchange.changes import AccountChanged, AccountRow, Change, OrderChanged
from risk_manager.simulator.exchange.contracts import Contract, Listing
from risk_manager.simulator.exchange.lots import Position
from risk_manager.simulator.exchange.market import Market
from risk_manager.simulator.exchange.orders import IN_THE_MARKET, Order, Status
from risk_manager.simulator.switches import Switches

FIRST_ORDER_ID = 3_000_000_001
FIRST_TRADE_ID = 4_000_000_001
FIRST_POSITION_ID = 800_000_001

Task = Callable[[datetime], None]


class Floor:
    """Accounts, orders, markets and what is due; it decides nothing."""

    def __init__(self, *, listing: Listing, seed: int, switches: Switches, born_at: datetime) -> None:
        self.listing = listing
        self.switches = switches
        self.seed = seed
        self.born_at = born_at
        self.random = Random(f"{seed}:floor")
        self.accounts: dict[int, Account] = {}
        self.orders: dict[int, Order] = {}
        self.by_account: dict[int, dict[int, Order]] = {}
        self.living: dict[str, dict[int, Order]] = {}
        self.outbox: list[Change] = []
        self.closes_cut_to: list[int] = []
        self._markets: dict[str, Market] = {}
        self._due: list[tuple[datetime, int, Task, bool]] = []
        self._ids = {
            "order": FIRST_ORDER_ID,
            "trade": FIRST_TRADE_ID,
            "position": FIRST_POSITION_ID,
            "due": 0,
        }

    def next_id(self, kind: str) -> int:
        """A number never given before to an order, trade or position."""
        number = self._ids[kind]
        self._ids[kind] = number + 1
        return number

    def market(self, contract: Contract) -> Market:
        """The market of the contract, opened on first use."""
        market = self._markets.get(contract.id)
        if market is None:
            random = Random(f"{self.seed}:{contract.id}")
            market = self._markets[contract.id] = Market(contract, random)
        return market

    def markets(self) -> list[Market]:
        """The markets that were opened."""
        return list(self._markets.values())

    # --- telling ---

    def tell(self, change: Change) -> None:
        """Put a change into the outbox."""
        self.outbox.append(change)

    def tell_order(self, order: Order, now: datetime) -> None:
        """Tell an order's state of this moment."""
        order.updated_at = now
        order.revision += 1
        self.tell(OrderChanged(copy(order)))

    def tell_account(self, account: Account) -> None:
        """Tell balance and flags of this moment."""
        self.tell(AccountChanged(AccountRow.of(account)))

    # --- orders ---

    def add(self, order: Order) -> None:
        """Take an order into the books, whatever its status."""
        self.orders[order.id] = order
        self.by_account.setdefault(order.account_id, {})[order.id] = order
        if not order.is_terminal:
            self.living.setdefault(order.contract.id, {})[order.id] = order

    def put_status(self, order: Order, status: Status, now: datetime) -> None:
        """Move an order to a status and tell it."""
        order.status = status
        if order.is_terminal:
            self.living.get(order.contract.id, {}).pop(order.id, None)
        self.tell_order(order, now)

    def living_orders(self, contract_id: str, account_id: int | None = None) -> list[Order]:
        """Orders of the contract that are not over, oldest first."""
        orders = self.living.get(contract_id, {}).values()
        return [o for o in orders if account_id is None or o.account_id == account_id]

    def account_orders(self, account_id: int) -> Iterable[Order]:
        """All orders that the account ever had, oldest first."""
        return self.by_account.get(account_id, {}).values()

    def working(self, contract_id: str) -> list[Order]:
        """Orders of the contract that may fill now."""
        return [o for o in self.living.get(contract_id, {}).values() if o.status in IN_THE_MARKET]

    # --- positions ---

    def position(self, account_id: int, contract_id: str) -> Position | None:
        """The open position, or None when flat."""
        account = self.accounts.get(account_id)
        if account is None:
            return None
        return account.positions.get(contract_id)

    def net_size(self, account_id: int, contract_id: str) -> int:
        """Contracts held, short ones negative."""
        position = self.position(account_id, contract_id)
        return position.net_size if position else 0

    # --- time ---

    def schedule(self, at: datetime, task: Task) -> None:
        """Do something when that instant has come; it is told the instant, however late it is done."""
        heapq.heappush(self._due, (at, self.next_id("due"), task, True))

    def after(self, seconds: float, task: Task, *, now: datetime) -> None:
        """Do something that many seconds from now; it is told what the clock says when it is done."""
        heapq.heappush(self._due, (now + timedelta(seconds=seconds), self.next_id("due"), task, False))

    def next_due(self) -> datetime | None:
        """When the next thing is to be done; None when nothing is."""
        return self._due[0][0] if self._due else None

    def run_due(self, now: datetime) -> None:
        """Do everything that is due by now, in order."""
        while self._due and self._due[0][0] <= now:
            at, _, task, is_told_when_due = heapq.heappop(self._due)
            task(at if is_told_when_due else now)
