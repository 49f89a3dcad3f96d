"""What can be asked of the venue, as values of the core.

Only a 200 with success and a list is knowledge. A position or an order that cannot be read spoils the picture;
an unreadable account, contract or trade is reported, and the others stand.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.model.order import Order
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.gateway import payloads, translate
from risk_manager.gateway.errors import GatewayMisread, GatewayRefused, GatewayUnavailable
from risk_manager.gateway.payloads import Envelope, excerpt
from risk_manager.gateway.port import Heard, Urgency
from risk_manager.gateway.rate_limit import BARS_LIMIT, BARS_PERIOD, RateLimit
from risk_manager.gateway.rest import Body, Rest

Misread = Callable[[str, str], None]
"""Told of each item that could not be read: its beginning, and the reason."""
Value = TypeVar("Value")

WORKING_STATUSES: Final = (0, 1, 6, 7, 8)
"""None, open, pending, pending cancellation, suspended: all that may still fill."""
DOCUMENTED_WORKING_STATUSES: Final = WORKING_STATUSES[1:]
_PAGE: Final = 100
_MAX_PAGES: Final = 20
_BAD_REQUEST, _NOT_FOUND = 400, 404
_NO_SUCH = 1
_MINUTE_BARS: Final = 2
_MINUTE = timedelta(minutes=1)
_LOOK_BACK: Final = timedelta(days=4)
"""A weekend with a holiday before or behind it."""


class Reading:
    """The reading half of the port; see there for what is raised."""

    def __init__(
        self, rest: Rest, *, now: Callable[[], datetime], misread: Misread, heard: Heard | None = None
    ) -> None:
        self._rest = rest
        self._now = now
        self._misread = misread
        self._heard = heard
        self._bars_budget = RateLimit(limit=BARS_LIMIT, period=BARS_PERIOD)
        self._statuses: tuple[int, ...] = WORKING_STATUSES
        self._has_query = True

    async def accounts(self) -> tuple[Account, ...]:
        """Every account: which ones the filter for active ones hides is not documented."""
        envelope = await self._rest.read("/api/Account/search", {"onlyActiveAccounts": False})
        rows = _rows(envelope, envelope.accounts, "accounts")
        return self._readable(rows, lambda raw: translate.account(payloads.read(payloads.ACCOUNT, raw)))

    async def contracts(self) -> tuple[Contract, ...]:
        """The active contract of each product; `live` true would bring none (seen on evaluation accounts)."""
        envelope = await self._rest.read("/api/Contract/available", {"live": False})
        return self._readable(_rows(envelope, envelope.contracts, "contracts"), _contract)

    async def contract(self, contract_id: str) -> Contract | None:
        """One contract, expired ones too."""
        envelope = await self._rest.read("/api/Contract/searchById", {"contractId": contract_id})
        if envelope.success is False and envelope.error_code == _NO_SUCH:
            return None
        _require_success(envelope, "contract")
        if bytes(envelope.contract) == b"null":
            raise GatewayMisread(f"the venue told nothing of contract {contract_id}")
        return _contract(envelope.contract)

    async def positions(self, account_id: int, urgency: Urgency) -> tuple[Position, ...]:
        """Open positions."""
        envelope = await self._rest.read("/api/Position/searchOpen", {"accountId": account_id}, urgency)
        rows = _rows(envelope, envelope.positions, "positions")
        told = self._all(rows, lambda raw: translate.position(payloads.read(payloads.POSITION, raw)))
        return tuple(position for position in told if position.net_size != 0)

    async def working_orders(self, account_id: int, urgency: Urgency) -> tuple[Order, ...]:
        """Orders that may still fill, by id."""
        orders = await (self._query(account_id, urgency) if self._has_query else self._open_only(account_id, urgency))
        return tuple(order for order in orders if order.is_working)

    async def orders_since(self, account_id: int, since: datetime) -> tuple[Order, ...]:
        """All orders created since."""
        body: Body = {"accountId": account_id, "startTimestamp": _timestamp(since)}
        envelope = await self._rest.read("/api/Order/search", body)
        orders = _by_id(self._orders(envelope))
        stamps = [order.updated_at for order in orders if order.updated_at is not None]
        if self._heard is not None and stamps:
            self._heard(max(stamps))  # finer than the date of a reply, which leaves the second out
        return orders

    async def trades(self, account_id: int, since: datetime) -> tuple[Trade, ...]:
        """Half-turns since, oldest first; a row that comes twice counts once, a voided one wins."""
        body: Body = {"accountId": account_id, "startTimestamp": _timestamp(since)}
        envelope = await self._rest.read("/api/Trade/search", body)
        rows = _rows(envelope, envelope.trades, "trades")
        found: dict[int, Trade] = {}
        for trade in self._readable(rows, lambda raw: translate.trade(payloads.read(payloads.TRADE, raw))):
            if trade.trade_id not in found or trade.voided:
                found[trade.trade_id] = trade
        return tuple(sorted(found.values(), key=lambda trade: (trade.at, trade.trade_id)))

    async def last_price(self, contract_id: str) -> tuple[datetime, Decimal] | None:
        """The close of the latest one-minute bar, and when that was at the latest: there is no REST quote."""
        now = self._now()
        body: Body = {
            "contractId": contract_id,
            "live": False,
            "startTime": _timestamp(now - _LOOK_BACK),
            "endTime": _timestamp(now),
            "unit": _MINUTE_BARS,
            "unitNumber": 1,
            "limit": 1,
            "includePartialBar": True,
        }
        envelope = await self._rest.read("/api/History/retrieveBars", body, budget=self._bars_budget)
        bars = self._readable(_rows(envelope, envelope.bars, "bars"), _bar)
        if not bars:
            return None
        began_at, close = max(bars, key=lambda bar: bar[0])
        return min(began_at + _MINUTE, now), close

    async def _query(self, account_id: int, urgency: Urgency) -> tuple[Order, ...]:
        """Ask the newer search, which alone shows suspended bracket children; fall back where it is missing."""
        try:
            return await self._pages(account_id, urgency)
        except GatewayRefused as problem:
            if problem.status == _BAD_REQUEST and self._statuses is WORKING_STATUSES:
                self._statuses = DOCUMENTED_WORKING_STATUSES
                return await self._pages(account_id, urgency)
            if problem.status != _NOT_FOUND:
                raise
        self._has_query = False
        return await self._open_only(account_id, urgency)

    async def _pages(self, account_id: int, urgency: Urgency) -> tuple[Order, ...]:
        found: dict[int, Order] = {}
        for _ in range(_MAX_PAGES):
            body: Body = {
                "filter": {"accountId": account_id, "statuses": list(self._statuses)},
                "pageSize": _PAGE,
                "pageOffset": len(found),
                "sortBy": 1,
                "sortDirection": 0,
                "includeTotalCount": True,
            }
            envelope = await self._rest.read("/api/Order/v2/query", body, urgency)
            orders = self._orders(envelope)
            before = len(found)
            found.update((order.order_id, order) for order in orders)
            if len(found) >= (envelope.total_count or 0) and len(orders) < _PAGE:
                return tuple(found.values())
            if len(found) == before:
                break
        raise GatewayMisread(f"account {account_id}: the list of working orders is not complete")

    async def _open_only(self, account_id: int, urgency: Urgency) -> tuple[Order, ...]:
        envelope = await self._rest.read("/api/Order/searchOpen", {"accountId": account_id}, urgency)
        return _by_id(self._orders(envelope))

    def _orders(self, envelope: Envelope) -> tuple[Order, ...]:
        rows = _rows(envelope, envelope.orders, "orders")
        return self._all(rows, lambda raw: translate.order(payloads.read(payloads.ORDER, raw)))

    def _all(self, rows: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], Value]) -> tuple[Value, ...]:
        """Read every row, or know nothing: what is left out would count as gone."""
        values: list[Value] = []
        for raw in rows:
            try:
                values.append(read(raw))
            except GatewayMisread as problem:
                self._misread(excerpt(raw), str(problem))
                raise
        return tuple(values)

    def _readable(self, rows: Iterable[msgspec.Raw], read: Callable[[msgspec.Raw], Value]) -> tuple[Value, ...]:
        values: list[Value] = []
        for raw in rows:
            try:
                values.append(read(raw))
            except GatewayMisread as problem:
                self._misread(excerpt(raw), str(problem))
        return tuple(values)


def _rows(envelope: Envelope, rows: list[msgspec.Raw] | None, name: str) -> list[msgspec.Raw]:
    """Give the list of a successful reply without its null padding."""
    _require_success(envelope, name)
    if rows is None:
        raise GatewayMisread(f"the venue told of success but not of {name}: that is not 'none'")
    return [row for row in rows if bytes(row) != b"null"]


def _require_success(envelope: Envelope, name: str) -> None:
    code = envelope.error_code or 0
    if envelope.success is True and code == 0:
        return
    words = (envelope.error_message or "it gave no reason")[:200]
    if code == _NO_SUCH:
        raise GatewayRefused(
            f"the venue does not know what {name} were asked of (code 1: {words}); check accounts.yaml"
        )
    raise GatewayUnavailable(f"the venue did not tell {name} (code {code}: {words}); it will be asked again")


def _contract(raw: msgspec.Raw) -> Contract:
    return translate.contract(payloads.read(payloads.CONTRACT, raw))


def _bar(raw: msgspec.Raw) -> tuple[datetime, Decimal]:
    bar = payloads.read(payloads.BAR, raw)
    at, close = translate.instant(bar.t), translate.finite(bar.c, "close")
    if at is None or close <= 0:
        raise GatewayMisread(f"a bar at {bar.t[:40]!r} with close {close}")
    return at, close


def _by_id(orders: Iterable[Order]) -> tuple[Order, ...]:
    return tuple({order.order_id: order for order in orders}.values())


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
