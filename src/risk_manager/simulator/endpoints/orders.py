"""The endpoints of Order."""

from __future__ import annotations

from msgspec import UNSET

from risk_manager.simulator import requests, wire
from risk_manager.simulator.endpoints.call import BadPaging, Call, Reply, envelope, failure, is_within, success
from risk_manager.simulator.exchange import codes
from risk_manager.simulator.exchange.orders import Bracket, Order, OrderRequest, Status
from risk_manager.simulator.exchange.placing import Amendment


def search_orders(call: Call, body: requests.OrderSearch) -> Reply:
    """Order/search: every status, by creation, oldest first."""
    if call.account(body.account_id) is None:
        return failure(codes.Search.ACCOUNT_NOT_FOUND, orders=None)
    found = [
        order
        for order in call.stage.exchange.orders(body.account_id)
        if is_within(order.created_at, body.start_timestamp, body.end_timestamp)
    ]
    return success(orders=_rows(found))


def search_open_orders(call: Call, body: requests.ByAccount) -> Reply:
    """Order/searchOpen: status 1 only; suspended children are left out."""
    switches = call.stage.switches
    if call.account(body.account_id) is None:
        return failure(codes.Search.ACCOUNT_NOT_FOUND, orders=None)
    shown = {Status.OPEN}
    if switches.search_open_shows_pending:
        shown |= {Status.PENDING, Status.PENDING_CANCELLATION}
    rows = _rows([o for o in call.stage.exchange.orders(body.account_id) if o.status in shown])
    if switches.search_open_lacks_symbol:
        for row in rows:
            del row["symbolId"]
    return success(orders=rows)


def order_by_id(call: Call, body: requests.ByOrder) -> Reply:
    """Order/searchById: 1 is an order that was not found."""
    order = call.stage.exchange.floor.orders.get(body.order_id)
    if call.account(body.account_id) is None or order is None or order.account_id != body.account_id:
        return failure(1, order=None)
    return success(order=_rows([order])[0])


def query_orders(call: Call, body: requests.OrderQuery) -> Reply:
    """Order/v2/query: filtered, sorted, by pages; newest first unless told otherwise."""
    cap = call.stage.switches.query_page_cap
    size = 100 if body.page_size is None else body.page_size
    offset = body.page_offset or 0
    if not 0 < size <= cap or offset < 0 or body.sort_by not in {None, 0, 1}:
        raise BadPaging(f"pageSize must be between 1 and {cap}, pageOffset must not be negative.")
    if call.account(body.filter.account_id) is None:
        return failure(codes.Search.ACCOUNT_NOT_FOUND, orders=None, totalCount=None)
    found = [o for o in call.stage.exchange.orders(body.filter.account_id) if _passes(o, body.filter)]
    found.sort(key=lambda o: (o.id,) if body.sort_by == 1 else (o.created_at, o.id))
    if body.sort_direction in {None, 1}:
        found.reverse()
    total = len(found) if body.include_total_count else None
    first = offset * size if call.stage.switches.query_offset_counts_pages else offset
    return success(orders=_rows(found[first : first + size]), totalCount=total)


def place_order(call: Call, body: requests.PlaceOrder) -> Reply:
    """Order/place."""
    if call.account(body.account_id) is None:
        return failure(codes.Place.ACCOUNT_NOT_FOUND, orderId=None)
    outcome = call.stage.exchange.place(order_request(body), call.now)
    if outcome.is_success:
        return success(orderId=outcome.order_id)
    return failure(outcome.code, outcome.text, orderId=outcome.order_id)


def order_request(body: requests.PlaceOrder) -> OrderRequest:
    """The exchange's form of a request."""
    stop, target = body.stop_loss_bracket, body.take_profit_bracket
    return OrderRequest(
        account_id=body.account_id,
        contract_id=body.contract_id,
        type=body.type,
        side=body.side,
        size=body.size,
        limit_price=body.limit_price,
        stop_price=body.stop_price,
        trail_price=body.trail_price,
        custom_tag=body.custom_tag,
        stop_loss=None if stop is None else Bracket(stop.ticks, stop.type),
        take_profit=None if target is None else Bracket(target.ticks, target.type),
    )


def modify_order(call: Call, body: requests.ModifyOrder) -> Reply:
    """Order/modify."""
    if call.account(body.account_id) is None:
        return failure(codes.Modify.ACCOUNT_NOT_FOUND)
    values = (body.size, body.limit_price, body.stop_price, body.trail_price)
    if None in values and not call.stage.switches.modify_null_keeps:
        return failure(codes.Modify.REJECTED)
    to = Amendment(
        size=None if body.size is UNSET else body.size,
        limit_price=None if body.limit_price is UNSET else body.limit_price,
        stop_price=None if body.stop_price is UNSET else body.stop_price,
        trail_price=None if body.trail_price is UNSET else body.trail_price,
    )
    return envelope(call.stage.exchange.modify(body.account_id, body.order_id, to=to, now=call.now))


def cancel_order(call: Call, body: requests.ByOrder) -> Reply:
    """Order/cancel."""
    if call.account(body.account_id) is None:
        return failure(codes.Cancel.ACCOUNT_NOT_FOUND)
    return envelope(call.stage.exchange.cancel(body.account_id, body.order_id, call.now))


def _rows(orders: list[Order]) -> list[Reply]:
    return [wire.order_fields(order, wire.rest_instant) for order in orders]


def _passes(order: Order, wanted: requests.OrderFilter) -> bool:
    if wanted.statuses and order.status not in wanted.statuses:
        return False
    if wanted.contract_id is not None and order.contract.id != wanted.contract_id:
        return False
    return is_within(order.created_at, wanted.created_after, wanted.created_before)
