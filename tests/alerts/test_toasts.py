import sys
from pathlib import Path

import pytest

from risk_manager.alerts.toasts import NotifySend, SessionWindow, desktop, session_of_people
from tests.alerts.post_office import alarm


class Program:
    """A notify-send of our own: a script where scripts can be started, for the tests that start one."""

    def __init__(self, folder: Path, words: str) -> None:
        self.said = folder / "said"
        self.path = folder / "notify-send"
        code = folder / "words.py"
        code.write_text(words.replace("SAID", repr(str(self.said))), encoding="utf-8")
        # a first line that names Python itself breaks where the path to it has a space
        self.path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{code}" "$@"\n', encoding="utf-8")
        self.path.chmod(0o755)


def test_a_desktop_is_where_somebody_has_a_session(tmp_path: Path) -> None:
    Program(tmp_path, "")
    path = {"PATH": str(tmp_path)}
    assert desktop(path, platform="linux") is None
    assert desktop({"DISPLAY": ":0", "PATH": str(tmp_path / "none")}, platform="linux") is None
    assert isinstance(desktop({}, platform="win32"), SessionWindow)


if sys.platform != "win32":  # scripts with a first line of their own are started elsewhere only

    async def test_a_notification_is_handed_over_with_its_markup_undone(tmp_path: Path) -> None:
        program = Program(tmp_path, "import sys; open(SAID, 'w').write('|'.join(sys.argv[1:]))")
        place = desktop({"DISPLAY": ":0", "PATH": str(tmp_path)}, platform="linux")
        assert place == NotifySend(str(program.path))
        assert place is not None
        assert await place.show(alarm("--icon=<b>")) == ""
        said = program.said.read_text(encoding="utf-8").split("|")
        assert said[-3:] == ["--", "--icon=<b>", "text of --icon=&lt;b&gt;"]

    async def test_a_program_that_fails_is_named(tmp_path: Path) -> None:
        program = Program(tmp_path, "raise SystemExit(3)")
        assert await NotifySend(str(program.path)).show(alarm()) == "notify-send ended with 3"

    async def test_the_window_of_another_system_says_that_it_is_none() -> None:
        assert await SessionWindow().show(alarm()) == "this is not Windows"


def test_over_remote_desktop_the_window_opens_where_the_daemon_runs_and_not_on_the_screen_of_the_machine() -> None:
    assert session_of_people(own=2, at_the_machine=1) == 2
    assert session_of_people(own=2, at_the_machine=0xFFFFFFFF) == 2


def test_a_service_opens_its_window_for_whoever_sits_at_the_machine() -> None:
    assert session_of_people(own=0, at_the_machine=1) == 1
    assert session_of_people(own=0, at_the_machine=0xFFFFFFFF) is None


@pytest.mark.parametrize("name", ["gone", "dir/gone"])
async def test_a_program_that_is_gone_is_named(tmp_path: Path, name: str) -> None:
    assert "cannot be started" in await NotifySend(str(tmp_path / name)).show(alarm())
