import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from risk_manager.config.configuration import load
from risk_manager.core.events import PositionUpdated
from risk_manager.daemon.watching.watched_login import Polling
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import LoopClock


def test_files_that_change_nothing_leave_everything_as_it_is(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        roster = stage.daemon.roster
        before = stage.daemon.pipeline.accounts[ACCOUNT]
        assert roster.take_on(load(home, environ={"KEY": "k"})) == ()
        assert stage.daemon.pipeline.accounts[ACCOUNT] is before
        assert stage.venue.subscribed == []

    play(home, scene)


@pytest.mark.parametrize(
    ("old", "new", "waits"),
    [
        ("", "gateway: {api: 'https://elsewhere.example'}\n", "the gateway's addresses"),
    ],
)
def test_what_a_running_daemon_cannot_take_on_is_named(tmp_path: Path, old: str, new: str, waits: str) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        text = home.accounts.read_text(encoding="utf-8")
        home.accounts.write_text(text.replace(old, new) if old else new + text, encoding="utf-8")
        environ: dict[str, Any] = {"KEY": "k", "OTHER": "o"}
        assert stage.daemon.roster.take_on(load(home, environ=environ)) == (waits,)

    play(home, scene)


def test_a_new_key_is_used_for_the_next_login_without_a_restart(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        text = home.accounts.read_text(encoding="utf-8").replace("env:KEY", "env:OTHER")
        home.accounts.write_text(text, encoding="utf-8")
        assert stage.daemon.roster.take_on(load(home, environ={"OTHER": "o"})) == ()
        assert stage.venue.keys == ["o"]

    play(home, scene)


def test_what_grew_while_an_enforcement_was_being_proven_is_judged_right_after_it(tmp_path: Path) -> None:
    rules = "rules:\n  max_contracts: {limit: 3, on_breach: reduce_to_limit}\n"

    async def scene(stage: Stage) -> None:
        await stage.live()

        def grow_behind_the_answer() -> None:
            """The answer tells 3 once more; the stream has told of a fourth, and the enforcement covers it."""
            if stage.venue.net.get(ES) == 3 and not grown:
                grown.append(True)
                told = replace(stage.venue.position(ES), net_size=4)
                stage.venue.deliver(PositionUpdated(at=LoopClock().now(), position=told))
                asyncio.get_running_loop().call_soon(stage.venue.net.__setitem__, ES, 4)

        grown: list[bool] = []
        stage.venue.during_picture = grow_behind_the_answer
        stage.says(5)
        await stage.until(lambda: grown, 5)
        await stage.until(lambda: len(stage.venue.words("reduce")) == 2, 1)

    play(home_with(tmp_path, rules=rules), scene)


def test_changed_channels_of_alerts_wait_for_a_restart(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        text = home.risk_config.read_text(encoding="utf-8")
        home.risk_config.write_text(f"{text}alerts:\n  - {{kind: toast}}\n", encoding="utf-8")
        assert stage.daemon.take_on(load(home, environ={"KEY": "k"})) == ("the channels of alerts",)

    play(home, scene)


def test_the_venue_is_read_as_often_as_the_file_says_from_the_start_and_after_a_reload(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules="feed: {poll_every: 20s, slow_poll_every: 60s}\nrules: {}\n")

    async def scene(stage: Stage) -> None:
        await stage.live()
        (login,) = stage.daemon.roster.logins
        assert login.watched.polling == {ACCOUNT: Polling(timedelta(seconds=20), timedelta(seconds=60))}
        home.risk_config.write_text("feed: {poll_every: 3s, slow_poll_every: 7s}\nrules: {}\n", encoding="utf-8")
        stage.daemon.take_on(load(home, environ={"KEY": "k"}))
        assert login.watched.polling == {ACCOUNT: Polling(timedelta(seconds=3), timedelta(seconds=7))}

    play(home, scene)
