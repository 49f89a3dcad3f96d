"""A database that another program holds at the start: the daemon protects, and comes back to it by itself."""

import asyncio
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from risk_manager.daemon.keeper import MENDED_AFTER
from risk_manager.store import database as module
from risk_manager.store.database import open_when_free
from risk_manager.store.reading import stored_state
from tests.daemon.days import day, lock
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.stage import Stage, home_with, play


def test_a_database_locked_at_the_start_is_written_by_itself_when_it_is_free_with_all_that_was_decided_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BUSY_AT_FIRST", 0.0)
    home = home_with(tmp_path)
    day(home)
    with ExitStack() as held:
        other = held.enter_context(closing(sqlite3.connect(home.database, isolation_level=None)))
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        async def scene(stage: Stage) -> None:
            stage.daemon.begin_in_trouble(("no logs",), passing="locked: going on in memory")
            await stage.live()
            lock(stage)
            await stage.until(stage.locks)
            health = stage.daemon.health
            assert not stage.database.flush()
            assert health.daemon_status().detail == "no logs; locked: going on in memory"
            held.close()
            assert stage.database.flush()
            await asyncio.sleep(2 * MENDED_AFTER)
            stage.says(0)
            await stage.until(lambda: health.daemon_status().detail == "no logs")

        warnings = play(home, scene, open_store=lambda: open_when_free(home.database, "it is locked")).warnings()
    assert warnings.count("STORE_FAILED") == 1
    with stored_state(home.database) as stored:
        assert [one["rule"] for one in stored.rows(ACCOUNT, "lockouts").values()] == ["admin"]
        assert "LockRequested" in [entry.kind for entry in stored.journal()]
