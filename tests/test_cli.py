import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.cli import COMMANDS, DONE, NO, OUT_OF_REACH, WRONG_USE, main, parser
from tests.config.homes import ACCOUNTS
from tests.patience import patience


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "a home"
    assert main(["init", "--home", str(folder)]) == DONE
    return folder


def test_init_writes_what_is_missing_and_nothing_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (home / "data" / "state.db").exists()
    (home / "config" / "accounts.yaml").write_text("mine")
    capsys.readouterr()
    assert main(["init", "--home", str(home)]) == DONE
    assert (home / "config" / "accounts.yaml").read_text() == "mine"
    assert "Nothing that was there has been changed" in capsys.readouterr().out


def test_check_names_problems_and_answers_no(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config" / "risk_config.yaml").write_text("rules: {}\nmood: enforce\n")
    capsys.readouterr()
    assert main(["check", "--home", str(home)]) == NO
    out = capsys.readouterr().out
    assert "risk_config.yaml:2: mood: enforce: unknown key; did you mean mode?" in out
    assert "2 to mend in" in out


def test_check_says_what_is_enforced(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "abc")
    (home / "config" / "accounts.yaml").write_text(ACCOUNTS)
    capsys.readouterr()
    assert main(["check", "--home", str(home)]) == DONE
    assert "Account 123456 (Main): enforced, day from 17:00 America/Chicago" in capsys.readouterr().out


def test_locate_names_every_file_and_whether_it_is_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["locate", "--home", str(home)]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert f"database        {home / 'data' / 'state.db'}" in lines
    assert f"error log       {home / 'logs' / 'error.log'}  (not there)" in lines


def test_the_home_may_come_from_the_environment(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RISK_MANAGER_HOME", str(home))
    capsys.readouterr()
    assert main(["locate"]) == DONE
    assert str(home) in capsys.readouterr().out


def test_hide_keys_says_what_it_did(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config" / "accounts.yaml").write_text(ACCOUNTS.replace("env:KEY", "s3same"))
    capsys.readouterr()
    assert main(["hide-keys", "--home", str(home)]) == DONE
    assert "secret:trader" in capsys.readouterr().out
    assert "s3same" not in (home / "config" / "accounts.yaml").read_text()
    assert main(["hide-keys", "--home", str(home)]) == DONE
    assert "no key stands in the clear" in capsys.readouterr().out


def test_a_stored_key_makes_the_sample_complete(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "risk_manager"]
    home = ["--home", str(tmp_path / "home")]
    source = str(Path(__file__).parents[1] / "src")

    def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        environ = {"PYTHONPATH": source, "SYSTEMROOT": "C:\\Windows", "PYTHONIOENCODING": "ascii"}
        return subprocess.run(
            [*command, *words, *home],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            env=environ,
            timeout=patience(60),
        )

    assert run("init").returncode == DONE
    assert run("check").returncode == NO
    assert run("store-key", "trader", said="\n").returncode == WRONG_USE
    assert run("store-key", "trader", said="abc\n").returncode == DONE
    assert run("check").returncode == DONE


def test_what_cannot_be_done_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["init", "--home", str(tmp_path / "file" / "home")]) == OUT_OF_REACH
    error = capsys.readouterr().err
    assert error.startswith("risk-manager init: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["dance"], ["check", "--hom"], ["store-key"]])
def test_wrong_usage_is_told_with_its_own_exit_code(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == WRONG_USE


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_the_help_of_every_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args([command, "--help"])
    assert left.value.code == 0
    assert f"example: risk-manager {command}" in capsys.readouterr().out


def test_the_command_line_itself_loads_next_to_nothing() -> None:
    program = "import sys, risk_manager.cli; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[1] / "src")},
        timeout=patience(60),
    )
    assert not {"typer", "rich", "textual", "pydantic", "ruamel.yaml", "sqlite3"} & set(answer.stdout.split())
