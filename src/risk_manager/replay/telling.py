"""From what a story says to the engine's events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    ClockTicked,
    EnforcementFinished,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    LockCleared,
    LockRequested,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    TradeReported,
)
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.replay.story import Happening, Story, StoryUnreadableError, contract_id, decimal_or_none, instant


@dataclass(slots=True)
class Teller:
    """Remembers the story's own last words, from which a restarted daemon reads positions and orders anew."""

    story: Story
    positions: dict[tuple[int, str], Position] = field(default_factory=dict)
    orders: dict[tuple[int, int], Order] = field(default_factory=dict)
    own_orders: set[int] = field(default_factory=set)

    def event(self, happening: Happening) -> Event:
        """Translate what happened; raise `StoryUnreadableError` for what a story cannot tell."""
        try:
            return self._event(happening)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            where = f"{self.story.path}:{happening.line}"
            raise StoryUnreadableError(f"{where}: {happening.kind}: {type(error).__name__}: {error}") from error

    def last_words(self, account_id: int, at: datetime) -> Reconciled:
        """Make the full picture of an account as the story last told of it."""
        return Reconciled(
            at=at,
            account_id=account_id,
            positions=tuple(one for (owner, _), one in self.positions.items() if owner == account_id and one.net_size),
            orders=tuple(one for (owner, _), one in self.orders.items() if owner == account_id and one.is_working),
            own_order_ids=frozenset(self.own_orders),
        )

    def _event(self, happening: Happening) -> Event:
        at, account_id, fields = happening.at, happening.account_id, happening.fields
        match happening.kind:
            case "position":
                return PositionUpdated(at=at, position=self._position(account_id, fields, at))
            case "order":
                order = self._order(account_id, fields, at)
                return OrderUpdated(at=at, order=order, ours=bool(fields.get("ours", False)))
            case "trade":
                trade = self._trade(account_id, fields, at)
                return TradeReported(at=at, trade=trade, ours=bool(fields.get("ours", False)))
            case "quote":
                last, bid, ask = (decimal_or_none(fields.get(name)) for name in ("last", "bid", "ask"))
                return QuoteUpdated(at=at, contract_id=contract_id(fields["contract"]), last=last, bid=bid, ask=ask)
            case "reconciled":
                return self._reconciled(account_id, fields, at)
            case _:
                return self._about_the_daemon(happening)

    def _about_the_daemon(self, happening: Happening) -> Event:  # noqa: PLR0911 - one case an event
        at, account_id, fields = happening.at, happening.account_id, happening.fields
        match happening.kind:
            case "account" if fields.get("missing"):
                return AccountVanished(at=at, account_id=account_id)
            case "account":
                return AccountUpdated(
                    at=at,
                    account_id=account_id,
                    can_trade=fields.get("can_trade"),
                    balance=decimal_or_none(fields.get("balance")),
                )
            case "admin" if "clear" in fields:
                return LockCleared(at=at, account_id=account_id, rule=fields["clear"], root=fields.get("root"))
            case "admin" if "lock_now" in fields:
                until = (fields["lock_now"] or {}).get("until")
                ends = None if until is None else instant(until, self.story.start, self.story.path)
                return LockRequested(at=at, account_id=account_id, until=ends)
            case "clock":
                return ClockTicked(at=at)
            case "feed":
                return _feed(fields, at)
            case "enforced":
                named = fields.get("contract")
                return EnforcementFinished(
                    at=at,
                    account_id=account_id,
                    ok=bool(fields["ok"]),
                    contract_id=None if named is None else contract_id(named),
                )
        raise ValueError("no such event")

    def _position(self, account_id: int, fields: Mapping[str, Any], at: datetime) -> Position:
        contract = contract_id(fields["contract"])
        sign = {"long": 1, "short": -1, "flat": 0}[fields["side"]]
        known = self.positions.get((account_id, contract))
        opened_at = known.opened_at if known is not None and known.net_size else at
        if "opened" in fields:
            opened_at = instant(fields["opened"], self.story.start, self.story.path)
        position = Position(
            account_id=account_id,
            contract_id=contract,
            net_size=sign * int(fields.get("size", 0)),
            average_price=Decimal(str(fields.get("price", 0))),
            position_id=int(fields.get("id", 1)),
            opened_at=opened_at,
        )
        self.positions[account_id, contract] = position
        return position

    def _order(self, account_id: int, fields: Mapping[str, Any], at: datetime) -> Order:
        updated = fields.get("updated")
        parent = fields.get("parent")
        order = Order(
            order_id=int(fields["id"]),
            account_id=account_id,
            contract_id=contract_id(fields["contract"]),
            type=OrderType(fields["type"]),
            side=OrderSide(fields["side"]),
            size=int(fields["size"]),
            status=OrderStatus(fields.get("status", "open")),
            filled_size=int(fields.get("filled", 0)),
            limit_price=decimal_or_none(fields.get("limit")),
            stop_price=decimal_or_none(fields.get("stop")),
            tag=fields.get("tag"),
            parent_id=None if parent is None else int(parent),
            updated_at=at if updated is None else instant(updated, self.story.start, self.story.path),
        )
        self.orders[account_id, order.order_id] = order
        if fields.get("ours"):
            self.own_orders.add(order.order_id)
        return order

    def _trade(self, account_id: int, fields: Mapping[str, Any], at: datetime) -> Trade:
        time = fields.get("time")
        return Trade(
            trade_id=int(fields["id"]),
            account_id=account_id,
            contract_id=contract_id(fields["contract"]),
            order_id=int(fields["order"]),
            side=OrderSide(fields["side"]),
            size=int(fields["size"]),
            price=Decimal(str(fields["price"])),
            at=at if time is None else instant(time, self.story.start, self.story.path),
            realized_pnl=decimal_or_none(fields.get("pnl")),
            fees=Decimal(str(fields.get("fees", 0))),
            commissions=Decimal(str(fields.get("commissions", 0))),
            voided=bool(fields.get("voided", False)),
        )

    def _reconciled(self, account_id: int, fields: Mapping[str, Any], at: datetime) -> Reconciled:
        positions = tuple(self._position(account_id, one, at) for one in fields.get("positions") or ())
        shown = {(account_id, one.contract_id) for one in positions}
        for key in [key for key in self.positions if key[0] == account_id and key not in shown]:
            del self.positions[key]
        for order in [key for key in self.orders if key[0] == account_id]:
            del self.orders[order]
        return Reconciled(
            at=at,
            account_id=account_id,
            positions=positions,
            orders=tuple(self._order(account_id, one, at) for one in fields.get("orders") or ()),
            trades=tuple(self._trade(account_id, one, at) for one in fields.get("trades") or ()),
            own_order_ids=frozenset(self.own_orders),
        )


def _feed(fields: Mapping[str, Any], at: datetime) -> Event:
    ((name, state),) = fields.items()
    if state == "down":
        return FeedLost(at=at, feed=Feed(name))
    if state == "up":
        return FeedRestored(at=at, feed=Feed(name))
    raise ValueError("a feed is up or down")
