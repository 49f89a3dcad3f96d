"""Taking, changing and cancelling orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from risk_manager.simulator.exchange import brackets
from risk_manager.simulator.exchange.accounts import Account
from risk_manager.simulator.exchange.codes import Cancel, Modify, Place
from risk_manager.simulator.exchange.floor import Floor
from risk_manager.simulator.exchange.matching import match_one
from risk_manager.simulator.exchange.orders import Order, OrderRequest, Side, Status, Type
from risk_manager.simulator.exchange.validation import Objection, objection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an endpoint answers: its error number, perhaps a text, perhaps an order."""

    SUCCESS: ClassVar[int] = 0

    code: int = 0
    text: str | None = None
    order_id: int | None = None

    @property
    def is_success(self) -> bool:
        """Whether the request was accepted."""
        return self.code == self.SUCCESS


@dataclass(frozen=True, slots=True)
class Amendment:
    """New absolute values for an order; None leaves a value as it is."""

    size: int | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None


def place(floor: Floor, request: OrderRequest, now: datetime) -> Outcome:
    """Take an order in, or refuse it with the endpoint's number."""
    account = floor.accounts.get(request.account_id)
    if account is None:
        return Outcome(Place.ACCOUNT_NOT_FOUND)
    if request.contract_id not in floor.listing.by_id:
        code = floor.switches.unknown_contract_place_code
        return Outcome(code, "Invalid symbol." if code == Place.ORDER_REJECTED else None)
    refusal = objection(floor, account, request, now)
    if refusal is not None:
        return _refused(floor, account, request, refusal, now)
    entry = new_order(floor, request, now)
    if request.custom_tag is not None:
        account.tags.add(request.custom_tag)
    for order in brackets.entry_with_children(floor, entry, request):
        floor.add(order)
        floor.tell_order(order, now)
    floor.after(floor.switches.fill_latency, lambda at: activate(floor, entry, at), now=now)
    return Outcome(order_id=entry.id)


def new_order(floor: Floor, request: OrderRequest, now: datetime) -> Order:
    """A pending order after the request; it has no number yet."""
    contract = floor.listing.by_id[request.contract_id]
    market, kind = floor.market(contract), Type(request.type)
    order = Order(
        id=0,
        account_id=request.account_id,
        contract=contract,
        created_at=now,
        updated_at=now,
        status=Status.PENDING,
        type=kind,
        side=Side(request.side),
        size=request.size,
        limit_price=request.limit_price if kind in {Type.LIMIT, Type.STOP_LIMIT} else None,
        stop_price=request.stop_price if kind in {Type.STOP, Type.STOP_LIMIT} else None,
        custom_tag=request.custom_tag,
    )
    if kind in {Type.JOIN_BID, Type.JOIN_ASK}:
        order.limit_price = market.bid if kind is Type.JOIN_BID else market.ask
    if kind is Type.TRAILING_STOP and request.trail_price is not None:
        order.trail_distance = int(abs(market.last - request.trail_price) / contract.tick_size)
    return order


def activate(floor: Floor, order: Order, now: datetime) -> None:
    """Put a pending order into the market; tell it as open unless it fills at once."""
    if order.status is not Status.PENDING:
        return
    order.status = Status.OPEN
    told = order.revision
    match_one(floor, order, floor.market(order.contract), now)
    if order.revision == told:
        floor.tell_order(order, now)


def cancel(floor: Floor, account_id: int, order_id: int, now: datetime) -> Outcome:
    """Accept a cancel; the order goes through status 7, and a fill may still win."""
    account = floor.accounts.get(account_id)
    if account is None:
        return Outcome(Cancel.ACCOUNT_NOT_FOUND)
    order = floor.orders.get(order_id)
    if order is None or order.account_id != account_id or order.is_terminal:
        return Outcome(Cancel.ORDER_NOT_FOUND)
    if not may_mutate(floor, account):
        return Outcome(Cancel.ACCOUNT_REJECTED)
    if order.status is Status.PENDING_CANCELLATION:
        return Outcome(Cancel.PENDING)
    was_suspended = order.status is Status.SUSPENDED
    floor.put_status(order, Status.PENDING_CANCELLATION, now)
    if was_suspended:
        order.fills_at_most = 0
    floor.after(floor.switches.cancel_latency, lambda at: finish_cancel(floor, order, at), now=now)
    return Outcome()


def finish_cancel(floor: Floor, order: Order, now: datetime) -> None:
    """Cancel an order for good, with what hangs on it."""
    if order.is_terminal:
        return
    floor.put_status(order, Status.CANCELLED, now)
    if order.fill_volume:
        brackets.activate_children(floor, order, now)
        if not floor.net_size(order.account_id, order.contract.id):
            brackets.vanish_when_flat(floor, order.account_id, order.contract.id, now)
    brackets.drop_children(floor, order, now)
    sibling = floor.orders.get(order.sibling_id) if order.sibling_id is not None else None
    if sibling is not None and floor.switches.cancel_takes_sibling:
        brackets.cancel_all(floor, [sibling], now)


def modify(floor: Floor, account_id: int, order_id: int, *, to: Amendment, now: datetime) -> Outcome:
    """Change size or prices of an order that is not over."""
    account = floor.accounts.get(account_id)
    if account is None:
        return Outcome(Modify.ACCOUNT_NOT_FOUND)
    order = floor.orders.get(order_id)
    if order is None or order.account_id != account_id or order.is_terminal:
        return Outcome(Modify.ORDER_NOT_FOUND)
    if not may_mutate(floor, account):
        return Outcome(Modify.ACCOUNT_REJECTED)
    if order.status is Status.SUSPENDED and not floor.switches.modify_suspended:
        return Outcome(Modify.REJECTED)
    trouble = _trouble_with(order, to)
    if trouble is not None:
        return Outcome(Modify.REJECTED, trouble)
    _amend(floor, order, to)
    floor.tell_order(order, now)
    if order.status is Status.OPEN:
        match_one(floor, order, floor.market(order.contract), now)
    return Outcome()


def may_mutate(floor: Floor, account: Account) -> bool:
    """Whether cancels, changes and closes pass on this account."""
    if not account.spec.simulated and not floor.switches.live_accounts_may_mutate:
        return False
    return account.can_trade or floor.switches.locked_may_close


def record_rejected(floor: Floor, request: OrderRequest, now: datetime) -> Order:
    """Leave an order with status 5 in the books."""
    order = Order(
        id=floor.next_id("order"),
        account_id=request.account_id,
        contract=floor.listing.by_id[request.contract_id],
        created_at=now,
        updated_at=now,
        status=Status.REJECTED,
        type=Type(request.type) if request.type in set(Type) else Type.UNKNOWN,
        side=Side(request.side) if request.side in set(Side) else Side.BUY,
        size=max(request.size, 0),
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        custom_tag=request.custom_tag,
    )
    floor.add(order)
    floor.tell_order(order, now)
    return order


def _refused(floor: Floor, account: Account, request: OrderRequest, refusal: Objection, now: datetime) -> Outcome:
    leaves_trace = refusal.code == Place.ORDER_REJECTED and floor.switches.rejected_leave_trace
    if not leaves_trace:
        return Outcome(refusal.code, refusal.text)
    order = record_rejected(floor, request, now)
    if request.custom_tag is not None:
        account.tags.add(request.custom_tag)
    return Outcome(refusal.code, refusal.text, order.id)


def _trouble_with(order: Order, to: Amendment) -> str | None:
    if to.size is not None and to.size <= order.fill_volume:
        return "Invalid order size specified."
    for price in (to.limit_price, to.stop_price, to.trail_price):
        if price is not None and (price <= 0 or not order.contract.is_on_tick(price)):
            return "Invalid price specified. The price is not aligned to the tick size."
    return None


def _amend(floor: Floor, order: Order, to: Amendment) -> None:
    if to.size is not None:
        order.size = to.size
    if to.limit_price is not None and order.limit_price is not None:
        order.limit_price = to.limit_price
    if to.stop_price is not None and order.type is not Type.LIMIT:
        order.stop_price = to.stop_price
    if to.trail_price is not None and order.type is Type.TRAILING_STOP:
        market = floor.market(order.contract)
        order.trail_distance = int(abs(market.last - to.trail_price) / order.contract.tick_size)
        order.stop_price = None
