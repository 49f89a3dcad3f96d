import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from risk_manager.config.configuration import Configuration, load
from risk_manager.config.files import Home
from risk_manager.daemon.event_log import JsonLines
from risk_manager.daemon.telling.mail import Mail, mail_of
from risk_manager.store.database import Database, open_database
from tests.admin.desk import StandingClock
from tests.alerts.post_office import Service, alarm, running
from tests.daemon.stage import RULES, home_with

API_KEY = "k3y-of-the-trader"


def configured(home: Home, url: str) -> Configuration:
    text = home.risk_config.read_text(encoding="utf-8")
    home.risk_config.write_text(f"{text}alerts:\n  - {{kind: webhook, url: 'env:HOOK'}}\n", encoding="utf-8")
    return load(home, environ={"KEY": API_KEY, "HOOK": url})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_with(tmp_path, rules=RULES)


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    opened = open_database(home.database)
    yield opened
    opened.close()


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record))

    logger, handler = logging.getLogger("risk_manager.daemon"), Lines()
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def mail(configuration: Configuration, database: Database) -> Mail:
    made = mail_of(configuration, database, clock=StandingClock())
    assert made is not None
    return made


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_without_channels_there_is_no_mail(home: Home, database: Database) -> None:
    assert mail_of(load(home, environ={"KEY": API_KEY}), database, clock=StandingClock()) is None


async def test_no_secret_is_in_a_message_a_log_or_the_database(
    home: Home, database: Database, logged: list[str]
) -> None:
    service = Service(answers=[500])
    async with running(service):
        configuration = configured(home, service.url)
        made = mail(configuration, database)
        working = asyncio.create_task(made.run())
        leaky = f"login with {API_KEY} at {service.url}?access_token=t0ken failed"
        made.deliver(replace(alarm(), title=leaky, text=leaky, topic=leaky))
        await service.until(lambda: service.posts)
        await cancelled(working)
        await made.aclose()
    database.flush()
    with sqlite3.connect(home.database) as connection:
        stored = "".join(connection.iterdump())
    connection.close()
    written = f"{service.posts[0][1]} {logged} {stored} {made!r} {configuration!r}"
    assert "alerts_not_told" in written
    for secret in (API_KEY, service.url, "s3same", "t0ken"):
        assert secret not in written


async def test_what_nobody_took_is_told_by_the_next_daemon_on_the_same_home(home: Home) -> None:
    service = Service()
    async with running(service):
        pass
    configuration = configured(home, service.url)
    database = open_database(home.database)
    first = mail(configuration, database)
    working = asyncio.create_task(first.run())
    for topic in "abc":
        first.deliver(alarm(topic))
    await asyncio.sleep(0)
    await cancelled(working)
    await first.aclose()
    database.close()
    database = open_database(home.database)
    async with running(service):
        second = mail(configuration, database)
        working = asyncio.create_task(second.run())
        await service.until(lambda: len(service.posts) == 3)
        await cancelled(working)
        await second.aclose()
    database.close()
    assert service.titles == ["a", "b", "c"]


async def test_a_table_that_cannot_be_read_begins_anew(home: Home, database: Database, logged: list[str]) -> None:
    database.writer.change("DROP TABLE alerts_outbox", {})
    service = Service()
    async with running(service):
        made = mail(configured(home, service.url), database)
        working = asyncio.create_task(made.run())
        made.deliver(alarm("a"))
        await service.until(lambda: service.titles == ["a"])
        await cancelled(working)
        await made.aclose()
    assert "outbox_unread" in "".join(logged)
