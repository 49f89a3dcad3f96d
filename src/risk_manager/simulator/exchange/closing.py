"""Closing positions: on request, by part, or by the platform itself."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from risk_manager.simulator.exchange import brackets
from risk_manager.simulator.exchange.accounts import Account
from risk_manager.simulator.exchange.codes import Close, PartialClose
from risk_manager.simulator.exchange.floor import Floor
from risk_manager.simulator.exchange.lots import Position
from risk_manager.simulator.exchange.matching import fill
from risk_manager.simulator.exchange.orders import Order, OrderRequest, Side, Status, Type
from risk_manager.simulator.exchange.placing import Outcome, activate, may_mutate, new_order, record_rejected
from risk_manager.simulator.exchange.sessions import is_open


class Subject(NamedTuple):
    """A position found to be closable."""

    account: Account
    position: Position


def close(floor: Floor, account_id: int, contract_id: str, now: datetime) -> Outcome:
    """Send a market order for the whole position; success means accepted, not filled."""
    found = _subject(floor, account_id, contract_id, Close)
    if isinstance(found, Outcome):
        return found
    request = _market_order(found.position, found.position.size)
    if not is_open(floor.switches.session, now):
        record_rejected(floor, request, now)
        return Outcome(floor.switches.closed_market_close_code)
    _send(floor, request, now)
    if floor.switches.close_cancels_resting:
        brackets.cancel_all(floor, _resting(floor, account_id, contract_id), now)
    return Outcome()


def partial_close(floor: Floor, account_id: int, contract_id: str, *, size: int, now: datetime) -> Outcome:
    """Send a market order for a part of the position."""
    found = _subject(floor, account_id, contract_id, PartialClose)
    if isinstance(found, Outcome):
        return found
    if not 0 < size <= found.position.size:
        return Outcome(PartialClose.INVALID_CLOSE_SIZE)
    request = _market_order(found.position, size)
    if not is_open(floor.switches.session, now):
        record_rejected(floor, request, now)
        return Outcome(PartialClose.ORDER_REJECTED)
    _send(floor, request, now)
    if floor.switches.partial_close_cancels_legs:
        brackets.cancel_all(floor, brackets.legs_of(floor, account_id, contract_id), now)
    return Outcome()


def liquidate(floor: Floor, account: Account, now: datetime) -> None:
    """Cancel everything, close everything at the market and lock the account, as the platform does."""
    account.can_trade = False
    for contract_id in list(floor.living):
        brackets.cancel_all(floor, floor.living_orders(contract_id, account.id), now)
    for position in list(account.positions.values()):
        order = new_order(floor, _market_order(position, position.size), now)
        order.id, order.is_closing, order.status = floor.next_id("order"), True, Status.OPEN
        floor.add(order)
        market = floor.market(position.contract)
        touch = market.ask if order.side is Side.BUY else market.bid
        fill(floor, order, size=order.size, price=touch, now=now)
    if floor.switches.pushes_can_trade:
        floor.tell_account(account)


def guard_limits(floor: Floor, account: Account, now: datetime) -> None:
    """Liquidate an account that has reached its daily or maximum loss limit, open losses included."""
    spec = account.spec
    has_limit = spec.daily_loss_limit is not None or spec.maximum_loss_limit is not None
    if not has_limit or not account.can_trade or not floor.switches.platform_liquidates:
        return
    equity = account.balance + open_pnl(floor, account)
    if not floor.switches.liquidation_counts_costs:
        equity += account.day_costs
    daily, maximum = spec.daily_loss_limit, spec.maximum_loss_limit
    if maximum is not None:
        line = min(account.high_balance - maximum, account.start_balance)
        if equity <= line:
            liquidate(floor, account, now)
            return
    if daily is not None and equity <= account.day_start_balance - daily:
        account.is_locked_for_the_day = True
        liquidate(floor, account, now)


def open_pnl(floor: Floor, account: Account) -> Decimal:
    """Gross dollars of the account's open positions."""
    total = Decimal(0)
    for position in account.positions.values():
        market = floor.market(position.contract)
        if floor.switches.liquidation_marks_last:
            total += position.open_pnl(bid=market.last, ask=market.last)
        else:
            total += position.open_pnl(bid=market.bid, ask=market.ask)
    return total


def _subject(floor: Floor, account_id: int, contract_id: str, codes: type[Close | PartialClose]) -> Subject | Outcome:
    account = floor.accounts.get(account_id)
    if account is None:
        return Outcome(codes.ACCOUNT_NOT_FOUND)
    if contract_id not in floor.listing.by_id:
        return Outcome(codes.CONTRACT_NOT_FOUND)
    if not may_mutate(floor, account):
        return Outcome(codes.ACCOUNT_REJECTED)
    position = account.positions.get(contract_id)
    if position is None:
        return Outcome(codes.POSITION_NOT_FOUND)
    if not position.contract.is_active:
        return Outcome(codes.CONTRACT_NOT_ACTIVE)
    return Subject(account, position)


def _market_order(position: Position, size: int) -> OrderRequest:
    return OrderRequest(
        account_id=position.account_id,
        contract_id=position.contract.id,
        type=Type.MARKET,
        side=Side.SELL if position.net_size > 0 else Side.BUY,
        size=size,
    )


def _send(floor: Floor, request: OrderRequest, now: datetime) -> None:
    order = new_order(floor, request, now)
    order.id, order.is_closing = floor.next_id("order"), True
    if floor.closes_cut_to:
        order.fills_at_most = floor.closes_cut_to.pop(0)
    floor.add(order)
    floor.tell_order(order, now)
    floor.after(floor.switches.fill_latency, lambda at: activate(floor, order, at), now=now)


def _resting(floor: Floor, account_id: int, contract_id: str) -> list[Order]:
    return [o for o in floor.living_orders(contract_id, account_id) if not o.is_closing]
