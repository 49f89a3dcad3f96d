"""The soak as it happens: venue and daemon as processes of their own, the script played in time, the log kept."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from risk_manager.demo.home import furnish
from risk_manager.demo.processes import PlayedVenue, free_port, played_venue
from trials.soak.ledger import Entry
from trials.soak.limits import ACCOUNTS, OPENING, Limits, rules_yaml
from trials.soak.script import Act

MEGABYTE = 1_000_000
LOOK_AT_MEMORY_EVERY = 5.0
SLICE = 20_000
"""Entries of the log that are fetched at once."""


@dataclass
class Memory:
    """Megabytes of the daemon, by the seconds of its life."""

    lives: list[list[tuple[float, float]]] = field(default_factory=list)


class DaemonProcess:
    """A daemon that can be killed, stopped and brought back."""

    def __init__(self, home: Path, memory: Memory) -> None:
        self._home = home
        self._memory = memory
        self._process: asyncio.subprocess.Process | None = None
        self._born = 0.0

    async def start(self) -> None:
        """Bring it to life."""
        loop = asyncio.get_running_loop()
        with (self._home / "daemon.out").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "risk_manager", "run", "--home", str(self._home)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._born = loop.time()
        self._memory.lives.append([])

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def suspend(self) -> None:
        """Let it stand still, as a machine that sleeps."""
        self._seen().suspend()

    def resume(self) -> None:
        """Let it go on."""
        self._seen().resume()

    def died(self) -> str:
        """Say so when it ended by itself; empty when it lives."""
        if self._process is None or self._process.returncode is None:
            return ""
        said = (self._home / "daemon.out").read_text(encoding="utf-8", errors="replace")
        return f"the daemon ended by itself with code {self._process.returncode}: {said[-1500:]}"

    def weigh(self) -> None:
        """Note how much memory it holds."""
        with contextlib.suppress(psutil.Error):
            age = asyncio.get_running_loop().time() - self._born
            self._memory.lives[-1].append((age, self._seen().memory_info().rss / MEGABYTE))

    def _seen(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)


@dataclass
class Performance:
    """What a soak left behind."""

    entries: list[Entry]
    memory: Memory
    troubles: list[str]


async def perform(
    acts: list[Act], limits: dict[int, Limits], *, home: Path, seconds: float, say: Callable[[str], None]
) -> Performance:
    """Play the script to its end, and fetch the venue's log."""
    memory = Memory()
    async with played_venue() as venue:
        await _prepare(venue)
        furnish(home, venue, rules=rules_yaml(limits), nicknames={one: f"N{one}" for one in ACCOUNTS}, port=free_port())
        daemon = DaemonProcess(home, memory)
        troubles: list[str] = []
        try:
            async with asyncio.timeout(seconds + 120):
                await _start(daemon, venue)
                await _until_connected(venue)
                async with _weighing(daemon):
                    await _play(acts, venue, daemon, seconds=seconds, say=say, troubles=troubles)
        finally:
            if trouble := daemon.died():
                troubles.append(trouble)
            await daemon.kill()
        return Performance(await _whole_log(venue), memory, troubles)


async def _prepare(venue: PlayedVenue) -> None:
    """Set the clock, open the accounts, and let nothing move but what the script moves."""
    await venue.do("clock", at=OPENING.isoformat())
    await venue.do("switches", prices_move=False, log_quotes=True)
    for account_id in ACCOUNTS:
        await venue.do("accounts/add", id=account_id, name=f"SOAK-{account_id}", balance="100000", owner=venue.username)


async def _start(daemon: DaemonProcess, venue: PlayedVenue) -> None:
    await venue.do("note", daemon="starts")
    await daemon.start()


async def _until_connected(venue: PlayedVenue) -> None:
    """Wait until the daemon has read its first pictures."""
    while True:
        requests = await venue.log(kinds=("request",))
        if {one["body"]["accountId"] for one in requests if one["path"].endswith("/Trade/search")} >= set(ACCOUNTS):
            return
        await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def _weighing(daemon: DaemonProcess) -> AsyncIterator[None]:
    async def weigh() -> None:
        while True:
            await asyncio.sleep(LOOK_AT_MEMORY_EVERY)
            daemon.weigh()

    task = asyncio.create_task(weigh())
    try:
        yield
    finally:
        task.cancel()


async def _play(
    acts: list[Act],
    venue: PlayedVenue,
    daemon: DaemonProcess,
    *,
    seconds: float,
    say: Callable[[str], None],
    troubles: list[str],
) -> None:
    """Do every deed at its time; what the venue refuses is part of the game."""
    loop = asyncio.get_running_loop()
    began, orders = loop.time(), dict[str, int]()
    revivals: list[asyncio.Task[None]] = []
    for act in acts:
        await asyncio.sleep(max(0.0, began + act.at - loop.time()))
        if act.deed == "note" and "misfortune" in act.values:
            say(f"{act.at:6.1f} s  {act.values['misfortune']}")
        if act.deed in {"daemon/kill", "daemon/stop"}:
            revivals.append(asyncio.create_task(_hurt(act, daemon, venue)))
            continue
        if trouble := daemon.died() if all(one.done() for one in revivals) else "":
            troubles.append(trouble)
            return
        values = dict(act.values)
        if isinstance(values.get("order"), str):
            values["order"] = orders.get(values["order"], 0)
        with contextlib.suppress(ValueError):
            told: dict[str, Any] = await venue.do(act.deed, **values)
            if act.deed == "place" and told.get("success"):
                orders[act.values["tag"]] = told["order"]
    await asyncio.sleep(max(0.0, began + seconds - loop.time()))
    await asyncio.gather(*revivals)


async def _hurt(act: Act, daemon: DaemonProcess, venue: PlayedVenue) -> None:
    """Kill the daemon, or let it stand still, and bring it back after a while."""
    if act.deed == "daemon/stop":
        daemon.suspend()
        await asyncio.sleep(act.values["seconds"])
        daemon.resume()
        return
    await daemon.kill()
    await asyncio.sleep(act.values["seconds"])
    await _start(daemon, venue)


async def _whole_log(venue: PlayedVenue) -> list[Entry]:
    """Fetch everything that the checker reads."""
    return await venue.log(kinds=("truth", "request", "reply", "control", "fault", "connect", "disconnect"))


def load_of_machine() -> float:
    """Tell how busy the machine is: processes that want to run, for each processor; 0 where nobody knows."""
    return psutil.getloadavg()[0] / (os.cpu_count() or 1)
