"""A whole daemon and a whole venue in one process over real sockets, in time that skips what would be waiting."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from risk_manager.config.configuration import load
from risk_manager.config.files import Home
from risk_manager.daemon.bootstrap import topstepx
from risk_manager.daemon.clock import VenueClock as DaemonClock
from risk_manager.daemon.conductor import Daemon
from risk_manager.simulator.control import account_state
from risk_manager.simulator.deeds import DEEDS
from risk_manager.simulator.venue import Venue
from risk_manager.simulator.wire import encode
from risk_manager.store.database import Database, open_database
from tests.alerts.post_office import Service

MORNING = datetime(2026, 8, 20, 14, 0, tzinfo=UTC)
"""A Thursday, nine o'clock in Chicago."""
ACCOUNT, OTHER = 1001, 1002
LONGEST = 120.0
"""Seconds, skipped ones, after which a row gives up."""
LOOK_EVERY = 0.02

Truth = dict[str, Any]


class PlayedMachine:
    """The machine of a daemon in a test: its wall clock may be set, and it may sleep."""

    def __init__(self) -> None:
        self._started = asyncio.get_running_loop().time()
        self.ahead = timedelta()
        self.slept = 0.0

    def wall(self) -> datetime:
        return MORNING + timedelta(seconds=self.elapsed() - self._started) + self.ahead

    def elapsed(self) -> float:
        return asyncio.get_running_loop().time() + self.slept


@dataclass
class House:
    """A venue, the trader at it, and the daemon of his home, which comes and goes."""

    venue: Venue
    home: Home
    machine: PlayedMachine
    people: Service
    open_store: Callable[[Path], Database] = open_database
    daemon: Daemon | None = None
    database: Database | None = None
    traders_orders: set[int] = field(default_factory=set)
    figures: dict[str, float] = field(default_factory=dict)
    _running: asyncio.Task[None] | None = None

    # the daemon

    async def start(self) -> None:
        """Start the daemon, and wait until it is live."""
        self.begin()
        await self.until(lambda: self.running_daemon.roster.logins and self.state_of_daemon == "live", longest=300)

    async def start_degraded(self) -> None:
        """Start the daemon, and wait until it watches, with whatever is amiss."""
        self.begin()
        await self.until(lambda: self.running_daemon.pipeline.is_live(ACCOUNT), longest=300)

    async def squat(self) -> asyncio.Server:
        """Take the port of the local API before the daemon does."""
        port = load(self.home).settings.local_api.port
        return await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)

    def begin(self) -> None:
        """Start the daemon, wherever that leads."""
        database = self.open_store(self.home.database)
        clock = DaemonClock(self.machine)
        self.database = database
        self.daemon = Daemon(
            self.home,
            load(self.home),
            database=database,
            clock=clock,
            make_venue=lambda *known: topstepx(*known, heard=clock.heard),
        )
        self._running = asyncio.create_task(self.daemon.run())

    async def stop(self) -> None:
        """Stop the daemon."""
        running, self._running = self._running, None
        if running is None:
            return
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        if self.database is not None:
            self.database.close()

    @property
    def running_daemon(self) -> Daemon:
        assert self.daemon is not None
        assert self._running is not None
        if self._running.done():
            self._running.result()
        return self.daemon

    @property
    def state_of_daemon(self) -> str:
        return self.running_daemon.health.daemon_status().state

    @property
    def detail(self) -> str:
        """What is amiss, in the daemon's words."""
        return self.running_daemon.health.daemon_status().detail

    def status(self, account: int = ACCOUNT) -> dict[str, Any]:
        """What a screen would be told of an account."""
        snapshot = msgspec.json.decode(msgspec.json.encode(self.running_daemon.snapshot()))
        return next((one for one in snapshot["accounts"] if one["id"] == account), {"locks": [], "rules": []})

    def part(self, name: str, account: int | None = None) -> dict[str, Any]:
        """What a screen would be told of a part of the daemon."""
        parts = msgspec.json.decode(msgspec.json.encode(self.running_daemon.health.parts()))
        return next(one for one in parts if one["name"] == name and account in (None, one["account_id"]))

    def locks(self, account: int = ACCOUNT) -> list[str]:
        return [lock["rule"] for lock in self.status(account)["locks"]]

    def journal(self, kind: str) -> list[Any]:
        """What was journaled of a kind, oldest first."""
        assert self.database is not None
        self.running_daemon.keeper.save()
        self.database.writer.flush()
        entries = self.database.journal.entries(since=datetime.min.replace(tzinfo=UTC))
        return [one.body for one in entries if one.kind == kind]

    def gaps(self, part: str) -> list[Any]:
        return [one for one in self.journal("gap") if one["part"] == part]

    def alarms(self) -> str:
        """What screens were warned of."""
        recent = self.running_daemon.publisher.recent
        return "\n".join(bytes(one.data).decode() for one in recent if one.type == "warning")

    def told(self) -> str:
        """What people were told over their webhook."""
        return "\n".join(f"{body['title']}: {body['text']}" for _, body in self.people.posts)

    def stages(self, account: int = ACCOUNT) -> list[str]:
        """What became of each enforcement, in order."""
        self.running_daemon.publisher.flush()
        recent = self.running_daemon.publisher.recent
        mine = [one for one in recent if one.type == "enforcement_action" and one.account_id == account]
        return [json.loads(bytes(one.data))["state"] for one in mine]

    def set_time(self, text: str) -> None:
        """Let it be another time of day at the venue, and as long asleep for the PC."""
        before = self.venue.stage.clock.now()
        self.do("clock", at=text)
        self.machine.slept += (self.venue.stage.clock.now() - before).total_seconds()

    def set_clock(self, *, hours: int) -> None:
        """Set the PC's clock."""
        self.machine.ahead += timedelta(hours=hours)

    def enforces(self, account: int = ACCOUNT) -> bool:
        """Tell whether something is still to be proven."""
        return self.running_daemon.pipeline.accounts[account].enforcer.is_under_way

    # the venue

    def do(self, deed: str, /, **values: object) -> dict[str, Any]:
        """Act at the venue, as trader, market, platform or bad luck."""
        kind, act = DEEDS[deed]
        result = act(self.venue.deeds, msgspec.convert(values, kind, strict=False)) or {}
        self.venue.stage.pump()
        if deed in {"place", "close"} and result.get("order") is not None:
            self.traders_orders.add(int(result["order"]))
        return result

    def buy(self, size: int, contract: str = "MNQ", *, account: int = ACCOUNT, **more: object) -> int:
        return int(
            self.do("place", **{"account": account, "contract": contract, "side": "buy", "size": size, **more})["order"]
        )

    def sell(self, size: int, contract: str = "MNQ", *, account: int = ACCOUNT, **more: object) -> int:
        return self.buy(size, contract, account=account, side="sell", **more)

    def move(self, ticks: int, contract: str = "MNQ") -> float:
        return float(self.do("price", contract=contract, ticks=ticks)["last"])

    def truth(self, account: int = ACCOUNT) -> Truth:
        """The venue's own truth of an account."""
        stage = self.venue.stage
        truth: Truth = msgspec.json.decode(encode(account_state(stage, stage.exchange.accounts[account])))
        return truth

    def net(self, contract: str = "MNQ", account: int = ACCOUNT) -> int:
        """Contracts held, long positive."""
        sign = {1: 1, 2: -1}
        held = [one for one in self.truth(account)["positions"] if one["contractId"].split(".")[3] == contract]
        return sum(sign[one["type"]] * int(one["size"]) for one in held)

    def is_flat(self, account: int = ACCOUNT) -> bool:
        truth = self.truth(account)
        return not truth["positions"] and not [one for one in truth["orders"] if one["status"] in (0, 1, 6, 7, 8)]

    def log(self, *kinds: str, since: int = 0) -> list[dict[str, Any]]:
        """What the venue saw and said."""
        entries: list[dict[str, Any]] = msgspec.json.decode(encode(self.venue.stage.log.since(since, frozenset(kinds))))
        return entries

    def requests(self, ending: str, *, account: int | None = None, since: int = 0) -> list[dict[str, Any]]:
        found = [one for one in self.log("request", since=since) if one["path"].endswith(ending)]
        return [one for one in found if account is None or one["body"]["accountId"] == account]

    # time

    @property
    def now(self) -> float:
        """Seconds of the clock that venue and loop share."""
        return asyncio.get_running_loop().time()

    async def until(self, what: Callable[[], object], *, longest: float = LONGEST) -> float:
        """Let time pass until it is so; tell how many seconds that took."""
        began = self.now
        try:
            async with asyncio.timeout(longest):
                while not what():  # noqa: ASYNC110  in skipping time a look costs no waiting
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise AssertionError(f"not so after {longest:g} s\n{self._last_words()}") from None
        return self.now - began

    async def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    def _last_words(self) -> str:
        if self.daemon is None:
            return "no daemon"
        tail = "\n".join(str({k: v for k, v in one.items() if k != "at"})[:300] for one in self.log()[-40:])
        return f"{self.detail}\n{self.alarms()}\n{self.truth()['positions']}\n{tail}"

    # what the row shows

    def measured(self, **seconds: float) -> None:
        """Keep what was measured for the table of docs/reliability.md."""
        self.figures |= {name: round(value, 2) for name, value in seconds.items()}
