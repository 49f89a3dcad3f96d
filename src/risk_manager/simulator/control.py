"""The control interface: a test or a script acts as trader, market, platform or bad luck."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from risk_manager.simulator import wire
from risk_manager.simulator.deeds import DEEDS, Deeds, Unusable
from risk_manager.simulator.exchange.accounts import Account
from risk_manager.simulator.exchange.changes import AccountRow, PositionRow
from risk_manager.simulator.stage import Stage


class Control:
    """Serves /control/…: GET state, log, switches; POST one path for each deed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._deeds = Deeds(stage)

    def add_routes(self, app: web.Application) -> None:
        """Put the routes into the application."""
        app.router.add_get("/control/state", self.state)
        app.router.add_get("/control/log", self.log)
        app.router.add_get("/control/switches", self.switches)
        app.router.add_post("/control/{deed:.+}", self.act)

    async def act(self, request: web.Request) -> web.Response:
        """Do a deed; 400 with an error text when it cannot be done, 404 when there is no such deed."""
        name = request.match_info["deed"]
        if name not in DEEDS:
            return _json({"error": f"no such deed: {name}", "deeds": sorted(DEEDS)}, status=404)
        kind, deed = DEEDS[name]
        raw = await request.read()
        self._stage.log.note("control", deed=name, data=raw.decode(errors="replace"))
        try:
            order = msgspec.json.decode(raw or b"{}", type=kind)
            result = deed(self._deeds, order)
        except (msgspec.DecodeError, Unusable, ValueError) as trouble:
            return _json({"error": str(trouble)}, status=400)
        self._stage.pump_soon()
        return _json(result if result is not None else {"done": True})

    async def state(self, _: web.Request) -> web.Response:
        """The truth: accounts with positions, orders and trades, and prices."""
        return _json(state(self._stage))

    async def log(self, request: web.Request) -> web.Response:
        """Entries after `since`, of the kinds named by `kind` (comma between them)."""
        kinds = frozenset(filter(None, request.query.get("kind", "").split(",")))
        entries = self._stage.log.since(int(request.query.get("since", "0")), kinds)
        return _json({"entries": entries})

    async def switches(self, _: web.Request) -> web.Response:
        """All switches with their values."""
        return _json(msgspec.to_builtins(self._stage.switches))


def state(stage: Stage) -> wire.Fields:
    """The truth of this moment."""
    exchange = stage.exchange
    return {
        "now": wire.rest_instant(stage.clock.now()),
        "monotonic": stage.clock.monotonic(),
        "accounts": [account_state(stage, account) for account in exchange.accounts.values()],
        "prices": {
            market.contract.id: {
                "bid": wire.number(market.bid),
                "ask": wire.number(market.ask),
                "last": wire.number(market.last),
            }
            for market in exchange.floor.markets()
        },
        "connections": [
            {"hub": c.hub, "connection": c.number, "user": c.caller, "topics": sorted(map(str, c.topics))}
            for c in stage.hubs.connections
        ],
    }


def account_state(stage: Stage, account: Account) -> wire.Fields:
    """The truth of one account, with all it ever did."""
    positions = [PositionRow.of(position) for position in account.positions.values()]
    orders = stage.exchange.orders(account.id)
    return wire.account_fields(AccountRow.of(account)) | {
        "owner": account.owner,
        "startBalance": wire.number(account.start_balance),
        "positions": [wire.position_fields(row, wire.rest_instant) for row in positions],
        "orders": [wire.order_fields(order, wire.rest_instant) for order in orders],
        "trades": [wire.trade_fields(trade, wire.rest_instant) for trade in account.trades],
    }


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=wire.encode(value), content_type="application/json")
