"""A server with a canned snapshot, and a raw listener to talk to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import msgspec

from risk_manager.local_api.commands import Result
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import AccountStatus, DaemonStatus, Snapshot, Warned
from risk_manager.local_api.quotes import MarketQuote
from risk_manager.local_api.server import Server
from tests.patience import patience

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PATIENCE = patience(5)


def calm_snapshot() -> Snapshot:
    """One account with nothing going on."""
    return Snapshot(
        at=NOON,
        daemon=DaemonStatus(state="live", since=NOON, version="0.1.0"),
        accounts=(AccountStatus(id=1, nickname="Main", can_trade=True, balance=Decimal(50000)),),
    )


def warning(text: str) -> Message:
    """An event that is told as it is."""
    return Message(1, Warned(at=NOON, code="TOLD", text=text))


def quote(last: str, contract_id: str = "CON.F.US.EP.U26") -> Message:
    """An event of which only the latest counts."""
    return Message(None, MarketQuote(contract_id=contract_id, root="ES", at=NOON, last=Decimal(last)))


class Commands:
    """Carries out nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, command: str, arguments: Mapping[str, Any]) -> Result:
        self.asked.append((command, dict(arguments)))
        return Result(ok=True, message=f"{command} done")


@asynccontextmanager
async def serving(commands: Commands | None = None, *, most_waiting: int = 2048) -> AsyncIterator[Server]:
    """A server on a free port whose password is `open sesame`."""
    server = Server(
        snapshot=calm_snapshot,
        on_command=commands or Commands(),
        check_password=lambda guess: guess == "open sesame",
        most_waiting=most_waiting,
    )
    await server.start(0)
    try:
        yield server
    finally:
        await server.aclose()


class RawListener:
    """A listener that sees frames and not messages."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self) -> dict[str, Any]:
        """Wait for the next text frame."""
        async with asyncio.timeout(PATIENCE):
            return dict(msgspec.json.decode(await self.ws.receive_str()))

    async def ask(self, text: str) -> dict[str, Any]:
        """Send text and wait for the next frame."""
        await self.ws.send_str(text)
        return await self.next()

    async def end(self) -> aiohttp.WSMessage:
        """Read until the connection ends."""
        async with asyncio.timeout(PATIENCE):
            while (frame := await self.ws.receive()).type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                pass
        return frame


@asynccontextmanager
async def raw_listener(
    port: int, headers: Mapping[str, str] | None = None, query: str = ""
) -> AsyncIterator[RawListener]:
    """Connect without the project's own client; the snapshot is still to be read."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://127.0.0.1:{port}/{query}", headers=headers) as ws,
    ):
        yield RawListener(ws)
