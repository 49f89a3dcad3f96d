"""Power cuts, broken files and disks that cannot be written, in front of real processes."""

import asyncio
import json
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from risk_manager.config.files import Home
from tests.alerts.post_office import Service, running
from tests.e2e.kit import ACCOUNT, Scene, account_of, comes_true, is_flat, scene, size_of
from tests.e2e.referee import judge
from tests.e2e.rows import write_down
from tests.e2e.test_commitment import command
from tests.e2e.test_enforcement import lose_the_days_limit
from tests.e2e.test_starting import run_to_its_end

pytestmark = pytest.mark.e2e
RULES = "rules: {daily_realized_loss: {loss_limit: 100}, max_contracts: {limit: 5}}\n"


@asynccontextmanager
async def play(home: Path, *, starts: bool = True) -> AsyncIterator[tuple[Scene, Service]]:
    """Play before a venue, with somebody who is told alarms; the referee reads the venue's log at the end."""
    async with running(Service()) as people:
        rules = f"alerts: [{{kind: webhook, url: '{people.url}'}}]\n{RULES}"
        async with scene(home, rules, starts=starts) as stage:
            yield stage, people
            truth = await stage.venue.account(ACCOUNT)
            theirs = {one["orderId"] for one in truth["trades"] if not await _is_an_exit(stage, one)}
            judge(await stage.venue.log(), account=ACCOUNT, trades=truth["trades"], traders=theirs)


async def _is_an_exit(stage: Scene, trade: dict[str, Any]) -> bool:
    """Tell whether a fill came of one of the daemon's requests: each closes what the trader has opened."""
    return trade["profitAndLoss"] is not None and bool(await stage.requests("/closeContract"))


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Keep how long something took, the start of a process among it."""
    began = asyncio.get_running_loop().time()
    yield
    write_down({what: round(asyncio.get_running_loop().time() - began, 2)})


def locks(status: dict[str, Any]) -> list[str]:
    return [lock["rule"] for lock in account_of(status)["locks"]]


def sealed_in_the_file(home: Path, rule: str) -> bool:
    return f'"{rule}"' in Home(home).sealed_locks.read_text(encoding="utf-8")


async def told(people: Service, words: str) -> None:
    await people.until(lambda: words in json.dumps([body for _, body in people.posts]))


async def is_protected(stage: Scene) -> None:
    """Let the trader try, and see it closed."""
    orders = len((await stage.venue.account(ACCOUNT))["orders"])
    await stage.buy(1, "MES")
    await stage.until(lambda truth: is_flat(truth) and len(truth["orders"]) > orders)


async def test_a_daemon_killed_between_request_and_proof_finishes_after_the_restart(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        await stage.venue.do("switches", fill_latency=3)
        await stage.buy(6, "MNQ")
        await comes_true(lambda: stage.requests("/closeContract"), bool, stage.log)
        await stage.kill()
        with measured("closed"):
            await stage.start()
            await stage.until(is_flat)
        await told(people, "up")
        assert len(await stage.requests("/closeContract")) == 1


async def test_a_broken_database_is_set_aside_and_the_day_is_counted_anew_from_rest(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        for number, spoil in enumerate((with_garbage, with_a_damaged_page), start=1):
            await stage.kill()
            spoil(tmp_path / "data" / "state.db")
            with measured("back"):
                await stage.start_anew()
                status = await stage.until_status(lambda status: locks(status) == ["daily_realized_loss"])
            assert float(account_of(status)["realized_pnl"]) < -100
            assert (tmp_path / "data" / f"state.db.broken-{number}").exists()
        await told(people, "set aside")
        await is_protected(stage)


def with_garbage(database: Path) -> None:
    for companion in ("-wal", "-shm"):  # SQLite would mend the file by them
        database.with_name(database.name + companion).unlink(missing_ok=True)
    database.write_bytes(b"no database " * 1000)


def with_a_damaged_page(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = bytearray(database.read_bytes())
    for page in range(4096, len(whole), 4096):
        whole[page : page + 100] = b"\xff" * 100
    database.write_bytes(whole)


async def test_damaged_rows_of_the_database_are_left_out_and_end_no_lock(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        await stage.until_status(lambda _: sealed_in_the_file(tmp_path, "daily_realized_loss"))
        await comes_true(lambda: stored_locks(tmp_path), bool, stage.log)
        await stage.kill()
        with sqlite3.connect(tmp_path / "data" / "state.db") as connection:
            connection.execute("UPDATE account_state SET body = 'x'")
            connection.execute("UPDATE journal SET body = 'x' WHERE kind <> 'plan'")
            connection.execute("UPDATE lockouts SET body = '{}'")
        connection.close()
        with measured("back"):
            await stage.start_anew()
            await stage.until_status(lambda status: locks(status) == ["daily_realized_loss"])
        await told(people, "in force again: daily_realized_loss")
        assert "row_unreadable" in (tmp_path / "logs" / "error.log").read_text(encoding="utf-8")
        await is_protected(stage)


async def test_a_home_that_cannot_be_written_is_protected_from_memory_and_says_so(tmp_path: Path) -> None:
    async with play(tmp_path, starts=False) as (stage, people):
        for folder in ("data", "logs"):
            (tmp_path / folder).write_text("no folder", encoding="utf-8")
        await stage.start_anew()
        status = await stage.until_status(lambda status: status["daemon"]["state"] == "degraded")
        assert "cannot be written" in status["daemon"]["detail"]
        await told(people, "cannot be written")
        await lose_the_days_limit(stage)
        await is_protected(stage)
        code, said = await run_to_its_end("run", "--home", str(tmp_path))
        assert code == 1
        assert "another daemon" in said


async def test_a_database_locked_by_another_program_at_the_start_gives_its_locks_all_the_same(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        assert stage.process is not None
        stage.process.terminate()
        await stage.process.wait()
        other = sqlite3.connect(tmp_path / "data" / "state.db", isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
            with measured("back"):
                await stage.start_anew()
                status = await stage.until_status(lambda status: locks(status) == ["daily_realized_loss"])
            assert "nothing new is remembered" in status["daemon"]["detail"]
            await told(people, "nothing new is remembered")
            await is_protected(stage)
            assert (await command(stage, "lock_now", account_id=ACCOUNT)).ok
        finally:
            other.close()
        await comes_true(lambda: stored_locks(tmp_path), lambda count: count == 2, stage.log)


async def test_an_older_database_put_back_ends_no_lock(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        await stage.kill()
        folder, kept = tmp_path / "data", tmp_path / "kept"
        shutil.copytree(folder, kept)
        await stage.start()
        answer = await command(stage, "lock_now", account_id=ACCOUNT)
        assert answer.ok, answer.message
        await stage.until_status(lambda _: sealed_in_the_file(tmp_path, "admin"))
        await stage.kill()
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
        with measured("back"):
            await stage.start_anew()
            await stage.until_status(lambda status: locks(status) == ["admin"])
        await told(people, "in force again: admin")
        await is_protected(stage)
        assert (await command(stage, "clear_lockout", account_id=ACCOUNT)).ok
        await stage.until_status(lambda status: locks(status) == [])


async def test_beside_a_database_of_a_later_version_the_protection_goes_on_and_leaves_it_alone(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        await stage.kill()
        database = tmp_path / "data" / "state.db"
        with sqlite3.connect(database) as later:
            later.execute("INSERT INTO schema_version VALUES (999)")
        later.close()
        left = database.read_bytes()
        with measured("back"):
            await stage.start_anew()
            status = await stage.until_status(lambda status: locks(status) == ["daily_realized_loss"])
        assert "has schema 999" in status["daemon"]["detail"]
        await told(people, "leaving that file as it is")
        await is_protected(stage)
        assert database.read_bytes() == left


def are_kept(home: Home) -> bool:
    """Tell whether the key of the login and the secret of the alerts lie in the record, encrypted."""
    body = json.loads(home.commitment.read_text(encoding="utf-8"))["body"]
    return bool(body["logins"]) and "alert webhook url" in body["keys"]


async def test_with_files_broken_at_a_restart_what_was_last_in_force_protects_and_says_so(tmp_path: Path) -> None:
    async with play(tmp_path) as (stage, people):
        home = Home(tmp_path)
        # keys and addresses of alarms stand in the files in the clear; they are kept for the day on which these break
        await stage.until_status(lambda _: are_kept(home))
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        await stage.kill()
        sound = home.risk_config.read_text(encoding="utf-8"), home.accounts.read_text(encoding="utf-8")
        home.risk_config.write_text(sound[0].replace("loss_limit: 100", "loss_limit: -1"), encoding="utf-8")
        home.accounts.unlink()
        with measured("back"):
            await stage.start_anew()
        status = await stage.status()
        assert locks(status) == ["daily_realized_loss"]
        assert "accounts.yaml: there is no such file" in status["daemon"]["detail"]
        assert "loss_limit" in status["daemon"]["detail"]
        await told(people, "configuration files are broken")
        await is_protected(stage)
        home.risk_config.write_text(sound[0], encoding="utf-8")
        home.accounts.write_text(sound[1], encoding="utf-8")
        answer = await command(stage, "reload")
        assert (answer.ok, answer.message) == (True, "reloaded")
        assert (await stage.status())["daemon"]["detail"] == ""
        await is_protected(stage)


if sys.platform != "win32":  # which lets nobody move what is open

    async def test_a_data_folder_moved_away_under_the_daemon_is_told_and_lets_no_second_one_in(tmp_path: Path) -> None:
        async with play(tmp_path) as (stage, people):
            (tmp_path / "data").rename(tmp_path / "moved")
            code, said = await run_to_its_end("run", "--home", str(tmp_path))
            assert code == 1
            assert "another daemon" in said
            await lose_the_days_limit(stage)
            await told(people, "moved away or replaced")
            await is_protected(stage)
            await stage.kill()
            with measured("back"):
                await stage.start_anew()
                await stage.until_status(lambda status: locks(status) == ["daily_realized_loss"])
            await told(people, "the database is gone")


if sys.platform == "linux":
    import resource

    async def test_a_disk_that_fills_up_under_the_daemon_is_told_and_made_good_when_there_is_room(
        tmp_path: Path,
    ) -> None:
        async with play(tmp_path) as (stage, people):
            assert stage.process is not None
            free = resource.prlimit(stage.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(stage.process.pid, resource.RLIMIT_FSIZE, (1, free[1]))
            await lose_the_days_limit(stage)
            await told(people, "going on in memory")
            await is_protected(stage)
            resource.prlimit(stage.process.pid, resource.RLIMIT_FSIZE, free)
            await comes_true(lambda: stored_locks(tmp_path), bool, stage.log)
            await stage.kill()
            await stage.start()
            assert locks(await stage.status()) == ["daily_realized_loss"]
            assert size_of(await stage.venue.account(ACCOUNT), "MES") == 0


async def stored_locks(home: Path) -> int:
    """Count the locks that are in the database."""
    with sqlite3.connect(home / "data" / "state.db") as connection:
        count = connection.execute("SELECT count(*) FROM lockouts").fetchone()[0]
    connection.close()
    return int(count)
