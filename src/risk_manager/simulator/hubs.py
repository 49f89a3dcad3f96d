"""The two hubs: who listens to what, and what he is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from risk_manager.signalr.messages import Invocation
from risk_manager.simulator.faults import EventDeed, Faults
from risk_manager.simulator.hub_connection import HubConnection, Topic, argument
from risk_manager.simulator.log import VenueLog

USER, MARKET = "user", "market"
ACCOUNTS, ORDERS, POSITIONS, TRADES = "Accounts", "Orders", "Positions", "Trades"
QUOTES, PRINTS, DEPTH = "ContractQuotes", "ContractTrades", "ContractMarketDepth"
STREAMS: dict[str, dict[str, type[int | str] | None]] = {
    USER: {ACCOUNTS: None, ORDERS: int, POSITIONS: int, TRADES: int},
    MARKET: {QUOTES: str, PRINTS: str, DEPTH: str},
}


class Hubs:
    """Subscriptions by topic, with the faults that were ordered for events."""

    def __init__(self, log: VenueLog, faults: Faults) -> None:
        self._log = log
        self._faults = faults
        self.connections: set[HubConnection] = set()
        self.refused: set[str] = set()
        self._listeners: dict[Topic, set[HubConnection]] = {}

    # --- who listens ---

    def topics(self) -> Iterable[Topic]:
        """What somebody listens to."""
        return [topic for topic, listeners in self._listeners.items() if listeners]

    def listeners(self, topic: Topic) -> set[HubConnection]:
        """Who listens to a topic."""
        return self._listeners.get(topic, set())

    def add(self, connection: HubConnection) -> None:
        """Welcome a connection; it listens to nothing yet."""
        self.connections.add(connection)
        self._log.note("connect", hub=connection.hub, connection=connection.number, user=connection.caller)

    def remove(self, connection: HubConnection) -> None:
        """Forget a connection with its subscriptions."""
        self.connections.discard(connection)
        for topic in connection.topics:
            self._listeners[topic].discard(connection)
        self._log.note("disconnect", hub=connection.hub, connection=connection.number, ended_by=connection.ended_by)

    def topic_of(self, connection: HubConnection, invocation: Invocation) -> Topic | str:
        """The topic that a Subscribe… or Unsubscribe… names; a text when it is wrong."""
        stream = invocation.target.removeprefix("Unsubscribe").removeprefix("Subscribe")
        kinds = STREAMS[connection.hub]
        if stream not in kinds or stream == invocation.target:
            return f"Failed to invoke '{invocation.target}' due to an error on the server. Unknown hub method."
        kind = kinds[stream]
        if kind is None:
            return (stream, connection.caller) if not invocation.arguments else _wrong(invocation)
        value = argument(invocation, kind)
        return _wrong(invocation) if value is None else (stream, value)

    def subscribe(self, connection: HubConnection, topic: Topic) -> None:
        """Let a connection hear a topic from now on."""
        connection.topics.add(topic)
        self._listeners.setdefault(topic, set()).add(connection)

    def unsubscribe(self, connection: HubConnection, topic: Topic) -> None:
        """Let a connection hear a topic no longer."""
        connection.topics.discard(topic)
        self.listeners(topic).discard(connection)

    # --- what is told ---

    def publish(self, topic: Topic, target: str, record: bytes, *, detail: object = None) -> None:
        """Tell an event to all who listen, unless a fault for it was ordered; `detail` goes to the log."""
        listeners = self.listeners(topic)
        if not listeners:
            return
        fault = self._faults.take_event(target) if self._faults.events else None
        if fault is None:
            self._send(listeners, target, record, detail)
            return
        self._log.note("fault", target=target, deed=str(fault.deed), data=detail)
        match fault.deed:
            case EventDeed.DUPLICATE:
                self._send(listeners, target, record + record, detail)
            case EventDeed.DELAY:
                loop = asyncio.get_running_loop()
                loop.call_later(fault.seconds, self._send, set(listeners), target, record, detail)

    def of_hub(self, hub: str, caller: str | None = None) -> list[HubConnection]:
        """The connections of a hub, or only those of one user."""
        return [c for c in self.connections if c.hub == hub and caller in {None, c.caller}]

    def _send(self, listeners: set[HubConnection], target: str, record: bytes, detail: object) -> None:
        if detail is not None:
            self._log.note("event", target=target, listeners=len(listeners), data=detail)
        for connection in listeners:
            connection.send(record)


def _wrong(invocation: Invocation) -> str:
    return f"Failed to invoke '{invocation.target}' due to an error on the server. Invalid arguments."
