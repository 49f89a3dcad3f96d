"""A client's end of a connection, for tests: what it receives can be waited for."""

import asyncio
from collections.abc import Awaitable, Callable

from risk_manager.signalr.connection import Delivery, HubConnection, HubSettings, open_hub
from tests.signalr.hub import Call


class Inbox:
    """Keeps what was delivered, and lets a test wait for it."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Delivery] = asyncio.Queue()

    def __call__(self, message: Delivery) -> None:
        self.messages.put_nowait(message)

    async def take(self, count: int) -> list[Delivery]:
        return [await self.messages.get() for _ in range(count)]


async def token() -> str:
    return "t0ken"


async def connect(
    url: str,
    *,
    inbox: Callable[[Delivery], None] | None = None,
    settings: HubSettings | None = None,
    access_token: Callable[[], Awaitable[str]] = token,
) -> HubConnection:
    return await open_hub(
        url, access_token=access_token, on_message=inbox or Inbox(), settings=settings or HubSettings()
    )


async def accept_and_listen(call: Call) -> None:
    await call.accept()
    await call.hear_until_hung_up()
