"""The stage: the exchange with its clock, its users, its listeners and what is to go wrong."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import datetime

from risk_manager.simulator import market_events, wire
from risk_manager.simulator.clock import VenueClock
from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.simulator.exchange.changes import AccountRow, PositionChanged, PositionRow
from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.exchange.exchange import Exchange
from risk_manager.simulator.faults import Deed, Faults
from risk_manager.simulator.hub_connection import HubConnection, Topic
from risk_manager.simulator.hubs import ACCOUNTS, DEPTH, MARKET, ORDERS, POSITIONS, PRINTS, QUOTES, TRADES, USER, Hubs
from risk_manager.simulator.log import VenueLog
from risk_manager.simulator.rate_limit import Limits
from risk_manager.simulator.switches import Switches
from risk_manager.simulator.tokens import Session, Sessions
from risk_manager.simulator.user_events import (
    UserEvent,
    account_data,
    order_data,
    position_data,
    snapshot_event,
    trade_data,
    user_events,
)

POSITIONS_REMEMBERED = 100


class Stage:
    """Everything that the endpoints, the hubs and the control interface share."""

    def __init__(
        self,
        *,
        users: dict[str, str],
        accounts: Iterable[AccountSpec],
        seed: int,
        switches: Switches,
        clock: VenueClock | None = None,
    ) -> None:
        self.clock = clock or VenueClock()
        self.log = VenueLog(self.clock)
        self.faults = Faults()
        self.limits = Limits()
        self.hubs = Hubs(self.log, self.faults)
        self.sessions = Sessions(users, seed=seed)
        self.exchange = Exchange(accounts=accounts, seed=seed, now=self.clock.now(), switches=switches)
        self.closing = asyncio.Event()
        self._positions_then: dict[int, deque[tuple[datetime, list[PositionRow]]]] = {}
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def switches(self) -> Switches:
        """The choices in force."""
        return self.exchange.switches

    # --- the exchange's changes on their way out ---

    def pump(self) -> None:
        """Let happen what is due, tell what has changed, and come back when the next thing is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.exchange.advance(self.clock.now())
        changes = self.exchange.drain()
        for change in changes:
            account = self.exchange.accounts[change.account_id]
            for event in user_events(change, account.owner, self.switches):
                self.log.note("truth", target=event.target, action=event.action, data=event.data)
                self.publish(event)
        self._remember_positions({c.account_id for c in changes if isinstance(c, PositionChanged)})
        due = self.exchange.floor.next_due()
        if due is not None and not self.closing.is_set():
            wait = (due - self.clock.now()).total_seconds()
            self._timer = self._loop.call_later(max(wait, 0), self.pump)

    def pump_soon(self) -> None:
        """Pump after the reply that is being made has left."""
        self._loop.call_soon(self.pump)

    def publish(self, event: UserEvent) -> None:
        """Tell an event of the user hub."""
        detail = {"action": event.action, "data": event.data}
        self.hubs.publish(event.topic, event.target, event.record(self.switches), detail=detail)

    def positions_shown(self, account_id: int) -> list[PositionRow]:
        """The positions that REST shows: those of a moment ago where the venue lags."""
        lag = self.switches.position_lag
        if not lag:
            return [PositionRow.of(p) for p in self.exchange.accounts[account_id].positions.values()]
        shown: list[PositionRow] = []
        for at, rows in self._positions_then.get(account_id, ()):
            if (self.clock.now() - at).total_seconds() >= lag:
                shown = rows
        return shown

    def _remember_positions(self, account_ids: set[int]) -> None:
        for account_id in account_ids:
            rows = [PositionRow.of(p) for p in self.exchange.accounts[account_id].positions.values()]
            then = self._positions_then.setdefault(account_id, deque(maxlen=POSITIONS_REMEMBERED))
            then.append((self.clock.now(), rows))

    def step_price(self, contract: Contract) -> None:
        """Let a price take one step, and tell it."""
        has_printed = self.exchange.walk(contract, self.clock.now())
        self.tell_price(contract, has_printed=has_printed)

    def tell_price(self, contract: Contract, *, has_printed: bool) -> None:
        """Tell the quote of a contract, and the print if there was one; fills come with it."""
        now, market = self.clock.now(), self.exchange.market(contract)
        self._send_owed_quotes(contract)
        record = market_events.sparse_quote(market, now, has_printed=has_printed)
        detail = contract.id if self.switches.log_quotes else None
        if self.switches.log_quotes:
            prices = {"contractId": contract.id, "bid": market.bid, "ask": market.ask, "last": market.last}
            self.log.note("truth", target="GatewayQuote", action=1, data=prices)
        self.hubs.publish((QUOTES, contract.id), "GatewayQuote", record, detail=detail)
        if has_printed and self.hubs.listeners((PRINTS, contract.id)):
            prints = market_events.prints(market, now, self.switches)
            self.hubs.publish((PRINTS, contract.id), "GatewayTrade", prints)
        if self.hubs.listeners((DEPTH, contract.id)):
            self.hubs.publish((DEPTH, contract.id), "GatewayDepth", market_events.depth(market, now))
        if self.exchange.floor.outbox:
            self.pump()

    def _send_owed_quotes(self, contract: Contract) -> None:
        for connection in self.hubs.listeners((QUOTES, contract.id)):
            if contract.id in connection.needs_full_quote:
                self._send_full_quote(connection, contract)

    def _send_full_quote(self, connection: HubConnection, contract: Contract) -> None:
        connection.needs_full_quote.discard(contract.id)
        market = self.exchange.market(contract)
        connection.send(market_events.full_quote(market, self.clock.now(), self.switches))

    # --- new listeners ---

    def welcome(self, connection: HubConnection, topic: Topic) -> None:
        """Tell a new listener how things stand, where the venue does so."""
        stream, key = topic
        if connection.hub == MARKET:
            self._welcome_to_market(connection, stream, str(key))
            return
        has_snapshot = self.switches.account_snapshot if stream == ACCOUNTS else self.switches.user_snapshot
        if not has_snapshot:
            return
        for data in self._standing(connection, stream, key):
            event = snapshot_event(stream, key, data)
            self.log.note("event", target=event.target, listeners=1, data={"action": 1, "data": data})
            connection.send(event.record(self.switches))

    def _standing(self, connection: HubConnection, stream: str, key: int | str) -> list[wire.Fields]:
        accounts, switches = self.exchange.accounts, self.switches
        if stream == ACCOUNTS:
            mine = [account for account in accounts.values() if account.owner == connection.caller]
            return [account_data(AccountRow.of(account), switches) for account in mine]
        account = accounts.get(int(key))
        if account is None or account.owner != connection.caller:
            return []
        if stream == ORDERS:
            living = [order for order in self.exchange.orders(account.id) if not order.is_terminal]
            return [order_data(order, switches) for order in living]
        if stream == POSITIONS:
            return [position_data(PositionRow.of(p), switches) for p in account.positions.values()]
        return [trade_data(trade, switches) for trade in account.trades] if stream == TRADES else []

    def _welcome_to_market(self, connection: HubConnection, stream: str, contract_id: str) -> None:
        contract = self.exchange.floor.listing.by_id.get(contract_id)
        if contract is None:
            return
        if stream == QUOTES:
            connection.needs_full_quote.add(contract.id)
            if self.switches.quote_snapshot:
                self._send_full_quote(connection, contract)
        if stream == DEPTH:
            connection.send(market_events.depth_snapshot(self.exchange.market(contract)))

    # --- sessions and hubs ---

    def evict(self, caller: str | None = None) -> None:
        """End sessions as the venue does: GatewayLogout on both hubs, then close; the tokens are dead."""
        name = "gatewaylogout" if self.switches.lower_case_logout else "GatewayLogout"
        record = wire.event_record(name, *self.switches.logout_arguments)
        self.log.note("event", target=name, listeners=len(self.hubs.connections), data=caller)
        self.sessions.revoke_all(caller)
        for hub in (USER, MARKET):
            for connection in self.hubs.of_hub(hub, caller):
                connection.send(record)
                connection.close("logout", may_return=False)

    def treat_hub(self, hub: str, deed: Deed) -> None:
        """Do something to a hub and all its connections."""
        if deed in {Deed.REFUSE, Deed.ADMIT}:
            (self.hubs.refused.add if deed is Deed.REFUSE else self.hubs.refused.discard)(hub)
            return
        for connection in self.hubs.of_hub(hub):
            match deed:
                case Deed.DROP:
                    connection.drop("fault")
                case Deed.CLOSE | Deed.CLOSE_FOR_GOOD:
                    connection.close("fault", may_return=deed is Deed.CLOSE)
                case Deed.FREEZE | Deed.FREEZE_EVENTS:
                    connection.freeze(pings_too=deed is Deed.FREEZE)
                case Deed.THAW:
                    connection.thaw()

    def drop_expired(self, session: Session) -> None:
        """Drop the connections of a token that has run out, if the venue does so."""
        if not self.switches.hub_drops_at_expiry:
            return
        for connection in list(self.hubs.connections):
            if connection.session is session:
                connection.drop("token expired")

    def stop(self) -> None:
        """End what waits."""
        self.closing.set()
        if self._timer is not None:
            self._timer.cancel()
