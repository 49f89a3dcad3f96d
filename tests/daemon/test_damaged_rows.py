"""Rows that a bad disk has damaged: what they told is lost, and keeps no daemon from starting."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from risk_manager.config.files import Home
from tests.daemon.days import lock
from tests.daemon.fake_venue import ES
from tests.daemon.stage import Stage, home_with, play

DAMAGED = ("x", "[[[[", "5", "null", "{}", '{"case": 5}')


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A day with an enforcement and a lock."""
    made = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        lock(stage)
        await asyncio.sleep(1)

    play(made, scene)
    return made


def damage(home: Home, statement: str, value: str) -> None:
    with sqlite3.connect(home.database) as connection:
        connection.execute(statement, (value,))
    connection.close()


def starts_locked(home: Home) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert stage.locks() == ["admin"]
        stage.says(1)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, scene)


@pytest.mark.parametrize("body", DAMAGED)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account_state SET body = ?",
        "UPDATE journal SET body = ?",
        "UPDATE enforcement_log SET body = ?",
    ],
)
def test_a_damaged_row_keeps_no_daemon_from_starting(home: Home, statement: str, body: str) -> None:
    damage(home, statement, body)
    starts_locked(home)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE daily_pnl SET key = ?", "2026-08-2x"),
        ("UPDATE journal SET at = ?", "2026-08-2x"),
        ("UPDATE contract_cache SET tick_size = ?", "0.2x"),
        ("UPDATE account_state SET body = ?", "\x00"),
    ],
)
def test_a_damaged_value_keeps_no_daemon_from_starting(home: Home, statement: str, value: str) -> None:
    damage(home, statement, value)
    starts_locked(home)
