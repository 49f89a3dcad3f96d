import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.daemon.bootstrap import NO, WRONG_CONFIGURATION, run
from risk_manager.store.daemon_lock import hold
from tests.daemon.stage import home_with


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")


def test_a_configuration_with_problems_is_refused_with_all_of_them(tmp_path: Path) -> None:
    said: list[str] = []
    home = home_with(tmp_path, rules="rules: {max_contracts: {limit: 0}, no_such_rule: {}}")
    assert run(home, say=said.append) == WRONG_CONFIGURATION
    assert len(said) == 2


def test_a_second_daemon_on_the_same_home_is_refused(tmp_path: Path) -> None:
    said: list[str] = []
    home = home_with(tmp_path)
    lock = hold(home.daemon_lock)
    try:
        assert run(home, say=said.append) == NO
    finally:
        lock.release()
    assert "another daemon" in said[0]


def test_a_home_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    said: list[str] = []
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    home = home_with(tmp_path / "home")
    assert run(type(home)(blocked / "home"), say=said.append) == NO
    assert "cannot be used" in said[0]


def test_the_daemon_loads_no_screen_and_no_web_client_that_nothing_configured_asks_for() -> None:
    code = (
        "import sys, risk_manager.daemon.bootstrap, risk_manager.gateway.client; "
        "heavy = {'aiohttp', 'textual', 'rich', 'typer', 'structlog', 'questionary'}; "
        "print(','.join(sorted(heavy & set(sys.modules))))"
    )
    # our own interpreter with our own words
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout.strip(), answer.stderr) == (0, "", "")
