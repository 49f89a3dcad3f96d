"""The venue's one port: REST, both hubs with or without negotiation, and the control interface."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import msgspec
from aiohttp import web

from risk_manager.signalr.messages import Invocation
from risk_manager.simulator.control import Control
from risk_manager.simulator.hub_connection import HubConnection
from risk_manager.simulator.hubs import MARKET, USER
from risk_manager.simulator.rest import Rest, hub_token
from risk_manager.simulator.stage import Stage
from risk_manager.simulator.tokens import Session


class HubDoor:
    """Lets clients into the hubs."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def negotiate(self, request: web.Request) -> web.Response:
        """Offer WebSockets, the only transport."""
        hub = request.match_info["hub"]
        if self._admitted(request, hub) is None:
            return web.Response(status=401)
        number = uuid4().hex
        offer = {"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}
        body = {
            "negotiateVersion": 1,
            "connectionId": number,
            "connectionToken": uuid4().hex,
            "availableTransports": [offer],
        }
        return web.json_response(body)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection for as long as it lasts."""
        stage, hub = self._stage, request.match_info["hub"]
        session = self._admitted(request, hub)
        if session is None:
            stage.log.note("refused", hub=hub)
            return web.Response(status=401)
        switches = stage.switches
        connection = HubConnection(
            hub,
            session,
            ping_interval=switches.ping_interval,
            client_timeout=switches.client_timeout,
            invoked=self._invoked,
        )
        stage.hubs.add(connection)
        remaining = (session.expires_at - stage.clock.now()).total_seconds()
        expiry = asyncio.get_running_loop().call_later(remaining, stage.drop_expired, session)
        try:
            await connection.run(request)
        finally:
            expiry.cancel()
            stage.hubs.remove(connection)
        return connection.socket

    def _admitted(self, request: web.Request, hub: str) -> Session | None:
        stage = self._stage
        session = stage.sessions.find(hub_token(request))
        if session is None or not session.is_valid(stage.clock.now()):
            return None
        if hub in stage.hubs.refused or (hub == MARKET and stage.switches.market_hub_refuses):
            return None
        return session

    def _invoked(self, connection: HubConnection, invocation: Invocation) -> None:
        stage = self._stage
        stage.log.note(
            "invocation",
            hub=connection.hub,
            connection=connection.number,
            target=invocation.target,
            arguments=[msgspec.Raw(bytes(raw)) for raw in invocation.arguments],
        )
        topic = stage.hubs.topic_of(connection, invocation)
        if isinstance(topic, str):
            connection.answer(invocation, topic)
            if topic.endswith("Invalid arguments."):
                connection.close("wrong arguments", may_return=False, error="Connection closed with an error.")
            return
        if invocation.target.startswith("Unsubscribe"):
            stage.hubs.unsubscribe(connection, topic)
            connection.answer(invocation)
            return
        stage.hubs.subscribe(connection, topic)
        connection.answer(invocation)
        stage.welcome(connection, topic)


def application(stage: Stage) -> web.Application:
    """All routes of the venue."""
    app = web.Application(client_max_size=4 * 1024 * 1024)
    door, rest = HubDoor(stage), Rest(stage)
    for hub in (USER, MARKET):
        path = f"/hubs/{{hub:{hub}}}"
        app.router.add_post(f"{path}/negotiate", door.negotiate)
        app.router.add_get(path, door.connect)
    app.router.add_route("*", "/api/{rest:.*}", rest.handle)
    Control(stage).add_routes(app)
    return app
