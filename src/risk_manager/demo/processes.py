"""The simulated venue and the daemon as processes of their own, as in real life."""

import asyncio
import contextlib
import json
import random
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

STARTS_WITHIN = 60.0
"""Seconds that a process may take to start on a busy machine."""
_PORTS = range(20_000, 32_000)
THIS_PYTHON = (sys.executable, "-m", "risk_manager")


class NotStartedError(Exception):
    """A process ended, or stayed silent, before it could be used; the message has its last words."""


@dataclass(frozen=True, slots=True)
class PlayedVenue:
    """A running venue: where it is, who may log in, and the way to act in it."""

    api: str
    user_hub: str
    market_hub: str
    username: str
    api_key: str
    control: str
    accounts: tuple[int, ...]
    process: asyncio.subprocess.Process
    session: aiohttp.ClientSession

    async def do(self, deed: str, /, **values: object) -> dict[str, Any]:
        """Act at the control interface; raise `ValueError` for a deed that cannot be done."""
        async with self.session.post(f"{self.control}/{deed}", json=values) as answer:
            said: dict[str, Any] = await answer.json()
            if answer.status != HTTP_OK:
                raise ValueError(f"{deed} {values}: {said.get('error', said)}")
            return said

    async def state(self) -> dict[str, Any]:
        """Read the venue's truth of this moment."""
        async with self.session.get(f"{self.control}/state") as answer:
            truth: dict[str, Any] = await answer.json()
            return truth

    async def log(self, *, since: int = 0, kinds: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Read what the venue saw and said, with its own instants."""
        query = {"since": str(since), "kind": ",".join(kinds)}
        async with self.session.get(f"{self.control}/log", params=query) as answer:
            entries: list[dict[str, Any]] = (await answer.json())["entries"]
            return entries

    async def account(self, account_id: int) -> dict[str, Any]:
        """Read the truth of one account."""
        accounts = (await self.state())["accounts"]
        return next(account for account in accounts if account["id"] == account_id)


HTTP_OK = 200


@contextlib.asynccontextmanager
async def played_venue(
    *, seed: int = 1, port: int = 0, program: Sequence[str] = THIS_PYTHON, patience: float = STARTS_WITHIN
) -> AsyncIterator[PlayedVenue]:
    """Start `risk-manager gateway` (port 0: a free one), and stop it at the end of the block.

    Raises `NotStartedError` when it ends at once, or says nothing for `patience` seconds.
    """
    async with _process([*program, "gateway", "--port", str(port), "--seed", str(seed)]) as process:
        greeting = json.loads(await _first_line(process, patience))
        async with aiohttp.ClientSession() as session:
            accounts = tuple(int(account["id"]) for account in greeting.pop("accounts"))
            yield PlayedVenue(**greeting, accounts=accounts, process=process, session=session)


@contextlib.asynccontextmanager
async def daemon(
    home: Path, *, program: Sequence[str] = THIS_PYTHON, log: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `risk-manager run` on a home, and stop it at the end of the block."""
    async with _process([*program, "run", "--home", str(home)], log=log) as process:
        yield process


def free_port() -> int:
    """Find a port of 127.0.0.1 that nobody uses at the moment; raise `OSError` where there is none.

    It is none of those that systems hand out to connections: while a daemon is down nobody gets its port by chance.
    """
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no port of 127.0.0.1 from {_PORTS.start} to {_PORTS.stop - 1} is free: end other programs")


@contextlib.asynccontextmanager
async def _process(command: Sequence[str], log: Path | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    with contextlib.ExitStack() as files:
        output = files.enter_context(log.open("ab")) if log is not None else asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT if log is not None else None,
        )
        try:
            yield process
        finally:
            await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
    with contextlib.suppress(ProcessLookupError):
        await process.wait()


async def _first_line(process: asyncio.subprocess.Process, patience: float) -> str:
    if process.stdout is None:
        raise NotStartedError("its output is not at hand")
    try:
        async with asyncio.timeout(patience):
            line = await process.stdout.readline()
    except TimeoutError as error:
        raise NotStartedError(f"it said nothing for {patience:g} s") from error
    if not line:
        raise NotStartedError(f"it ended with exit code {await process.wait()}")
    return line.decode()
