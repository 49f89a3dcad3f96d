import re
import shlex
from pathlib import Path

import pytest

from risk_manager.admin.words import parser

LEAVES = [
    "rules list", "rules show", "rules set", "rules enable", "rules disable", "rules shadow",
    "accounts list", "accounts add", "accounts edit", "accounts pause", "accounts resume", "accounts remove",
    "accounts test", "lockouts list", "lockouts clear", "lock-now", "password", "reload", "logs", "metrics",
    "backup", "restore", "setup",
]  # fmt: skip


@pytest.mark.parametrize("words", LEAVES)
def test_the_help_of_every_word_has_an_example_that_can_be_typed(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args([*words.split(), "--help"])
    told = " ".join(capsys.readouterr().out.split())
    example = told.partition("example: risk-manager admin ")[2]
    assert example.startswith(words)
    assert parser().parse_args(example.split()).deed


def test_every_word_takes_a_home() -> None:
    assert parser().parse_args(["rules", "list", "--home", "x"]).home == "x"
    assert parser().parse_args([]).home is None


@pytest.mark.parametrize("words", [["dance"], ["rules"], ["rules", "set", "a"], ["accounts", "pause", "x"], ["backup"]])
def test_wrong_use_is_told(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args(words)
    assert left.value.code == 2


def test_the_guide_has_every_word_and_no_task_of_more_than_ten_lines() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "admin-guide.md").read_text(encoding="utf-8")
    assert [words for words in LEAVES if f"admin {words}" not in guide] == []
    for task in guide.split("\n## ")[1:]:
        assert len([line for line in task.splitlines()[1:] if line.strip()]) <= 10, task


def test_every_command_of_the_guide_can_be_typed() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "admin-guide.md").read_text(encoding="utf-8")
    typed = [shlex.split(one)[2:] for one in re.findall(r"`(risk-manager admin [^`<]+)`", guide)]
    for words in typed:
        if "--help" not in words:
            assert parser().parse_args(words)
