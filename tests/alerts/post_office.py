"""What alarms need around them: a clock that is moved, a shelf in memory, and services that really listen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from risk_manager.alerts.alert import Alert
from risk_manager.config.alerts import AlertChannel, AlertKind, ChannelKind
from tests.patience import patience

START = datetime(2026, 8, 20, 14, 0, tzinfo=UTC)
PATIENCE = patience(10)


@dataclass
class Watch:
    """A clock that stands until it is moved."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class DictShelf:
    """Rows that outlive whoever wrote them, as long as the test holds them."""

    rows: dict[str, str] = field(default_factory=dict)

    def load(self) -> dict[str, str]:
        return dict(sorted(self.rows.items()))

    def keep(self, key: str, body: str, *, at: datetime, account_id: int = 0) -> None:
        del at, account_id
        self.rows[key] = body

    def drop(self, key: str, *, at: datetime, account_id: int = 0) -> None:
        del at, account_id
        self.rows.pop(key, None)


def alarm(topic: str = "t", *, kind: AlertKind = AlertKind.BREACH, title: str = "", account_id: int = 1) -> Alert:
    return Alert(
        kind=kind,
        at=START,
        title=title or topic,
        text=f"text of {topic}",
        topic=topic,
        account_id=account_id,
        account="Main",
    )


def webhook_at(url: str, name: str = "webhook", *, kind: ChannelKind = ChannelKind.WEBHOOK) -> AlertChannel:
    return AlertChannel(kind=kind, name=name, url=url)


@dataclass
class Service:
    """A service over a real socket; `answers` tells the status of each post, 200 when it has none left."""

    port: int = 0
    posts: list[tuple[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3same"

    @property
    def titles(self) -> list[str]:
        return [body["title"] for _, body in self.posts]

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        status = self.answers.pop(0) if self.answers else 200
        async with self.heard:
            if status == 200 and not self.is_silent:
                self.posts.append((request.path, body))
            self.heard.notify_all()
        if self.is_silent:
            await self.is_over.wait()
        return web.Response(status=status, headers=self.headers)

    async def until(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE), self.heard:
            await self.heard.wait_for(lambda: bool(what()))


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    """Let a service listen; on the same port again when it had one."""
    app = web.Application()
    app.router.add_post("/{rest:.*}", service.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", service.port, reuse_address=True)
    await site.start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        service.is_over.set()
        await runner.cleanup()
