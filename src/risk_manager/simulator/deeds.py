"""What the control interface can do, each deed with the form of its order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from risk_manager.simulator.control_bodies import (
    AccountDeed,
    ByAccountDeed,
    ClockDeed,
    CloseDeed,
    CutDeed,
    HubDeed,
    ModifyDeed,
    Nothing,
    OrderDeed,
    PlaceDeed,
    PriceDeed,
    RawDeed,
    SessionDeed,
    SessionEndDeed,
    VoidDeed,
)
from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.orders import Bracket, OrderRequest, Side, Type
from risk_manager.simulator.exchange.placing import Amendment, Outcome
from risk_manager.simulator.faults import Deed, EventFault, RestFault
from risk_manager.simulator.hubs import MARKET, USER
from risk_manager.simulator.stage import Stage

Result = dict[str, Any] | None


class Unusable(ValueError):  # noqa: N818 - it is the order that is unusable
    """An order names an account, contract or position that is not there."""


class Deeds:
    """Carries the orders out."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    # --- as the trader ---

    def place(self, order: PlaceDeed) -> Result:
        """Place an order."""
        stop, target = order.stop_loss_ticks, order.take_profit_ticks
        request = OrderRequest(
            account_id=order.account,
            contract_id=self.contract(order.contract).id,
            type=_named(Type, order.type),
            side=_named(Side, order.side),
            size=order.size,
            limit_price=order.limit,
            stop_price=order.stop,
            trail_price=order.trail,
            custom_tag=order.tag,
            stop_loss=None if stop is None else Bracket(stop, Type.STOP),
            take_profit=None if target is None else Bracket(target, Type.LIMIT),
        )
        return _told(self._stage.exchange.place(request, self._now))

    def cancel(self, order: OrderDeed) -> Result:
        """Cancel an order."""
        return _told(self._stage.exchange.cancel(order.account, order.order, self._now))

    def modify(self, order: ModifyDeed) -> Result:
        """Change an order."""
        to = Amendment(order.size, order.limit, order.stop, order.trail)
        return _told(self._stage.exchange.modify(order.account, order.order, to=to, now=self._now))

    def close(self, order: CloseDeed) -> Result:
        """Close a position or a part of it."""
        contract_id, exchange = self.contract(order.contract).id, self._stage.exchange
        if order.size is None:
            return _told(exchange.close(order.account, contract_id, self._now))
        return _told(exchange.partial_close(order.account, contract_id, size=order.size, now=self._now))

    # --- as the market ---

    def price(self, order: PriceDeed) -> Result:
        """Move a price and tell the quote."""
        contract = self.contract(order.contract)
        market, last = self._stage.exchange.market(contract), order.last
        if order.ticks is not None:
            last = market.last + order.ticks * contract.tick_size
        prices = {"last": last, "bid": order.bid, "ask": order.ask}
        if any(price is not None and not contract.is_on_tick(price) for price in prices.values()):
            raise Unusable(f"prices of {contract.name} go in steps of {contract.tick_size}")
        self._stage.exchange.put_price(contract, self._now, **prices)
        self._stage.tell_price(contract, has_printed=True)
        return {"bid": str(market.bid), "ask": str(market.ask), "last": str(market.last)}

    def clock(self, order: ClockDeed) -> Result:
        """Set the venue's clock."""
        instant = order.at if order.at is not None else self._now
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        self._stage.clock.set(instant + timedelta(seconds=order.advance or 0))
        return {"now": self._now.isoformat()}

    def session(self, order: SessionDeed) -> Result:
        """Open or close the market."""
        return self.switches({"session": order.gate.value})

    # --- as the platform ---

    def account(self, order: AccountDeed) -> Result:
        """Change flags or balance."""
        account = self._stage.exchange.accounts[self._known(order.account)]
        if order.bracket_mode is not None:
            account.bracket_mode = order.bracket_mode
        if order.can_trade is not None:
            self._stage.exchange.set_can_trade(account.id, allowed=order.can_trade)
        if order.deposit is not None:
            self._stage.exchange.adjust_balance(account.id, order.deposit)
        return None

    def add_account(self, spec: dict[str, Any]) -> Result:
        """Open an account."""
        opened = self._stage.exchange.open_account(msgspec.convert(spec, AccountSpec), self._now)
        self._stage.exchange.floor.tell_account(opened)
        return {"account": opened.id}

    def liquidate(self, order: ByAccountDeed) -> Result:
        """Flatten and lock an account."""
        self._stage.exchange.liquidate(self._known(order.account), self._now)
        return None

    def reset_account(self, order: ByAccountDeed) -> Result:
        """End an account; it lives on under a new id."""
        return {"account": self._stage.exchange.reset_account(self._known(order.account), self._now).id}

    def void_trade(self, order: VoidDeed) -> Result:
        """Declare a half-trade void, as after a bust."""
        if not self._stage.exchange.void_trade(self._known(order.account), order.trade):
            raise Unusable(f"no such trade: {order.trade}")
        return None

    def switches(self, values: dict[str, Any]) -> Result:
        """Change switches by name."""
        self._stage.exchange.switches = self._stage.switches.changed(values)
        self._stage.limits.forget()
        return msgspec.to_builtins(self._stage.switches)  # type: ignore[no-any-return]  # a dict, for a dataclass

    # --- as bad luck ---

    def rest_fault(self, fault: RestFault) -> Result:
        """Order a fault for the next requests of an endpoint."""
        self._stage.faults.rest.append(fault)
        return None

    def event_fault(self, fault: EventFault) -> Result:
        """Order a fault for the next events of a name."""
        self._stage.faults.events.append(fault)
        return None

    def hub(self, order: HubDeed) -> Result:
        """Treat one hub or both."""
        for hub in (USER, MARKET) if order.hub == "both" else (order.hub,):
            self._stage.treat_hub(hub, order.deed)
        return None

    def raw(self, order: RawDeed) -> Result:
        """Send text to every client of a hub."""
        for connection in self._stage.hubs.of_hub(order.hub):
            connection.send(order.text.encode() * order.times)
        return None

    def logout(self, order: SessionEndDeed) -> Result:
        """Send GatewayLogout, close the hubs, kill the tokens."""
        self._stage.evict(order.user)
        return None

    def expire_tokens(self, _: Nothing) -> Result:
        """Let every token run out."""
        self._stage.sessions.expire_all(self._now)
        for connection in list(self._stage.hubs.connections):
            self._stage.drop_expired(connection.session)
        return None

    def cut_close(self, order: CutDeed) -> Result:
        """Let the next close fill only in part."""
        self._stage.exchange.cut_next_close(order.contracts)
        return None

    def clear_faults(self, _: Nothing) -> Result:
        """Let nothing more go wrong."""
        self._stage.faults.clear()
        for hub in (USER, MARKET):
            self._stage.treat_hub(hub, Deed.THAW)
            self._stage.treat_hub(hub, Deed.ADMIT)
        return None

    # --- inner ---

    def contract(self, name: str) -> Contract:
        """The contract of a root, a name or an id; raises Unusable when there is none."""
        contract = self._stage.exchange.floor.listing.find(name)
        if contract is None:
            raise Unusable(f"no such contract: {name}")
        return contract

    @property
    def _now(self) -> datetime:
        return self._stage.clock.now()

    def _known(self, account_id: int) -> int:
        if account_id not in self._stage.exchange.accounts:
            raise Unusable(f"no such account: {account_id}")
        return account_id


def _named(kind: type[Type | Side], name: str) -> int:
    try:
        return kind[name.upper()]
    except KeyError:
        raise Unusable(f"no such {kind.__name__.lower()}: {name}") from None


def _told(outcome: Outcome) -> Result:
    return {
        "success": outcome.is_success,
        "code": int(outcome.code),
        "text": outcome.text,
        "order": outcome.order_id,
    }


DEEDS: dict[str, tuple[Any, Callable[[Deeds, Any], Result]]] = {
    "place": (PlaceDeed, Deeds.place),
    "cancel": (OrderDeed, Deeds.cancel),
    "modify": (ModifyDeed, Deeds.modify),
    "close": (CloseDeed, Deeds.close),
    "price": (PriceDeed, Deeds.price),
    "clock": (ClockDeed, Deeds.clock),
    "session": (SessionDeed, Deeds.session),
    "account": (AccountDeed, Deeds.account),
    "accounts/add": (dict[str, Any], Deeds.add_account),
    "liquidate": (ByAccountDeed, Deeds.liquidate),
    "reset_account": (ByAccountDeed, Deeds.reset_account),
    "void_trade": (VoidDeed, Deeds.void_trade),
    "switches": (dict[str, Any], Deeds.switches),
    "faults/rest": (RestFault, Deeds.rest_fault),
    "faults/event": (EventFault, Deeds.event_fault),
    "faults/cut_close": (CutDeed, Deeds.cut_close),
    "faults/clear": (Nothing, Deeds.clear_faults),
    "hub": (HubDeed, Deeds.hub),
    "raw": (RawDeed, Deeds.raw),
    "logout": (SessionEndDeed, Deeds.logout),
    "expire_tokens": (Nothing, Deeds.expire_tokens),
}
