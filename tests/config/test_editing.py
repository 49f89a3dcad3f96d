from pathlib import Path

import pytest

from risk_manager.config.editing import ChangedMeanwhileError, FileBusyError, new_problems, replace, see
from tests.config.homes import ENVIRON, home_with
from tests.config.scanner import Windows

RULES = "rules:\n  max_contracts: {limit: 5}\n"


def test_a_file_is_replaced_when_it_is_still_what_was_seen(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules="\ufeffmode: enforce\r\n".encode())
    original = see(home.risk_config)
    assert original.text == "mode: enforce\r\n"
    replace(original, "mode: shadow\r\n")
    assert home.risk_config.read_bytes() == "\ufeffmode: shadow\r\n".encode()
    assert sorted(path.name for path in home.config.iterdir()) == ["accounts.yaml", "risk_config.yaml"]


def test_what_someone_else_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=RULES)
    original = see(home.risk_config)
    home.risk_config.write_text("his: own\n")
    with pytest.raises(ChangedMeanwhileError, match="changed by someone else"):
        replace(original, "mine: too\n")
    home.risk_config.unlink()
    with pytest.raises(ChangedMeanwhileError):
        replace(original, "mine: too\n")
    assert not home.risk_config.exists()


def test_a_file_that_an_editor_holds_open_is_left_alone_and_said_to_be_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with(tmp_path, rules=RULES)
    windows = Windows(monkeypatch)
    windows.open(home.risk_config)
    with pytest.raises(FileBusyError, match="held open by another program"):
        replace(see(home.risk_config), "mine: too\n", pause=lambda _: None)
    assert home.risk_config.read_text() == RULES
    replace(see(home.risk_config), "mine: too\n", pause=lambda _: windows.let_go())
    assert home.risk_config.read_text() == "mine: too\n"


def test_a_file_that_was_not_there_is_made(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=None)
    replace(see(home.risk_config), RULES)
    assert home.risk_config.read_text() == RULES


def test_only_problems_that_a_change_brings_are_named(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=RULES)
    wrong = {home.risk_config: RULES.replace("5", "0")}
    assert [problem.key for problem in new_problems(home, wrong, ENVIRON)] == ["rules.max_contracts.limit"]
    assert new_problems(home, {home.risk_config: RULES.replace("5", "4")}, {}) == []
    assert [problem.key for problem in new_problems(home, wrong, {})] == ["rules.max_contracts.limit"]
