"""A venue and a daemon as separate processes, and a way to wait for what should come of it."""

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from risk_manager.demo.home import furnish
from risk_manager.demo.processes import PlayedVenue, daemon, free_port, played_venue
from risk_manager.local_api.client import fetch_snapshot
from risk_manager.local_api.errors import LocalApiError
from risk_manager.local_api.messages import Snapshot
from tests.patience import patience

PYTHON = shlex.split(os.environ.get("RISK_MANAGER_E2E_PYTHON", "")) or [sys.executable]
PROGRAM = (*PYTHON, "-m", "risk_manager")
"""What starts the daemon; another Python stands in for a test across systems."""
PATIENCE = patience(60)
"""Seconds after which a test gives up; on a quiet machine nothing takes a tenth of it."""
ACCOUNT, OTHER = 1001, 1002

Truth = dict[str, Any]
Status = dict[str, Any]


@dataclass
class Scene:
    """One home with its venue; the daemon comes and goes."""

    venue: PlayedVenue
    home: Path
    port: int
    process: asyncio.subprocess.Process | None = None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start(self) -> None:
        """Start the daemon, and wait until it is live."""
        await self.start_anew()
        await self.until_status(lambda status: status["daemon"]["state"] == "live")

    async def start_anew(self) -> None:
        """Start the daemon, and wait until it has seen the account, with whatever is amiss."""
        self.process = await self._stack.enter_async_context(daemon(self.home, program=PROGRAM, log=self.log))
        await self.until_status(
            lambda status: (
                status["daemon"]["state"] in {"live", "degraded"} and bool(account_of(status).get("can_trade"))
            )
        )

    async def kill(self) -> None:
        """End the daemon as a power cut would."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def aclose(self) -> None:
        await self._stack.aclose()

    @property
    def log(self) -> Path:
        return self.home / "daemon.out"

    async def buy(self, size: int, contract: str, account: int = ACCOUNT, **more: object) -> int:
        return int(
            (await self.venue.do("place", account=account, contract=contract, side="buy", size=size, **more))["order"]
        )

    async def until(self, is_so: Callable[[Truth], bool], account: int = ACCOUNT) -> Truth:
        """Wait until the venue's own truth of an account is so."""
        truth: Truth = await comes_true(lambda: self.venue.account(account), is_so, self.log)
        return truth

    async def until_status(self, is_so: Callable[[Status], bool]) -> Status:
        """Wait until the daemon says that it is so."""
        status: Status = await comes_true(self.status, is_so, self.log)
        return status

    async def status(self) -> Status:
        """Take one look through the local API; an empty status while nobody answers."""
        try:
            snapshot: Snapshot = await fetch_snapshot(self.port, patience=patience(5))
        except LocalApiError:
            return {"daemon": {"state": "away"}, "accounts": []}
        plain: Status = msgspec.json.decode(msgspec.json.encode(snapshot))
        return plain

    async def requests(self, path: str = "", *, since: int = 0) -> list[dict[str, Any]]:
        """List the requests that the venue has read."""
        entries = await self.venue.log(since=since, kinds=("request",))
        return [entry for entry in entries if entry["path"].endswith(path)]


@contextlib.asynccontextmanager
async def scene(
    home: Path, rules: str, *, nicknames: Mapping[int, str] | None = None, starts: bool = True
) -> AsyncIterator[Scene]:
    """Start a venue whose prices stand still, and (unless told otherwise) a daemon with these rules."""
    async with played_venue(patience=PATIENCE) as venue:
        await venue.do("switches", prices_move=False, log_quotes=True)
        port = free_port()
        furnish(home, venue, rules=rules, nicknames=dict(nicknames or {ACCOUNT: "Main"}), port=port)
        stage = Scene(venue, home, port)
        try:
            if starts:
                await stage.start()
            yield stage
        finally:
            await stage.aclose()


async def comes_true(look: Callable[[], Any], is_so: Callable[[Any], bool], log: Path | None = None) -> Any:
    """Look again and again until it is so; fail with what was seen last, and the daemon's last words."""
    seen: Any = None
    try:
        async with asyncio.timeout(PATIENCE):
            seen = await look()
            while not is_so(seen):
                await _a_moment()
                seen = await look()
    except TimeoutError:
        raise AssertionError(f"it did not come true; last seen: {seen}\n{_last_words(log)}") from None
    return seen


def _last_words(log: Path | None) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:] if log is not None and log.exists() else ""


async def _a_moment() -> None:
    """Let the other processes go on: what a look will show is told by nothing but the next look."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.02)


def size_of(truth: Truth, code: str) -> int:
    """Contracts held of a product by the venue's code."""
    return sum(int(one["size"]) for one in truth["positions"] if one["contractId"].split(".")[3] == code)


def working(truth: Truth) -> list[int]:
    return [int(order["id"]) for order in truth["orders"] if order["status"] in (0, 1, 6, 7, 8)]


def is_flat(truth: Truth) -> bool:
    return not truth["positions"] and not working(truth)


def account_of(status: Status, account: int = ACCOUNT) -> dict[str, Any]:
    return next((one for one in status["accounts"] if one["id"] == account), {"locks": [], "rules": []})
