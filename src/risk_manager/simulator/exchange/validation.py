"""Why the venue would refuse an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from risk_manager.simulator.exchange.accounts import Account, BracketMode
from risk_manager.simulator.exchange.codes import Place
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.floor import Floor
from risk_manager.simulator.exchange.market import Market
from risk_manager.simulator.exchange.orders import Bracket, OrderRequest, Side, Type
from risk_manager.simulator.exchange.sessions import is_open

LEAST_STOP_TICKS = 4
MOST_TRAIL_TICKS = 1000
FARTHEST_LIMIT = Decimal("0.02")
STOPS = {Type.STOP, Type.STOP_LIMIT}
LIMITS = {Type.LIMIT, Type.STOP_LIMIT}


@dataclass(frozen=True, slots=True)
class Objection:
    """A refusal: the endpoint's error number and, mostly, a text."""

    code: int
    text: str | None = None


def rejected(text: str) -> Objection:
    """The venue's catch-all: number 2 with the reason in words."""
    return Objection(Place.ORDER_REJECTED, text)


def objection(floor: Floor, account: Account, request: OrderRequest, now: datetime) -> Objection | None:
    """The first reason to refuse the order; None when it may pass."""
    contract = floor.listing.by_id[request.contract_id]
    return (
        _about_account(floor, account)
        or _about_session(floor, contract, now)
        or _about_form(floor, account, request)
        or _about_size(floor, account, request)
        or _about_prices(floor, contract, request)
        or _about_brackets(account, request)
    )


def _about_account(floor: Floor, account: Account) -> Objection | None:
    if not account.can_trade:
        return Objection(
            floor.switches.locked_place_code,
            "Trading is locked on this account. The account may have violated a rule.",
        )
    if not account.spec.simulated and not floor.switches.live_accounts_may_mutate:
        return Objection(Place.ACCOUNT_REJECTED, "Orders are not accepted for live accounts.")
    return None


def _about_session(floor: Floor, contract: Contract, now: datetime) -> Objection | None:
    if not contract.is_active:
        return Objection(Place.CONTRACT_NOT_ACTIVE)
    if not is_open(floor.switches.session, now):
        return rejected("Trading is currently unavailable. The instrument is not in an active trading status.")
    return None


def _about_form(floor: Floor, account: Account, request: OrderRequest) -> Objection | None:
    tag = request.custom_tag
    kinds = set(Type) - {Type.UNKNOWN}
    if not floor.switches.stop_limit_accepted:
        kinds.discard(Type.STOP_LIMIT)
    if request.size <= 0:
        return rejected("Invalid order size specified.")
    if request.side not in set(Side):
        return rejected("Invalid order side specified.")
    if request.type not in kinds:
        return rejected("Invalid order type specified.")
    if tag is not None and tag in account.tags:
        return rejected("The specified custom tag is already in use.")
    longest = floor.switches.tag_length
    if tag is not None and longest is not None and len(tag) > longest:
        return rejected("The specified custom tag is too long.")
    return None


def _about_size(floor: Floor, account: Account, request: OrderRequest) -> Objection | None:
    most = account.spec.max_position
    if most is None:
        return None
    after = floor.net_size(account.id, request.contract_id) + Side(request.side).sign * request.size
    if abs(after) <= most:
        return None
    return rejected("Not enough margin: the maximum position of this account would be exceeded.")


def _about_prices(floor: Floor, contract: Contract, request: OrderRequest) -> Objection | None:
    market, kind = floor.market(contract), Type(request.type)
    if kind is Type.TRAILING_STOP:
        return _about_trail(contract, market.last, request.trail_price)
    trouble = _about_limit(contract, market, request.limit_price) if kind in LIMITS else None
    if trouble is None and kind in STOPS:
        trouble = _about_stop(contract, market, request)
    return trouble


def _about_limit(contract: Contract, market: Market, price: Decimal | None) -> Objection | None:
    if price is None or price <= 0 or not contract.is_on_tick(price):
        return rejected("Invalid limit price specified. The price is not aligned to the tick size.")
    if abs(price - market.last) > market.last * FARTHEST_LIMIT:
        return rejected("The order price is outside of the allowed range.")
    return None


def _about_stop(contract: Contract, market: Market, request: OrderRequest) -> Objection | None:
    price, buys = request.stop_price, request.side == Side.BUY
    if price is None or price <= 0 or not contract.is_on_tick(price):
        return rejected("Invalid stop price specified. The price is not aligned to the tick size.")
    if buys and price < market.ask:
        return rejected("Invalid price outside allowed range: it is set below the best ask.")
    if not buys and price > market.bid:
        return rejected("Invalid price outside allowed range: it is set above the best bid.")
    return None


def _about_trail(contract: Contract, last: Decimal, price: Decimal | None) -> Objection | None:
    if price is None:
        return rejected("The trail distance is not set.")
    if not contract.is_on_tick(price):
        return rejected("Invalid trail price specified. The price is not aligned to the tick size.")
    distance = abs(last - price) / contract.tick_size
    if distance == 0:
        return rejected("The trail distance is not set.")
    if distance > MOST_TRAIL_TICKS:
        return rejected("The trail distance exceeds the maximum.")
    return None


def _about_brackets(account: Account, request: OrderRequest) -> Objection | None:
    if request.stop_loss is None and request.take_profit is None:
        return None
    if account.bracket_mode is BracketMode.POSITION:
        return rejected("Brackets cannot be used with Position Brackets.")
    sign = Side(request.side).sign
    return _about_stop_loss(request.stop_loss, sign) or _about_take_profit(request.take_profit, sign)


def _about_stop_loss(bracket: Bracket | None, sign: int) -> Objection | None:
    if bracket is None:
        return None
    if bracket.ticks * sign > -LEAST_STOP_TICKS:
        return rejected(f"Invalid stop loss ticks ({bracket.ticks}).")
    if bracket.type not in {Type.STOP, Type.TRAILING_STOP}:
        return rejected("Invalid stop loss type specified.")
    return None


def _about_take_profit(bracket: Bracket | None, sign: int) -> Objection | None:
    if bracket is None:
        return None
    if bracket.ticks * sign <= 0:
        return rejected(f"Invalid take profit ticks ({bracket.ticks}).")
    if bracket.type != Type.LIMIT:
        return rejected("Invalid take profit type specified.")
    return None
