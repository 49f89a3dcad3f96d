"""Protective orders that hang on an entry or on a position, of which only one may fill."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from risk_manager.simulator.exchange.floor import Floor
from risk_manager.simulator.exchange.orders import Bracket, Order, OrderRequest, Side, Status, Type

LONGEST_LINGER = 2.0


def entry_with_children(floor: Floor, entry: Order, request: OrderRequest) -> list[Order]:
    """The entry between its suspended children, in the order in which the venue tells them."""
    stop = _child(entry, request.stop_loss, suffix="-SL")
    target = _child(entry, request.take_profit, suffix="-TP")
    if stop is not None:
        stop.id = floor.next_id("order")
    entry.id = floor.next_id("order")
    if target is not None:
        target.id = floor.next_id("order")
    family = [order for order in (stop, entry, target) if order is not None]
    for order in family:
        order.parent_id = None if order is entry else entry.id
    if stop is not None and target is not None:
        target.linked_id = stop.id
        target.sibling_id, stop.sibling_id = stop.id, target.id
    return family


def activate_children(floor: Floor, entry: Order, now: datetime) -> None:
    """Put the children of a filled entry into the market, at prices counted from its fill."""
    price = entry.filled_price
    if price is None:
        return
    for child in _children(floor, entry):
        if child.status is not Status.SUSPENDED:
            continue
        child.size = entry.fill_volume
        _set_price(child, child.contract.rounded(price) + child.ticks * child.contract.tick_size)
        floor.put_status(child, Status.OPEN, now)


def drop_children(floor: Floor, entry: Order, now: datetime) -> None:
    """Cancel the children of an entry that ended without a fill."""
    for child in _children(floor, entry):
        if child.status is Status.SUSPENDED:
            floor.put_status(child, Status.CANCELLED, now)


def leg_filled(floor: Floor, leg: Order, size: int, now: datetime) -> None:
    """One of a pair has filled: take as much off the other, and cancel it when nothing is left."""
    sibling = floor.orders.get(leg.sibling_id) if leg.sibling_id is not None else None
    if sibling is None or sibling.is_terminal:
        return
    if leg.remaining and sibling.remaining > size:
        sibling.size -= size
        floor.tell_order(sibling, now)
        return
    floor.put_status(sibling, Status.CANCELLED, now)


def vanish_when_flat(floor: Floor, account_id: int, contract_id: str, now: datetime) -> None:
    """Let the legs of a position that has just been closed disappear, as the platform does."""
    if not floor.switches.legs_vanish:
        return
    legs = legs_of(floor, account_id, contract_id)
    if not legs:
        return
    linger = floor.switches.legs_vanish_after
    if linger is None:
        linger = floor.random.uniform(0, LONGEST_LINGER)
    if linger <= 0:
        cancel_all(floor, legs, now)
        return
    floor.after(linger, lambda at: cancel_all(floor, legs, at), now=now)


def legs_of(floor: Floor, account_id: int, contract_id: str) -> list[Order]:
    """Legs in the market for that contract; children still waiting for their entry are none."""
    return [
        order
        for order in floor.living_orders(contract_id, account_id)
        if order.is_leg and order.status is not Status.SUSPENDED
    ]


def cancel_all(floor: Floor, orders: list[Order], now: datetime) -> None:
    """Cancel those of the orders that are not over."""
    for order in orders:
        if not order.is_terminal:
            floor.put_status(order, Status.CANCELLED, now)


def protect_position(floor: Floor, account_id: int, contract_id: str, now: datetime) -> None:
    """Make or adjust the platform's own stop and target of a position (Position Brackets)."""
    spec = floor.accounts[account_id].spec
    position = floor.position(account_id, contract_id)
    cancel_all(floor, legs_of(floor, account_id, contract_id), now)
    if position is None or not position.net_size:
        return
    side = Side.SELL if position.net_size > 0 else Side.BUY
    wanted = ((spec.position_stop_ticks, Type.STOP, -1), (spec.position_target_ticks, Type.LIMIT, 1))
    pair = []
    for ticks, kind, direction in wanted:
        if ticks is None:
            continue
        away = ticks * direction * side.opposite.sign * position.contract.tick_size
        order = Order(
            id=floor.next_id("order"), account_id=account_id, contract=position.contract,
            created_at=now, updated_at=now, status=Status.OPEN, type=kind, side=side, size=position.size,
        )  # fmt: skip
        _set_price(order, position.contract.rounded(position.average_price) + away)
        pair.append(order)
    _pair_up(pair)
    for order in pair:
        floor.add(order)
        floor.tell_order(order, now)


def _pair_up(pair: list[Order]) -> None:
    if len(pair) == 1:
        pair[0].sibling_id = -1
        return
    if pair:
        stop, target = pair
        stop.sibling_id, target.sibling_id = target.id, stop.id
        target.linked_id = stop.id


def _child(entry: Order, bracket: Bracket | None, *, suffix: str) -> Order | None:
    if bracket is None:
        return None
    return Order(
        id=0,
        account_id=entry.account_id,
        contract=entry.contract,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        status=Status.SUSPENDED,
        type=Type(bracket.type),
        side=entry.side.opposite,
        size=entry.size,
        custom_tag=None if entry.custom_tag is None else entry.custom_tag + suffix,
        ticks=bracket.ticks,
    )


def _children(floor: Floor, entry: Order) -> list[Order]:
    living = floor.living_orders(entry.contract.id, entry.account_id)
    return [order for order in living if order.parent_id == entry.id]


def _set_price(order: Order, price: Decimal) -> None:
    if order.type is Type.LIMIT:
        order.limit_price = price
        return
    order.stop_price = price
    if order.type is Type.TRAILING_STOP:
        order.trail_distance = abs(order.ticks)
