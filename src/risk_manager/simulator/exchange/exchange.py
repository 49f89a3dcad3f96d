"""The exchange: the one door to accounts, orders and prices of the played venue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from risk_manager.simulator.exchange import closing, placing
from risk_manager.simulator.exchange.accounts import Account, AccountSpec
from risk_manager.simulator.exchange.changes import Change, TradeMade
from risk_manager.simulator.exchange.contracts import Contract, listing
from risk_manager.simulator.exchange.floor import Floor, Task
from risk_manager.simulator.exchange.market import Market
from risk_manager.simulator.exchange.matching import match
from risk_manager.simulator.exchange.orders import Order, OrderRequest, Status
from risk_manager.simulator.exchange.placing import Amendment, Outcome
from risk_manager.simulator.exchange.sessions import CHICAGO, CLOSES, OPENS, Gate, is_open, trading_day
from risk_manager.simulator.switches import Switches


class Exchange:
    """Orders in, changes out. Pure: every call says what time it is, in aware datetimes."""

    def __init__(
        self, *, accounts: Iterable[AccountSpec], seed: int, now: datetime, switches: Switches | None = None
    ) -> None:
        self.floor = Floor(listing=listing(trading_day(now)), seed=seed, switches=switches or Switches(), born_at=now)
        for spec in accounts:
            self.open_account(spec, now)
        self._schedule_daily(OPENS, self._begin_day, now)
        self._schedule_daily(CLOSES, self._end_session, now)

    # --- what traders do ---

    def place(self, request: OrderRequest, now: datetime) -> Outcome:
        """Take or refuse an order."""
        return placing.place(self.floor, request, now)

    def modify(self, account_id: int, order_id: int, *, to: Amendment, now: datetime) -> Outcome:
        """Change a working order."""
        return placing.modify(self.floor, account_id, order_id, to=to, now=now)

    def cancel(self, account_id: int, order_id: int, now: datetime) -> Outcome:
        """Cancel a working order."""
        return placing.cancel(self.floor, account_id, order_id, now)

    def close(self, account_id: int, contract_id: str, now: datetime) -> Outcome:
        """Close a whole position at the market."""
        return closing.close(self.floor, account_id, contract_id, now)

    def partial_close(self, account_id: int, contract_id: str, *, size: int, now: datetime) -> Outcome:
        """Close a part of a position at the market."""
        return closing.partial_close(self.floor, account_id, contract_id, size=size, now=now)

    # --- what the world does ---

    def advance(self, now: datetime) -> None:
        """Let everything happen that is due by now."""
        self.floor.run_due(now)

    def drain(self) -> list[Change]:
        """What has changed since the last call, in the order in which it is told."""
        changes, self.floor.outbox = self.floor.outbox, []
        return changes

    def walk(self, contract: Contract, now: datetime) -> bool:
        """One random step of a price; True when a trade printed."""
        market = self.floor.market(contract)
        has_printed = market.walk(now)
        self._price_moved(contract, now)
        return has_printed

    def put_price(
        self,
        contract: Contract,
        now: datetime,
        *,
        last: Decimal | None = None,
        bid: Decimal | None = None,
        ask: Decimal | None = None,
    ) -> None:
        """Move a price there."""
        self.floor.market(contract).put(now=now, last=last, bid=bid, ask=ask)
        self._price_moved(contract, now)

    def is_open(self, now: datetime) -> bool:
        """Whether the market trades now."""
        return is_open(self.floor.switches.session, now)

    # --- what the platform does ---

    def open_account(self, spec: AccountSpec, now: datetime) -> Account:
        """Add an account."""
        account = self.floor.accounts[spec.id] = Account.opened(spec)
        account.begin(trading_day(now))
        return account

    def reset_account(self, account_id: int, now: datetime) -> Account:
        """End an account and begin it anew under a new id, as after a paid reset."""
        old = self.floor.accounts[account_id]
        closing.liquidate(self.floor, old, now)
        old.is_visible = False
        self.floor.tell_account(old)
        fresh = self.open_account(replace(old.spec, id=max(self.floor.accounts) + 1), now)
        self.floor.tell_account(fresh)
        return fresh

    def set_can_trade(self, account_id: int, *, allowed: bool) -> None:
        """Lock or unlock an account."""
        account = self.floor.accounts[account_id]
        account.can_trade = allowed
        if self.floor.switches.pushes_can_trade:
            self.floor.tell_account(account)

    def adjust_balance(self, account_id: int, amount: Decimal) -> None:
        """Pay in, or out when negative."""
        account = self.floor.accounts[account_id]
        account.balance += amount
        self.floor.tell_account(account)

    def liquidate(self, account_id: int, now: datetime) -> None:
        """Flatten and lock an account, as the platform does at a breach."""
        closing.liquidate(self.floor, self.floor.accounts[account_id], now)

    def void_trade(self, account_id: int, trade_id: int) -> bool:
        """Declare a half-trade void and book its money back; False when there is no such trade."""
        account = self.floor.accounts[account_id]
        for index, trade in enumerate(account.trades):
            if trade.id == trade_id and not trade.voided:
                account.trades[index] = replace(trade, voided=True)
                account.balance -= (trade.profit_and_loss or Decimal(0)) - trade.fees - trade.commissions
                self.floor.tell(TradeMade(account.trades[index]))
                self.floor.tell_account(account)
                return True
        return False

    def cut_next_close(self, to: int) -> None:
        """Let the next close fill only that many contracts; the rest of it is cancelled."""
        self.floor.closes_cut_to.append(to)

    # --- what is known ---

    @property
    def switches(self) -> Switches:
        """The choices in force."""
        return self.floor.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.floor.switches = switches

    @property
    def accounts(self) -> dict[int, Account]:
        """All accounts that ever were, by id."""
        return self.floor.accounts

    def market(self, contract: Contract) -> Market:
        """The market of a contract."""
        return self.floor.market(contract)

    def orders(self, account_id: int) -> list[Order]:
        """All orders of an account, oldest first."""
        return list(self.floor.account_orders(account_id))

    def held_contracts(self) -> set[str]:
        """Contracts in which somebody has a position or an order that is not over."""
        held = {c for account in self.floor.accounts.values() for c in account.positions}
        return held | {contract_id for contract_id, orders in self.floor.living.items() if orders}

    # --- inner ---

    def _price_moved(self, contract: Contract, now: datetime) -> None:
        match(self.floor, contract, now)
        for account in self.floor.accounts.values():
            if contract.id in account.positions:
                closing.guard_limits(self.floor, account, now)

    def _schedule_daily(self, at: time, task: Task, now: datetime) -> None:
        local = now.astimezone(CHICAGO)
        due = datetime.combine(local.date(), at, tzinfo=CHICAGO)
        if due <= local:
            due = datetime.combine(local.date() + timedelta(days=1), at, tzinfo=CHICAGO)

        def run(instant: datetime) -> None:
            task(instant)
            self._schedule_daily(at, task, instant)

        self.floor.schedule(due, run)

    def _begin_day(self, now: datetime) -> None:
        for account in self.floor.accounts.values():
            account.begin(trading_day(now))
            if account.is_locked_for_the_day:
                account.is_locked_for_the_day = False
                account.can_trade = True
                self.floor.tell_account(account)

    def _end_session(self, now: datetime) -> None:
        switches = self.floor.switches
        if switches.session is not Gate.BY_CLOCK or not switches.expire_at_session_end:
            return
        for contract_id in list(self.floor.living):
            for order in self.floor.living_orders(contract_id):
                self.floor.put_status(order, Status.EXPIRED, now)
