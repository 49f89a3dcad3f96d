"""Which orders a price fills, and what a fill does to position and balance."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from risk_manager.simulator.exchange import brackets
from risk_manager.simulator.exchange.accounts import Account, BracketMode, Costs, HalfTrade
from risk_manager.simulator.exchange.changes import (
    FLAT,
    AccountChanged,
    AccountRow,
    Change,
    PositionChanged,
    PositionRow,
    TradeMade,
)
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.floor import Floor
from risk_manager.simulator.exchange.lots import Position, Slice
from risk_manager.simulator.exchange.market import Market
from risk_manager.simulator.exchange.orders import IN_THE_MARKET, Order, Side, Status, Type
from risk_manager.simulator.exchange.sessions import is_open, trading_day
from risk_manager.simulator.switches import Reversal


def match(floor: Floor, contract: Contract, now: datetime) -> None:
    """Fill every working order of the contract that its market reaches."""
    orders = floor.working(contract.id)
    if not orders or not is_open(floor.switches.session, now):
        return
    market = floor.market(contract)
    for order in orders:
        if order.status in IN_THE_MARKET:
            match_one(floor, order, market, now)


def match_one(floor: Floor, order: Order, market: Market, now: datetime) -> None:
    """Fill one open order as far as its market allows at this moment."""
    price = price_for(order, market)
    if price is None:
        return
    limits = (floor.switches.liquidity, order.fills_at_most)
    size = min([order.remaining, *(limit for limit in limits if limit is not None)])
    fill(floor, order, size=size, price=price, now=now)
    if order.fills_at_most is not None and order.remaining:
        floor.put_status(order, Status.CANCELLED, now)


def price_for(order: Order, market: Market) -> Decimal | None:
    """The price at which the order fills now; None when the market does not reach it."""
    buys = order.side is Side.BUY
    touch = market.ask if buys else market.bid
    match order.type:
        case Type.MARKET:
            return touch
        case Type.LIMIT | Type.JOIN_BID | Type.JOIN_ASK:
            return _limited(order, touch)
        case Type.TRAILING_STOP:
            _trail(order, market)
    if not _stop_reached(order, market.last):
        return None
    return _limited(order, touch) if order.type is Type.STOP_LIMIT else touch


def _limited(order: Order, touch: Decimal) -> Decimal | None:
    limit = order.limit_price
    if limit is None or (touch > limit if order.side is Side.BUY else touch < limit):
        return None
    return touch


def _stop_reached(order: Order, last: Decimal) -> bool:
    stop = order.stop_price
    if order.is_triggered:
        return True
    if stop is None:
        return False
    order.is_triggered = last >= stop if order.side is Side.BUY else last <= stop
    return order.is_triggered


def _trail(order: Order, market: Market) -> None:
    if order.trail_distance is None or order.is_triggered:
        return
    away = order.trail_distance * order.contract.tick_size
    stop = order.stop_price
    if order.side is Side.SELL:
        order.stop_price = market.last - away if stop is None else max(stop, market.last - away)
    else:
        order.stop_price = market.last + away if stop is None else min(stop, market.last + away)


def fill(floor: Floor, order: Order, *, size: int, price: Decimal, now: datetime) -> None:
    """Fill part of an order: order, trades, position, account; then what hangs on it."""
    account = floor.accounts[order.account_id]
    account.begin(trading_day(now))
    before = floor.net_size(account.id, order.contract.id)
    order.fill_volume += size
    order.filled_value += price * size
    told: dict[str, list[Change]] = {"order": [], "trade": [], "position": [], "account": []}
    told["order"] = _order_told(floor, order, now)
    position = _held(floor, account, order.contract, now)
    for part in position.apply(order.side, size, price):
        if part.pnl is None and before * order.side.sign < 0:
            position = _reversed(floor, account, position, told["position"], now)
        trade = _half_trade(floor, order, part, price=price, now=now)
        account.balance += (trade.profit_and_loss or Decimal(0)) - trade.fees - trade.commissions
        account.day_costs += trade.fees + trade.commissions
        account.trades.append(trade)
        told["trade"].append(TradeMade(trade))
    if not position.net_size:
        account.positions.pop(order.contract.id, None)
    told["position"].append(PositionChanged(PositionRow.of(position)))
    told["account"].append(AccountChanged(AccountRow.of(account)))
    for kind in floor.switches.fill_sequence:
        floor.outbox.extend(told[kind])
    _follow_up(floor, order, size, before=before, now=now)


def _order_told(floor: Floor, order: Order, now: datetime) -> list[Change]:
    if not order.remaining:
        floor.put_status(order, Status.FILLED, now)
    else:
        floor.tell_order(order, now)
    return [floor.outbox.pop()]


def _held(floor: Floor, account: Account, contract: Contract, now: datetime) -> Position:
    position = account.positions.get(contract.id)
    if position is None:
        position = Position(floor.next_id("position"), account.id, contract, now)
        account.positions[contract.id] = position
    return position


def _reversed(floor: Floor, account: Account, position: Position, told: list[Change], now: datetime) -> Position:
    if floor.switches.reversal is Reversal.SAME_ROW:
        return position
    gone = replace(PositionRow.of(position), type=FLAT, size=0, average_price=position.last_average)
    told.append(PositionChanged(gone))
    position.id, position.created_at = floor.next_id("position"), now
    account.positions[position.contract.id] = position
    return position


def _half_trade(floor: Floor, order: Order, part: Slice, *, price: Decimal, now: datetime) -> HalfTrade:
    costs = Costs.of(order.contract)
    return HalfTrade(
        id=floor.next_id("trade"),
        account_id=order.account_id,
        contract=order.contract,
        created_at=now,
        price=price,
        profit_and_loss=part.pnl,
        fees=costs.fees * part.size,
        commissions=costs.commissions * part.size,
        side=order.side,
        size=part.size,
        order_id=order.id,
    )


def _follow_up(floor: Floor, order: Order, size: int, *, before: int, now: datetime) -> None:
    account_id, contract_id = order.account_id, order.contract.id
    account = floor.accounts[account_id]
    if order.is_leg:
        brackets.leg_filled(floor, order, size, now)
    if not order.remaining and order.parent_id is None:
        brackets.activate_children(floor, order, now)
    after = floor.net_size(account_id, contract_id)
    if before and not after:
        brackets.vanish_when_flat(floor, account_id, contract_id, now)
    exits_partly = bool(after) and before * order.side.sign < 0
    if exits_partly and not order.is_leg and floor.switches.partial_exit_cancels_legs and not order.is_closing:
        brackets.cancel_all(floor, brackets.legs_of(floor, account_id, contract_id), now)
    if account.bracket_mode is BracketMode.POSITION and after:
        brackets.protect_position(floor, account_id, contract_id, now)
