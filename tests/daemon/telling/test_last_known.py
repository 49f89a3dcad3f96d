import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.core.events import TradeReported
from risk_manager.daemon.telling.last_known import last_known
from risk_manager.store.daemon_lock import hold
from tests.daemon.stage import Stage, home_with, loss, play
from tests.daemon.virtual_time import LoopClock


def test_while_the_daemon_is_down_the_last_known_day_and_locks_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=loss(250)))
        await stage.until(stage.is_quiet)

    play(home, scene)
    snapshot = last_known(home)
    assert snapshot is not None
    assert snapshot.daemon.state == "down"
    (account,) = snapshot.accounts
    assert account.realized_pnl == Decimal(-250)
    assert [lock.rule for lock in account.locks] == ["daily_realized_loss"]


def test_a_home_in_which_no_daemon_ever_ran_has_nothing_to_tell(tmp_path: Path) -> None:
    assert last_known(home_with(tmp_path)) is None


def test_where_no_port_can_be_read_it_is_said_that_the_one_which_was_asked_is_a_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)
    play(home, lambda stage: stage.live())
    home.commitment.unlink()
    with sqlite3.connect(home.database) as connection:
        connection.execute("DELETE FROM commitments")
    connection.close()
    told = last_known(home)
    home.risk_config.write_bytes(b"\xff")
    guessed = last_known(home)
    assert told is not None
    assert guessed is not None
    assert told.daemon.detail == "the daemon is not running"
    assert guessed.daemon.detail.endswith("; its port is a guess, as risk_config.yaml cannot be read")


def test_a_daemon_that_holds_the_home_and_stays_silent_is_not_said_to_be_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()

    play(home, scene)
    down = last_known(home)
    lock = hold(home.daemon_lock)
    try:
        silent = last_known(home)
    finally:
        lock.release()
    assert down is not None
    assert silent is not None
    assert (down.daemon.state, silent.daemon.state) == ("down", "silent")
    assert down.daemon.detail == "the daemon is not running"
    assert silent.daemon.detail == "a daemon works on this home, but does not answer"
