import os
import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.admin.words import parser
from risk_manager.store.reading import stored_state
from tests.admin.desk import CTRL_C, RIGHT, Desk
from tests.admin.every_action import ACTIONS
from tests.patience import patience

EVERY_WORD = [*([*name.split(), *action.words] for name, action in ACTIONS.items()), []]


def run(home: Path, *words: str, said: str) -> subprocess.CompletedProcess[str]:
    source = str(Path(__file__).parents[2] / "src")
    environ = {**os.environ, "PYTHONPATH": source, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "risk_manager", "admin", "--home", str(home), *words]
    return subprocess.run(
        command,
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environ,
        timeout=patience(60),
    )


@pytest.mark.parametrize("words", EVERY_WORD, ids=" ".join)
def test_nothing_is_told_or_done_for_a_wrong_password(desk: Desk, words: list[str]) -> None:
    before = desk.files()
    assert desk.command(*words, lines=("wrong horse",)) == 1
    assert desk.complaint == "risk-manager admin: wrong password"
    assert desk.said == []
    assert desk.files() == before


@pytest.mark.parametrize("words", EVERY_WORD, ids=" ".join)
def test_ctrl_c_at_the_password_does_nothing(desk: Desk, words: list[str]) -> None:
    before = desk.files()
    assert desk.keys(words=words, password=CTRL_C) == 1
    assert desk.complaint == "risk-manager admin: stopped"
    assert desk.files() == before


def test_guesses_are_slowed_down_over_all_commands(desk: Desk) -> None:
    for _ in range(4):
        desk.command("rules", "list", lines=("wrong horse",))
    assert "too many wrong passwords" in desk.complaint
    assert desk.command("rules", "list") == 1


def test_without_standard_input_the_password_is_missed(desk: Desk) -> None:
    assert desk.command("rules", "list", lines=()) == 2
    assert "expected on standard input" in desk.complaint


def test_the_password_is_changed_with_the_old_one_and_journaled_without_either(desk: Desk) -> None:
    assert desk.command("password", lines=(RIGHT, "another pass", "another pass")) == 0
    assert desk.command("rules", "list") == 1
    assert desk.command("rules", "list", lines=("another pass",)) == 0
    with stored_state(desk.home.database) as stored:
        assert [entry.body["what"] for entry in stored.journal()] == ["admin password"]


def test_a_home_that_may_not_be_written_is_told_before_the_password_is_asked(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    desk.home = type(desk.home)(tmp_path / "file" / "x")
    assert desk.command("rules", "list", lines=()) == 3


def test_the_command_line_hands_everything_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    said = "correct horse\ncorrect horse\n"
    first = run(home, "password", said=said)
    assert (first.returncode, first.stderr) == (0, "")
    listed = run(home, "rules", "list", said="correct horse\n")
    assert listed.returncode == 0
    assert "max_contracts" in listed.stdout
    wrong = run(home, "accounts", "pause", "5", said="wrong horse\n")
    assert (wrong.returncode, wrong.stdout, wrong.stderr) == (1, "", "risk-manager admin: wrong password\n")
    assert run(home, "dance", said="").returncode == 2


def test_a_password_on_the_command_line_is_no_way_in() -> None:
    for word in (["--password", RIGHT], ["rules", "list", "--password", RIGHT]):
        with pytest.raises(SystemExit):
            parser().parse_args(word)


def test_a_person_may_give_a_command_too(desk: Desk) -> None:
    assert desk.keys(words=["rules", "set", "max_contracts.limit", "1"]) == 0
    assert "limit: 1," in desk.rules
