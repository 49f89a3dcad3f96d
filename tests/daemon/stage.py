"""A whole daemon before a played venue, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.core.events import PositionUpdated
from risk_manager.core.model.order import OrderSide
from risk_manager.core.model.trade import Trade
from risk_manager.daemon.clock import Clock, VenueClock
from risk_manager.daemon.commitment.outlook import read_or_held
from risk_manager.daemon.conductor import Daemon
from risk_manager.demo.processes import free_port
from risk_manager.store.database import Database, open_for_daemon
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.virtual_time import START, LoopClock, PlayedMachine, in_virtual_time, until

RULES = """
rules:
  max_contracts: {limit: 3, on_breach: close_all}
  daily_realized_loss: {loss_limit: 200, lockout: daily_reset}
"""
AT_ONCE = "commitment: {loosen_after: none}\n"
"""For a story of something that is loosened, and not of the wait."""


def home_with(folder: Path, *, rules: str = RULES, accounts: tuple[int, ...] = (ACCOUNT,)) -> Home:
    home = Home(folder)
    home.create_folders()
    entries = "".join(
        f"  - {{account_id: {one}, username: trader, api_key: 'env:KEY', nickname: N{one}}}\n" for one in accounts
    )
    home.accounts.write_text(f"accounts:\n{entries}", encoding="utf-8")
    home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\n{rules}", encoding="utf-8")
    return home


class Stage:
    """A whole daemon before a played venue, in virtual time."""

    def __init__(self, home: Home, database: Database, venue: FakeVenue, machine: PlayedMachine | None = None) -> None:
        self.home = home
        self.venue = venue
        self.database = database
        self.configuration: Configuration = read_or_held(home, {"KEY": "k"})
        clock: Clock = LoopClock()
        if machine is not None:
            clock = VenueClock(machine)
            venue.heard = clock.heard
        self.clock = clock

        def make_venue(configuration: Configuration, username: str, api_key: str, _: Clock) -> FakeVenue:
            return venue.for_login(configuration.gateway.api, username, api_key)

        self.daemon = Daemon(home, self.configuration, database=database, clock=clock, make_venue=make_venue)

    async def until(self, what: Callable[[], object], longest: float = 120) -> None:
        await until(what, longest)

    async def live(self, account_id: int = ACCOUNT) -> None:
        await self.until(lambda: self.daemon.pipeline.is_live(account_id))

    def says(self, net: int) -> None:
        """The venue's truth and its stream agree on a position."""
        self.venue.net[ES] = net
        self.venue.deliver(PositionUpdated(at=LoopClock().now(), position=self.venue.position(ES)))

    def is_quiet(self) -> bool:
        return not self.daemon.pipeline.accounts[ACCOUNT].enforcer.is_under_way

    def events(self, kind: str) -> list[str]:
        return [one.data.__str__() for one in self.daemon.publisher.recent if one.type == kind]

    def warnings(self) -> str:
        return b"".join(bytes(one.data) for one in self.daemon.publisher.recent if one.type == "warning").decode()

    def journal(self, kind: str) -> list[dict[str, Any]]:
        self.daemon.keeper.save()
        self.database.writer.flush()
        entries = self.database.journal.entries(since=datetime.min.replace(tzinfo=UTC))
        return [one.body for one in entries if one.kind == kind]

    def locks(self) -> list[str]:
        state = self.daemon.pipeline.state(ACCOUNT)
        return [] if state is None else [lock.rule for lock in state.lockouts.by_key.values()]


def play(
    home: Home,
    scene: Callable[[Stage], Awaitable[None]],
    *,
    prepare: Callable[[FakeVenue], None] = lambda _: None,
    open_store: Callable[[], Database] | None = None,
    machine: PlayedMachine | None = None,
    open_venue: Callable[[], FakeVenue] = FakeVenue,
) -> Stage:
    async def run() -> Stage:
        played = open_venue()
        prepare(played)
        database = (open_store or (lambda: open_for_daemon(home.database)))()
        try:
            stage = Stage(home, database, played, machine)
            running = asyncio.create_task(stage.daemon.run())
            try:
                await scene(stage)
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            return stage
        finally:
            database.close()

    return in_virtual_time(run())


def loss(dollars: int, *, trade_id: int = 1, minutes_ago: int = 5) -> Trade:
    return Trade(
        trade_id=trade_id,
        account_id=ACCOUNT,
        contract_id=ES,
        order_id=50 + trade_id,
        side=OrderSide.SELL,
        size=1,
        price=Decimal(6000),
        at=START - timedelta(minutes=minutes_ago),
        realized_pnl=Decimal(-dollars),
    )
