"""A running venue: start it, learn where it listens, stop it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from aiohttp import web

from risk_manager.simulator.deeds import Deeds
from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.simulator.feed import run_feed
from risk_manager.simulator.server import application
from risk_manager.simulator.stage import Stage
from risk_manager.simulator.switches import Switches

HOST = "127.0.0.1"
USERNAME = "trader"
API_KEY = "simulated-key"
DEFAULT_ACCOUNTS = (
    AccountSpec(id=1001, name="PRAC-V2-1001-1", balance=Decimal(150000)),
    AccountSpec(id=1002, name="50KTC-V2-1002-2", balance=Decimal(50000)),
)


@dataclass(frozen=True, slots=True)
class Venue:
    """Where a running venue is, and, in the same process, its stage."""

    port: int
    username: str
    api_key: str
    stage: Stage

    @property
    def api(self) -> str:
        """Base of the REST endpoints."""
        return f"http://{HOST}:{self.port}"

    @property
    def user_hub(self) -> str:
        """The user hub."""
        return f"{self.api}/hubs/user"

    @property
    def market_hub(self) -> str:
        """The market hub."""
        return f"{self.api}/hubs/market"

    @property
    def control(self) -> str:
        """Base of the control interface."""
        return f"{self.api}/control"

    @property
    def deeds(self) -> Deeds:
        """The control interface without HTTP, for code in the same process; pump the stage after."""
        return Deeds(self.stage)

    def greeting(self) -> dict[str, object]:
        """What a client must know, as the first line of `risk-manager gateway`."""
        accounts = [
            {"id": account.id, "name": account.name, "balance": str(account.balance)}
            for account in self.stage.exchange.accounts.values()
        ]
        return {
            "api": self.api,
            "user_hub": self.user_hub,
            "market_hub": self.market_hub,
            "username": self.username,
            "api_key": self.api_key,
            "accounts": accounts,
            "control": self.control,
        }


@asynccontextmanager
async def running_venue(
    *,
    port: int = 0,
    seed: int = 1,
    switches: Switches | None = None,
    accounts: Sequence[AccountSpec] = DEFAULT_ACCOUNTS,
    users: dict[str, str] | None = None,
) -> AsyncIterator[Venue]:
    """Serve a venue on loopback until the block ends; port 0 takes a free one.

    Raises:
        OSError: the port is in use.
    """
    users = users if users is not None else {USERNAME: API_KEY}
    stage = Stage(users=users, accounts=accounts, seed=seed, switches=switches or Switches())
    runner = web.AppRunner(application(stage), access_log=None, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    feed = asyncio.create_task(run_feed(stage))
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        stage.pump()
        username, api_key = next(iter(users.items()))
        yield Venue(int(runner.addresses[0][1]), username, api_key, stage)
    finally:
        stage.stop()
        for connection in list(stage.hubs.connections):
            connection.drop("venue stops")
        feed.cancel()
        await asyncio.gather(feed, return_exceptions=True)
        await runner.cleanup()
