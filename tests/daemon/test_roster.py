from pathlib import Path
from typing import Any

import pytest

from risk_manager.config.configuration import load
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.stage import Stage, home_with, play


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
        ("env:KEY", "env:OTHER", "the new key of trader"),
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


def test_changed_channels_of_alerts_wait_for_a_restart(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        text = home.risk_config.read_text(encoding="utf-8")
        home.risk_config.write_text(f"{text}alerts:\n  - {{kind: toast}}\n", encoding="utf-8")
        assert stage.daemon.take_on(load(home, environ={"KEY": "k"})) == ("the channels of alerts",)

    play(home, scene)
