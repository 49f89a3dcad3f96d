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
