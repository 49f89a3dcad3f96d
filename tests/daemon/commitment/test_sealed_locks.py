"""Locks outlive what becomes of the database: an older one put back, rows deleted by hand, the file gone."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.core.actions import Lock, LockMode
from risk_manager.core.state.lockouts import Lockout, Lockouts
from risk_manager.daemon.commitment import kept_file
from risk_manager.daemon.commitment.sealed_locks import SealedLocks
from risk_manager.store.database import open_in_memory
from risk_manager.store.reading import stored_state
from risk_manager.store.rows import StateRow
from tests.daemon.days import clear, day, in_force, lock, lock_for
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.lives import forget_database
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import LoopClock


def in_both_places(home: Home) -> tuple[str, str]:
    """Read the sealed list of the database and that of the file."""
    with sqlite3.connect(home.database) as connection:
        ((row,),) = connection.execute("SELECT body FROM commitments WHERE key = 'record of locks'")
    connection.close()
    return row, home.sealed_locks.read_text(encoding="utf-8")


class Copies:
    """What somebody has copied in time, to be put back later."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._kept = home.folder.with_name(f"{home.folder.name}-kept")
        shutil.copytree(home.folder, self._kept)

    def put_back(self, *names: str) -> None:
        forget_database(self._home)
        for name in names:
            shutil.copyfile(self._kept / name, self._home.folder / name)


DATABASE, FILE = "data/state.db", "config/locks.json"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = home_with(tmp_path / "home")
    day(made)
    return made


def test_an_older_database_put_back_ends_no_lock(home: Home) -> None:
    earlier = Copies(home)
    day(home, lock)
    earlier.put_back(DATABASE)
    locks, alarms = day(home)
    assert [one.rule for one in locks] == ["admin"]
    assert "LOCKS_TAKEN_BACK" in alarms
    assert "admin without an end of its own" in alarms
    with stored_state(home.database) as stored:
        noted = [one for one in stored.journal() if one.kind == "locks"]
    assert [(one.account_id, one.body["state"]) for one in noted] == [(ACCOUNT, "taken back")]
    locks, alarms = day(home)
    assert len(locks) == 1
    assert alarms == ""


def test_a_lock_that_was_taken_back_acts_and_can_be_cleared_for_good(home: Home) -> None:
    earlier = Copies(home)
    day(home, lock)
    earlier.put_back(DATABASE)

    async def trade(stage: Stage) -> None:
        stage.says(1)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    locks, _ = day(home, trade, clear)
    assert locks == []
    locks, alarms = day(home)
    assert (locks, alarms) == ([], "")


def test_a_deleted_database_ends_no_lock_and_is_told(home: Home) -> None:
    day(home, lock)
    forget_database(home)
    locks, alarms = day(home)
    assert [one.rule for one in locks] == ["admin"]
    assert "DATABASE_GONE" in alarms
    assert "LOCKS_TAKEN_BACK" in alarms
    assert day(home) == (locks, "")


def test_beside_a_database_that_only_a_later_version_understands_the_locks_are_in_force(home: Home) -> None:
    day(home, lock)
    seen: list[Lockout] = []

    async def scene(stage: Stage) -> None:
        await stage.live()
        seen.extend(in_force(stage))

    stage = play(home, scene, open_store=open_in_memory)
    assert [one.rule for one in seen] == ["admin"]
    assert "DATABASE_GONE" in stage.warnings()


def test_a_lock_deleted_from_the_database_by_hand_comes_back(home: Home) -> None:
    day(home, lock)
    with sqlite3.connect(home.database) as connection:
        connection.execute("DELETE FROM lockouts")
    connection.close()
    locks, alarms = day(home)
    assert len(locks) == 1
    assert "LOCKS_TAKEN_BACK" in alarms


def test_a_lock_that_was_lengthened_later_ends_later(home: Home) -> None:
    day(home, lock_for(3600))
    earlier = Copies(home)
    day(home, lock_for(7200))
    earlier.put_back(DATABASE)
    (one,), alarms = day(home)
    assert one.until is not None
    assert one.until - one.since > timedelta(seconds=7000)
    assert "LOCKS_TAKEN_BACK" in alarms


def test_what_may_be_held_under_a_lock_is_known_without_the_database(home: Home) -> None:
    async def hold(stage: Stage) -> None:
        stage.says(2)
        await asyncio.sleep(1)
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        action = Lock(rule="r", code="C", mode=LockMode.NO_NEW_RISK, root=None, until=None)
        state.lockouts.put(action, now=LoopClock().now(), reason="why", ceilings={ES: 2})
        stage.says(1)

    day(home, hold)
    forget_database(home)
    (one,), _ = day(home, held=1)
    assert one.ceilings == {ES: 1}


def test_a_lock_that_was_cleared_stays_so_whatever_older_file_lies_beside_the_database(home: Home) -> None:
    day(home, lock)
    locked = Copies(home)
    day(home, clear)
    shutil.copyfile(locked._kept / FILE, home.sealed_locks)
    assert day(home) == ([], "")


def test_a_lock_that_has_ended_by_itself_is_in_neither_place(home: Home) -> None:
    before = Copies(home)
    day(home, lock_for(3), lambda _: asyncio.sleep(30), lambda stage: stage.says(0))
    before.put_back(DATABASE)
    assert day(home) == ([], "")


def test_nothing_is_said_after_a_plain_restart(home: Home) -> None:
    day(home, lock)
    locks, alarms = day(home)
    assert len(locks) == 1
    assert alarms == ""


def test_an_older_database_without_the_sealed_file_is_told(home: Home) -> None:
    earlier = Copies(home)
    day(home, lock)
    earlier.put_back(DATABASE)
    home.sealed_locks.unlink()
    _, alarms = day(home)
    assert "LOCKS_UNSEALED" in alarms
    assert day(home)[1] == ""


def test_a_list_that_was_edited_is_not_believed_before_one_that_was_not(home: Home) -> None:
    day(home, lock)
    text = home.sealed_locks.read_text(encoding="utf-8")
    home.sealed_locks.write_text(text.replace('"admin"', '"nobody"'), encoding="utf-8")
    locks, alarms = day(home)
    assert [one.rule for one in locks] == ["admin"]
    assert "LOCKS_UNSEALED" in alarms


@pytest.mark.parametrize("spoilt", ["", "{", "[]", "[" * 100_000, '{"seal": "", "body": {"accounts": 5}}'])
def test_a_list_that_is_none_ends_no_protection(home: Home, spoilt: str) -> None:
    day(home, lock)
    home.sealed_locks.write_text(spoilt, encoding="utf-8")
    locks, alarms = day(home)
    assert len(locks) == 1
    assert "LOCKS_UNSEALED" in alarms


def test_where_database_and_list_are_gone_people_are_told_that_locks_may_be_lost(home: Home) -> None:
    day(home, lock)
    forget_database(home)
    home.sealed_locks.unlink()
    locks, alarms = day(home)
    assert locks == []
    assert "LOCKS_LOST" in alarms


def test_where_limits_and_locks_are_gone_together_people_are_told_of_the_locks_too(home: Home) -> None:
    day(home, lock)
    forget_database(home)
    home.sealed_locks.unlink()
    home.commitment.unlink()
    locks, alarms = day(home)
    assert locks == []
    assert "COMMITMENT_LOST" in alarms
    assert "LOCKS_LOST" in alarms
    assert day(home) == ([], "")


def test_a_home_of_an_earlier_version_begins_its_list_without_a_word(home: Home) -> None:
    day(home, lock)
    home.sealed_locks.unlink()
    with sqlite3.connect(home.database) as connection:
        connection.execute("DELETE FROM commitments WHERE key = 'record of locks'")
    connection.close()
    locks, alarms = day(home)
    assert len(locks) == 1
    assert alarms == ""
    assert '"admin"' in home.sealed_locks.read_text(encoding="utf-8")


def test_locks_of_an_account_that_is_not_watched_now_stay_in_the_list(home: Home) -> None:
    day(home, lock)
    home.accounts.write_text(home.accounts.read_text(encoding="utf-8").replace(f"{ACCOUNT}", f"{ACCOUNT + 1}"))
    home.risk_config.write_text(f"commitment: {{loosen_after: none}}\n{home.risk_config.read_text(encoding='utf-8')}")

    async def scene(stage: Stage) -> None:
        stage.daemon.locks.follow(ACCOUNT + 1, Lockouts())
        await asyncio.sleep(1)

    play(home, scene)
    assert '"admin"' in home.sealed_locks.read_text(encoding="utf-8")


def no_file(dead: pytest.MonkeyPatch) -> None:
    dead.setattr(kept_file, "write_privately", lambda *_: None)


def no_row(dead: pytest.MonkeyPatch) -> None:
    seal = SealedLocks._seal_what_changed

    def seal_for_the_file(locks: SealedLocks) -> list[StateRow]:
        seal(locks)
        return []

    dead.setattr(SealedLocks, "_seal_what_changed", seal_for_the_file)


@pytest.mark.parametrize("dies_before", [no_file, no_row])
def test_no_death_between_the_two_places_loses_a_lock_or_raises_an_alarm(
    home: Home, monkeypatch: pytest.MonkeyPatch, dies_before: Callable[[pytest.MonkeyPatch], None]
) -> None:
    for deed, left in ((lock, 1), (clear, 0)):
        before, _ = in_both_places(home)
        with monkeypatch.context() as dead:
            dies_before(dead)
            day(home, deed)
        row, file = in_both_places(home)
        assert (row == before, file == before) == (dies_before is no_row, dies_before is no_file)
        locks, alarms = day(home)
        assert (len(locks), alarms) == (left, "")
        row, file = in_both_places(home)
        assert row == file
