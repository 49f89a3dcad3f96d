"""The books: the venue's own log, read into what each account holds, has working and has realized at a moment."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

TICKS = {
    "MNQ": ("0.25", "0.50"),
    "MES": ("0.25", "1.25"),
    "MYM": ("1", "0.50"),
    "MCLE": ("0.01", "1.00"),
    "MGC": ("0.1", "1.00"),
}
"""By the venue's code: tick size and dollars a tick, from the exchanges' contract specifications."""
ROOT = {"MCLE": "MCL"}
OPEN, FILLED, PENDING, ENDING, SUSPENDED = 1, 2, 6, 7, 8
WORKING = frozenset({0, OPEN, PENDING, ENDING, SUSPENDED})
LIMIT, MARKET, STOP_LIMIT, STOP, TRAILING = 1, 2, 3, 4, 5
PROTECTING = frozenset({STOP_LIMIT, STOP, TRAILING})
BUY, SELL = 0, 1
Entry = dict[str, Any]


@dataclass(slots=True)
class Order:
    """An order as the venue last had it."""

    id: int
    contract: str
    type: int
    side: int
    size: int
    status: int
    filled: int
    tag: str | None
    parent: int | None
    stop: Decimal | None

    @property
    def is_working(self) -> bool:
        """Tell whether it may still fill."""
        return self.status in WORKING


@dataclass(slots=True)
class Fill:
    """A half-turn."""

    id: int
    order: int
    contract: str
    at: float
    pnl: Decimal
    opens: bool


@dataclass(slots=True)
class Account:
    """One account at the moment."""

    id: int
    net: dict[str, int] = field(default_factory=dict)
    average: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    working: dict[int, Order] = field(default_factory=dict)
    fills: dict[int, Fill] = field(default_factory=dict)
    filled_at: dict[int, float] = field(default_factory=dict)
    """When each order filled first."""
    realized: Decimal = Decimal(0)
    can_trade: bool = True

    def held(self) -> dict[str, int]:
        """What is held, by contract, long positive."""
        return {contract: net for contract, net in self.net.items() if net}


def root_of(contract: str) -> str:
    """The trader's name of a product."""
    code = contract.split(".")[3]
    return ROOT.get(code, code)


def price_pnl(contract: str, *, average: Decimal, mark: Decimal, net: int) -> Decimal:
    """Dollars that an open position is worth at a price."""
    size, value = TICKS[contract.split(".")[3]]
    return ((mark - average) / Decimal(size) * Decimal(value) * net).quantize(Decimal("0.01"))


class Ledger:
    """The venue's books, rebuilt from its log."""

    def __init__(self, account_ids: Iterable[int]) -> None:
        self.accounts = {account_id: Account(account_id) for account_id in account_ids}
        self.last: dict[str, Decimal] = {}
        self.at = datetime.min.replace(tzinfo=UTC)
        self.now = 0.0

    def read(self, entry: Entry) -> Fill | Order | None:
        """Take one entry in; return the order or the fill that it told."""
        self.now = float(entry["monotonic"])
        self.at = datetime.fromisoformat(str(entry["at"]))
        if entry["kind"] != "truth":
            return None
        data = entry["data"]
        match entry["target"]:
            case "GatewayQuote":
                self.last[data["contractId"]] = Decimal(str(data["last"]))
            case "GatewayUserAccount" if data["id"] in self.accounts:
                self.accounts[data["id"]].can_trade = bool(data["canTrade"])
            case "GatewayUserPosition" if data["accountId"] in self.accounts:
                self._position(self.accounts[data["accountId"]], data)
            case "GatewayUserOrder" if data["accountId"] in self.accounts:
                return self._order(self.accounts[data["accountId"]], data)
            case "GatewayUserTrade" if data["accountId"] in self.accounts:
                return self._trade(self.accounts[data["accountId"]], data)
        return None

    def _position(self, account: Account, data: Entry) -> None:
        account.average[data["contractId"]] = Decimal(str(data["averagePrice"]))

    def _order(self, account: Account, data: Entry) -> Order:
        order = Order(
            id=int(data["id"]),
            contract=data["contractId"],
            type=data["type"],
            side=data["side"],
            size=data["size"],
            status=data["status"],
            filled=data.get("fillVolume") or 0,
            tag=data.get("customTag"),
            parent=data.get("parentOrderId"),
            stop=None if data.get("stopPrice") is None else Decimal(str(data["stopPrice"])),
        )
        account.orders[order.id] = order
        account.working.pop(order.id, None)
        if order.is_working:
            account.working[order.id] = order
        return order

    def _trade(self, account: Account, data: Entry) -> Fill | None:
        """Book a fill, once; the venue's books change with it."""
        if data["id"] in account.fills:
            return None
        contract, pnl = data["contractId"], data.get("profitAndLoss")
        costs = Decimal(str(data.get("fees") or 0)) + Decimal(str(data.get("commissions") or 0))
        fill = Fill(data["id"], data["orderId"], contract, self.now, Decimal(str(pnl or 0)) - costs, pnl is None)
        account.fills[fill.id] = fill
        account.filled_at.setdefault(fill.order, self.now)
        account.realized += fill.pnl
        account.net[contract] = account.net.get(contract, 0) + data["size"] * (1 - 2 * data["side"])
        return fill


def body_of(entry: Entry) -> Entry:
    """What a deed at the control interface said."""
    said = json.loads(entry["data"] or "{}")
    return said if isinstance(said, dict) else {}
