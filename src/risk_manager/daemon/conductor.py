"""The running daemon: all its parts, wired together."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, OrderUpdated, PositionUpdated, Reconciled
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.state.memory import Memory
from risk_manager.daemon.case import Report, Stage
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.commands import Commands
from risk_manager.daemon.enforcer import Enforcer
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.gaps import Gaps
from risk_manager.daemon.health import Health
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.daemon.overshoot import past_limit
from risk_manager.daemon.own_orders import OwnOrders
from risk_manager.daemon.pipeline import Pipeline, Watched
from risk_manager.daemon.publisher import Publisher
from risk_manager.daemon.quote_watch import QuoteWatch
from risk_manager.daemon.reconciler import Reconciler
from risk_manager.daemon.rule_guard import RuleGuard
from risk_manager.daemon.sleep_watch import SleepWatch
from risk_manager.daemon.startup import Startup
from risk_manager.daemon.watched_login import Polling, WatchedLogin
from risk_manager.gateway.port import Venue
from risk_manager.local_api.errors import PortTaken
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.server import Server
from risk_manager.store.database import Database

log = EventLog("daemon")
MakeVenue = Callable[[Configuration, str, str, Clock], Venue]
"""Makes the venue of a login: configuration, username, key, clock."""


@dataclass(slots=True)
class _Login:
    """One login with the parts that work for it."""

    watched: WatchedLogin
    reconciler: Reconciler
    startup: Startup
    quotes: QuoteWatch


class Daemon:
    """All parts of a running daemon; `run` ends only by cancellation."""

    def __init__(
        self,
        home: Home,
        configuration: Configuration,
        *,
        database: Database,
        clock: Clock,
        make_venue: MakeVenue,
        check_password: Callable[[str], bool] | None = None,
    ) -> None:
        self._home = home
        self._configuration = configuration
        self._clock = clock
        self._make_venue = make_venue
        self._check_password = check_password
        settings = configuration.settings
        self.health = Health(clock=clock, mode=settings.mode.value, strict=settings.strict_mode)
        self.publisher = Publisher(
            clock=clock, nicknames={one.account_id: one.nickname for one in configuration.enabled_accounts}
        )
        self.keeper = StoreKeeper(database, clock=clock, failing=self._store_failed)
        self.pipeline = Pipeline(clock=clock, keeper=self.keeper, audience=self)
        self.guard = RuleGuard(self.alarm)
        self.publisher.measure = self.guard.utilization
        self.gaps = Gaps(self.keeper.note)
        self._logins: list[_Login] = []
        self.server: Server | None = None

    async def run(self) -> None:
        """Run every part until cancelled; then take everything down in order."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._compose(tasks)
                await self._open_local_api()
                for login in self._logins:
                    tasks.create_task(login.startup.run())
                    tasks.create_task(login.reconciler.run())
                    tasks.create_task(login.startup.close_what_nobody_sees())
                    tasks.create_task(login.quotes.run())
                tasks.create_task(SleepWatch(clock=self._clock, woke=self._woke).run())
                tasks.create_task(self._watch_health())
                log.info("daemon_started", accounts=sorted(self.pipeline.accounts))
        finally:
            await self._close()

    # what the pipeline tells (see pipeline.Audience)

    def happened(self, event: Event, plans: tuple[Any, ...]) -> None:
        """Pass on what happened, and see whose quotes are wanted now."""
        if isinstance(event, PositionUpdated | OrderUpdated | Reconciled):
            for login in self._logins:
                if event.account_id in login.watched.known:
                    login.quotes.look()
        self.publisher.happened(event, plans)

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        """Tell people, and journal it."""
        self.publisher.alarm(code, text, account_id)
        self.keeper.note("alarm", {"code": code, "text": text}, account_id=account_id)

    def _woke(self, seconds: float) -> None:
        """Catch up with what passed while the machine slept."""
        log.warning("machine_slept", seconds=round(seconds, 1))
        self.pipeline.look_at_clock()
        for login in self._logins:
            login.reconciler.woke(seconds)

    # composing

    def _compose(self, tasks: asyncio.TaskGroup) -> None:
        """Make an engine and an enforcer for each account, and the parts of each login."""
        enabled = self._configuration.enabled_accounts
        memories = self.keeper.memories(frozenset(one.account_id for one in enabled))
        contracts, exits = self.keeper.contracts(), self.keeper.exits(memories)
        self.keeper.watch(self.pipeline.state)
        self.publisher.watch(self.pipeline.state)
        keys = {one.username: one.api_key for one in enabled}
        for username, api_key in keys.items():
            mine = [one.account_id for one in enabled if one.username == username]
            venue = self._make_venue(self._configuration, username, api_key, self._clock)
            for account_id in mine:
                memory = memories.get(account_id)
                make = partial(self._engine, account_id, memory, contracts)
                own = OwnOrders(ids=set() if memory is None else set(memory.orders.own))
                for call in exits.get(account_id, ()):
                    own.remember(call)
                enforcer = Enforcer(
                    account_id,
                    venue=venue,
                    tasks=tasks,
                    clock=self._clock,
                    own_orders=own,
                    post=self.pipeline.post,
                    report=self._reported,
                )
                self.pipeline.accounts[account_id] = Watched(
                    make(self._clock.now()), enforcer, own, is_restored=memory is not None, make_engine=make
                )
            self._logins.append(self._login(username, venue, mine))
        self.health.logins = [login.watched for login in self._logins]

    def _engine(self, account_id: int, memory: Memory | None, contracts: list[Contract], at: datetime) -> Engine:
        return Engine(
            {account_id: self._configuration.policies[account_id]},
            at=at,
            accounts=[Account(account_id=account_id)],
            memories={} if memory is None else {account_id: memory},
            contracts=contracts,
            asking=self.guard,
        )

    def _login(self, username: str, venue: Venue, account_ids: list[int]) -> _Login:
        feeds = {one: self._configuration.account_settings[one].feed for one in account_ids}
        watched = WatchedLogin(
            username=username,
            venue=venue,
            polling={one: Polling(feed.poll_every, feed.slow_poll_every) for one, feed in feeds.items()},
            since=self._clock.now(),
        )
        reconciler = Reconciler(watched, pipeline=self.pipeline, clock=self._clock, audience=self, gaps=self.gaps)
        startup = Startup(watched, pipeline=self.pipeline, reconciler=reconciler, clock=self._clock, audience=self)
        return _Login(watched, reconciler, startup, QuoteWatch(watched, pipeline=self.pipeline, clock=self._clock))

    def _reported(self, report: Report) -> None:
        """Note a stage of an enforcement; at the proof, how far past the limit it ended."""
        if report.stage is Stage.PROVEN:
            state = self.pipeline.state(report.case.plan.account_id)
            if state is not None:
                report.case.past_limit = past_limit(report.case.plan, state, self.guard.utilization)
        self.keeper.log_enforcement(report)
        self.publisher.reported(report)

    # the local API

    async def _open_local_api(self) -> None:
        """Listen for dashboards; a port in use takes nothing from the protection."""
        server = Server(
            snapshot=self.snapshot,
            on_command=Commands(
                home=self._home,
                configuration=self._configuration,
                pipeline=self.pipeline,
                keeper=self.keeper,
                health=self.health,
                clock=self._clock,
            ),
            check_password=self._check_password,
        )
        try:
            await server.start(self._configuration.settings.local_api.port)
        except PortTaken as error:
            self.health.api_failure = str(error)
            log.warning("local_api_closed", why=str(error))
            await server.aclose()
            return
        self.server = server
        self.publisher.speak_through(server)

    def snapshot(self) -> Snapshot:
        """Tell everything that a screen needs."""
        self.publisher.flush()
        return Snapshot(
            at=self._clock.now(),
            daemon=self.health.daemon_status(),
            feeds=self.health.feed_statuses(),
            accounts=self.publisher.accounts(),
            recent=tuple(self.publisher.recent),
        )

    async def _watch_health(self) -> None:
        """Tell of feeds and of the daemon whenever their state has changed."""
        told: tuple[object, ...] = ()
        while True:
            status, feeds = self.health.daemon_status(), self.health.feed_statuses()
            now = (status, *((feed.name, feed.login, feed.state) for feed in feeds))
            if now != told:
                told = now
                self.publisher.tell(None, status)
                for feed in feeds:
                    self.publisher.tell(None, feed)
                self.keeper.note("daemon_status", {"state": status.state, "detail": status.detail})
            await asyncio.sleep(1)

    def _store_failed(self, why: str) -> None:
        self.health.store_failure = f"{why}: going on in memory" if why else ""
        self.publisher.alarm("STORE_FAILED", self.health.store_failure)

    async def _close(self) -> None:
        """Stop judging, say goodbye, leave the venue, and store what is left."""
        self.health.is_stopping = True
        self.pipeline.stop()
        self.publisher.tell(None, self.health.daemon_status())
        if self.server is not None:
            await self.server.aclose()
        for login in self._logins:
            with suppress(OSError):
                await login.watched.venue.aclose()
        self.publisher.flush()
        self.keeper.save()
        self.keeper.note("daemon_stopped", {})
        log.info("daemon_stopped")
