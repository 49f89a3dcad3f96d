"""An exchange with one account and MNQ at 23500, and a time that passes only when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from risk_manager.simulator.exchange.accounts import Account, AccountSpec
from risk_manager.simulator.exchange.changes import AccountChanged, Change, OrderChanged, PositionChanged, TradeMade
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.exchange import Exchange
from risk_manager.simulator.exchange.orders import Bracket, Order, OrderRequest, Side, Status, Type
from risk_manager.simulator.exchange.placing import Outcome
from risk_manager.simulator.switches import Switches

TUESDAY_MORNING = datetime(2026, 9, 1, 15, 0, tzinfo=UTC)
ACCOUNT = 1001
KINDS = {OrderChanged: "order", TradeMade: "trade", PositionChanged: "position", AccountChanged: "account"}


class Pit:
    def __init__(self, *, now: datetime = TUESDAY_MORNING, spec: AccountSpec | None = None, **switches: Any) -> None:
        self.now = now
        self.exchange = Exchange(
            accounts=[spec or AccountSpec(id=ACCOUNT)], seed=7, now=now, switches=Switches(**switches)
        )
        contract = self.exchange.floor.listing.find("MNQ")
        assert contract is not None
        self.mnq: Contract = contract
        self.price("23500")

    @property
    def account(self) -> Account:
        return self.exchange.accounts[ACCOUNT]

    @property
    def net(self) -> int:
        return self.exchange.floor.net_size(ACCOUNT, self.mnq.id)

    def place(
        self, side: Side, size: int = 1, *, kind: Type = Type.MARKET, contract_id: str | None = None, **fields: Any
    ) -> Outcome:
        for name in ("limit_price", "stop_price", "trail_price"):
            if name in fields:
                fields[name] = Decimal(fields[name])
        for name, type_ in (("stop_loss", Type.STOP), ("take_profit", Type.LIMIT)):
            if name in fields:
                fields[name] = Bracket(fields[name], type_)
        request = OrderRequest(
            account_id=ACCOUNT, contract_id=contract_id or self.mnq.id, type=kind, side=side, size=size, **fields
        )
        return self.exchange.place(request, self.now)

    def buy(self, size: int = 1, **fields: Any) -> Order:
        return self.taken(self.place(Side.BUY, size, **fields))

    def sell(self, size: int = 1, **fields: Any) -> Order:
        return self.taken(self.place(Side.SELL, size, **fields))

    def taken(self, outcome: Outcome) -> Order:
        assert outcome.is_success, outcome
        self.elapse(0.1)
        assert outcome.order_id is not None
        return self.exchange.floor.orders[outcome.order_id]

    def close(self) -> Outcome:
        return self.exchange.close(ACCOUNT, self.mnq.id, self.now)

    def price(self, last: str) -> None:
        self.exchange.put_price(self.mnq, self.now, last=Decimal(last))

    def elapse(self, seconds: float) -> None:
        """Let time pass, with everything done when it is due."""
        until = self.now + timedelta(seconds=seconds)
        while (due := self.exchange.floor.next_due()) is not None and due <= until:
            self.now = max(due, self.now)
            self.exchange.advance(self.now)
        self.now = until
        self.exchange.advance(self.now)

    def told(self) -> list[Change]:
        return self.exchange.drain()

    def told_kinds(self) -> list[str]:
        return [KINDS[type(change)] for change in self.told()]

    def orders(self, *statuses: Status) -> list[Order]:
        return [order for order in self.exchange.orders(ACCOUNT) if not statuses or order.status in statuses]

    def tagged(self, tag: str) -> Order:
        return next(order for order in self.orders() if order.custom_tag == tag)
