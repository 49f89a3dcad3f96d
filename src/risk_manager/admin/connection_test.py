"""The way to TopstepX, gone step by step: each with what came of it, how long it took, and what to do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from risk_manager.config.accounts import Gateway
from risk_manager.core.events import Event, Feed, QuoteUpdated
from risk_manager.core.model.account import Account
from risk_manager.gateway.client import TopstepX
from risk_manager.gateway.errors import GatewayError

PATIENCE: Final = 10.0
"""Seconds for a step."""
_LOOK_EVERY: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `ok` None is neither good nor bad; `advice` is empty where there is nothing to do."""

    name: str
    ok: bool | None
    milliseconds: float
    detail: str
    advice: str = ""

    def __str__(self) -> str:
        """Write it on one line, and the advice on another."""
        sign = {True: "ok", False: "FAILED", None: "-"}[self.ok]
        line = f"{sign:7}{self.name:12}{self.milliseconds:7.0f} ms  {self.detail}"
        return f"{line}\n       → {self.advice}" if self.advice else line


class _StepFailedError(Exception):
    def __init__(self, detail: str, advice: str) -> None:
        super().__init__(detail)
        self.advice = advice


async def walk(
    gateway: Gateway,
    *,
    username: str,
    api_key: str,
    wanted: frozenset[int],
    now: Callable[[], datetime],
    patience: float = PATIENCE,
) -> AsyncIterator[Step]:
    """Go the whole way; a step that fails ends it, as the next ones would fail with it. No order is ever sent."""
    quotes = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, QuoteUpdated):
            quotes.set()

    venue = TopstepX(
        username=username,
        api_key=api_key,
        now=now,
        api=gateway.api,
        user_hub=gateway.user_hub,
        market_hub=gateway.market_hub,
    )

    async def streams() -> str:
        venue.start_streams(accounts=wanted, deliver=hear)
        return await _live(venue, Feed.USER)

    async def watch() -> str:
        contract = next((one for one in await venue.contracts() if one.active), None)
        if contract is None:
            return "no contract to ask for"
        await venue.watch_quotes([contract.contract_id])
        await quotes.wait()
        return contract.contract_id

    steps: tuple[tuple[str, Callable[[], Awaitable[str]], str], ...] = (
        ("network", lambda: _reach(gateway.api), "look at the internet connection, a firewall, and the api: address"),
        ("encryption", lambda: _encrypt(gateway.api), "something in between meddles; look at the machine's clock too"),
        ("ping", lambda: _ping(gateway.api), "the venue may be down for maintenance; try again later"),
        ("login", lambda: _log_in(venue), "check username and key: risk-manager admin accounts edit ID --key"),
        ("accounts", lambda: _accounts(venue, wanted), "TopstepX may be busy; try again in a minute"),
        ("contracts", lambda: _contracts(venue), "TopstepX may be busy; try again in a minute"),
        ("user hub", streams, "orders and fills are then asked for by REST; try again in a minute"),
        ("market hub", lambda: _live(venue, Feed.MARKET), "it needs a data licence on the platform"),
        ("quotes", watch, "outside market hours none come; during them try again"),
    )
    try:
        for name, take, advice in steps:
            step = await _taken(name, take, advice, patience)
            yield step
            if step.ok is False and name not in ("user hub", "market hub"):
                return
    finally:
        await venue.aclose()


async def listed_accounts(
    gateway: Gateway, *, username: str, api_key: str, now: Callable[[], datetime]
) -> tuple[Account, ...]:
    """Log in with a key and list the accounts of the login; raise `GatewayError`."""
    venue = TopstepX(username=username, api_key=api_key, now=now, api=gateway.api)
    try:
        await venue.log_in()
        return await venue.accounts()
    finally:
        await venue.aclose()


async def _taken(name: str, take: Callable[[], Awaitable[str]], advice: str, patience: float) -> Step:
    began = perf_counter()  # the loop's own time advances only every 16 ms on Windows, before Python 3.13
    ok: bool | None = True
    try:
        async with asyncio.timeout(patience):
            detail = await take()
    except TimeoutError:
        ok, detail = (None if name == "quotes" else False), f"nothing within {patience:g} s"
    except _StepFailedError as failure:
        ok, detail, advice = False, str(failure), failure.advice
    except (GatewayError, aiohttp.ClientError, OSError) as error:
        ok, detail = False, " ".join(str(error).split()) or type(error).__name__
    return Step(
        name=name,
        ok=ok,
        milliseconds=(perf_counter() - began) * 1000,
        detail=detail,
        advice="" if ok is True else advice,
    )


async def _reach(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    _, writer = await asyncio.open_connection(parts.hostname, port)
    peer = writer.get_extra_info("peername")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return f"{parts.hostname} is {peer[0]}, port {port}"


async def _encrypt(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return "not encrypted (http), as accounts.yaml says"
    _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=ssl.create_default_context())
    version = writer.get_extra_info("ssl_object").version()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return str(version)


async def _ping(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/api/Status/ping") as reply:
        if reply.status >= 400:  # noqa: PLR2004 - HTTP's own number
            raise _StepFailedError(f"HTTP {reply.status}", "the venue may be down for maintenance; try again later")
        return f"HTTP {reply.status}"


async def _log_in(venue: TopstepX) -> str:
    await venue.log_in()
    return "the key is taken"


async def _accounts(venue: TopstepX, wanted: frozenset[int]) -> str:
    found = {account.account_id: account for account in await venue.accounts()}
    missing = sorted(wanted - found.keys())
    if missing:
        raise _StepFailedError(
            f"account {missing[0]} is not among {', '.join(map(str, sorted(found))) or 'none'}",
            "correct account_id in accounts.yaml: risk-manager admin accounts remove, then add",
        )
    locked = [str(one) for one in sorted(wanted) if found[one].can_trade is False]
    words = f"{len(found)} at this login"
    return f"{words}; not allowed to trade: {', '.join(locked)}" if locked else words


async def _contracts(venue: TopstepX) -> str:
    return f"{len(await venue.contracts())} active"


async def _live(venue: TopstepX, feed: Feed) -> str:
    while True:
        health = next((one for one in venue.health() if one.feed is feed), None)
        if health is not None and health.state == "live":
            return "connected and subscribed" + (f"; {health.reason}" if health.reason else "")
        if health is not None and health.state == "refused":
            raise _StepFailedError(health.reason, "check the key, and the API subscription on the platform")
        await asyncio.sleep(_LOOK_EVERY)
