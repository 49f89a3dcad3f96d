"""A running venue: start it, learn where it listens, stop it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from aiohttp import web

from risk_manager.simulator.clock import VenueClock
from risk_manager.simulator.deeds import Deeds
from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.simulator.feed import run_feed
from risk_manager.simulator.server import application
from risk_manager.simulator.stage import Stage
from risk_manager.simulator.switches import Switches
from risk_manager.simulator.traders import ScriptUnreadable, play, read_script

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
    clock: VenueClock | None = None,
) -> AsyncIterator[Venue]:
    """Serve a venue on loopback until the block ends; port 0 takes a free one, `clock` is the venue's own.

    Raises:
        OSError: the port is in use.
    """
    users = users if users is not None else {USERNAME: API_KEY}
    stage = Stage(users=users, accounts=accounts, seed=seed, switches=switches or Switches(), clock=clock)
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


async def serve(*, port: int = 0, seed: int = 1, script: Path | None = None, announce: Callable[[str], None]) -> None:
    """Run a venue until cancelled; `announce` gets the one line of JSON that tells clients where it is.

    Raises:
        ScriptUnreadable: the script cannot be played.
        OSError: the port is in use, or the script cannot be read.
    """
    steps = [] if script is None else read_script(script)
    async with running_venue(port=port, seed=seed) as venue:
        announce(json.dumps(venue.greeting()))
        await play(venue.stage, steps)
        await venue.stage.closing.wait()


def main(*, port: int = 0, seed: int = 1, script: Path | None = None) -> int:
    """The command `risk-manager gateway`; 0 when it was stopped, 1 when it could not start or go on."""
    try:
        asyncio.run(serve(port=port, seed=seed, script=script, announce=_print_line))
    except KeyboardInterrupt:
        return 0
    except (OSError, ScriptUnreadable) as trouble:
        print(f"gateway: {trouble}", file=sys.stderr)  # noqa: T201 - this is the command's error line
        return 1
    return 0


def _print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - clients read the first line of this program's output
