"""A screen before a real local API with a canned day behind it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from textual.pilot import Pilot

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.lines import plain
from risk_manager.dashboard.panels.lines_area import LinesArea
from risk_manager.local_api.client import Away, follow, wish_lock
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.server import Server
from tests.dashboard.canned_day import NOW
from tests.local_api.canned import Commands
from tests.patience import patience

MAIN = 123456
SMALL, LARGE = (80, 24), (160, 48)


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@asynccontextmanager
async def serving(body: Snapshot, port: int = 0, commands: Commands | None = None) -> AsyncIterator[Server]:
    server = Server(snapshot=lambda: body, on_command=commands or Commands())
    await server.start(port)
    try:
        yield server
    finally:
        await server.aclose()


async def soon(_: float) -> None:
    await asyncio.sleep(0.01)  # the back-off itself is the client's matter


def screen(port: int, clock: Clock | None = None, stored: Snapshot | None = None) -> TraderScreen:
    return TraderScreen(
        now=clock or Clock(),
        source=lambda: follow(port, sleep=soon),
        wish=lambda wish: wish_lock(wish, port),
        last_known=lambda: stored,
    )


def text(app: TraderScreen, name: str) -> str:
    return "\n".join(plain(line) for line in app.query_one(f"#{name}", LinesArea).lines)


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for the screen, five seconds at most."""
    async with asyncio.timeout(patience(5)):
        while not holds():
            await pilot.pause(0.01)


async def nobody() -> AsyncGenerator[Snapshot | Message | Away, None]:
    yield Away("nobody listens there", 1.0)
    await asyncio.Event().wait()


def text_below(app: TraderScreen) -> str:
    area = app.screen_stack[0].query_one("#header", LinesArea)
    return "\n".join(plain(line) for line in area.lines)
