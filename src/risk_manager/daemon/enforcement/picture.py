"""A full picture of one account, read by REST into the one event that replaces what was believed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from risk_manager.core.events import Reconciled
from risk_manager.core.model.order import Order, OrderType
from risk_manager.core.state.trades import TRADES_KEPT
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from risk_manager.gateway.port import Venue

LOOK_BACK = timedelta(hours=1)
"""How far before the trading day's start trades are read: the longest sliding window of a rule."""


async def read_positions(venue: Venue, account_id: int, clock: Clock, *, own: OwnOrders) -> Reconciled:
    """Read working orders, then positions: a fill between the two shows in the positions, never in neither.

    Raises `GatewayError`.
    """
    as_of = clock.now()
    orders = await venue.working_orders(account_id)
    positions = await venue.positions(account_id)
    return Reconciled(
        at=clock.now(),
        account_id=account_id,
        positions=positions,
        orders=orders,
        own_order_ids=ours_among(orders, own, as_of),
        as_of=as_of,
    )


async def read_everything(
    venue: Venue, account_id: int, clock: Clock, *, day_starts_at: datetime, looks_back: timedelta, own: OwnOrders
) -> Reconciled:
    """Read trades and ended orders too, so that counters come out as if nobody had ever looked away.

    They are those of the day, and all of the last `looks_back`; none from before what is kept anyway.

    Raises `GatewayError`.
    """
    since = min(day_starts_at - LOOK_BACK, clock.now() - min(looks_back + LOOK_BACK, TRADES_KEPT))
    past = await venue.orders_since(account_id, since)
    as_of = clock.now()  # not before: right after a login only their stamps tell the time finer than to a second
    orders = await venue.working_orders(account_id)
    positions = await venue.positions(account_id)
    trades = await venue.trades(account_id, since)
    return Reconciled(
        at=clock.now(),
        account_id=account_id,
        positions=positions,
        orders=orders,
        trades=trades,
        own_order_ids=ours_among((*past, *orders), own, as_of),
        as_of=as_of,
    )


def ours_among(orders: Iterable[Order], own: OwnOrders, at: datetime) -> frozenset[int]:
    """Find the daemon's own among orders that were read: its close that still works is not the trader's order."""
    return frozenset(order.order_id for order in orders if _is_ours(order, own, at))


def _is_ours(order: Order, own: OwnOrders, at: datetime) -> bool:
    if order.tag is not None:
        return own.is_own_tag(order.tag)
    is_exit = order.type is OrderType.MARKET
    return is_exit and order.created_at is not None and own.claims_order(order, at)
