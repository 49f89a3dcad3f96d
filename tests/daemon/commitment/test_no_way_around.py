"""Ways around one's own limits that a trader thinks of in a bad hour, by files written for it."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.core.events import LockRequested
from risk_manager.core.state.lockouts import Lockout
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import FIVE, first_day, limit, live, write
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import START, LoopClock

ENTRY = f"{{account_id: {ACCOUNT}, username: trader, api_key: 'env:KEY'}}"
HALF = ENTRY.replace("'env:KEY'", '"\\ud800"')
HALF_A_NAME = ENTRY.replace("'env:KEY'", '"env:\\ud800"')


def with_accounts(text: str) -> Callable[[Home], object]:
    return lambda home: home.accounts.write_text(text, encoding="utf-8")


SPOILT: dict[str, Callable[[Home], object]] = {
    "a port that is none": with_accounts(f"gateway: {{api: 'https://api.topstepx.com:abc'}}\naccounts: [{ENTRY}]\n"),
    "half a character in a key": with_accounts(f"accounts: [{HALF}]\n"),
    "half a character in the name of a variable": with_accounts(f"accounts: [{HALF_A_NAME}]\n"),
    "a record that is nested too deeply": lambda home: home.commitment.write_text("[" * 100_000),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_files_made_to_stumble_over_end_no_protection(tmp_path: Path, spoilt: str) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    SPOILT[spoilt](home)
    assert limit(live(home)) == 3


def test_a_stricter_value_that_could_not_be_read_again_takes_no_limit_along(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, f"quotes: {{stale_after_seconds: 0.00000001}}\n{FIVE}")
    live(home)
    stage = live(home)
    assert limit(stage) == 3
    assert "COMMITMENT_UNREAD" not in stage.warnings()


def test_a_lock_edited_in_the_database_to_begin_later_and_end_soon_ends_no_sooner(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    kept: list[Lockout] = []

    async def lock(stage: Stage) -> None:
        await stage.live()
        until = START + timedelta(hours=1)
        stage.daemon.pipeline.post(LockRequested(at=LoopClock().now(), account_id=ACCOUNT, until=until))
        await asyncio.sleep(1)

    async def look(stage: Stage) -> None:
        await stage.live()
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        kept.extend(state.lockouts.by_key.values())

    play(home, lock)
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE lockouts SET body = replace(body, 'T14:00:00', 'T14:00:01')")
        connection.execute("UPDATE lockouts SET body = replace(body, 'T15:00:00', 'T14:05:00')")
        ((edited,),) = connection.execute("SELECT until FROM lockouts").fetchall()
    connection.close()
    assert edited == "2026-08-20T14:05:00Z"
    warnings = play(home, look).warnings()
    assert [one.until for one in kept] == [START + timedelta(hours=1)]
    assert "LOCKS_TAKEN_BACK" in warnings
