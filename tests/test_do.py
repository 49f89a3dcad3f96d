import json
import subprocess
import sys
from pathlib import Path

import pytest

import do
from tests.patience import patience


def make_project(folder: Path) -> tuple[Path, Path]:
    lock, project = folder / "requirements.lock", folder / "pyproject.toml"
    lock.write_text("one==1", encoding="utf-8")
    project.write_text("[project]", encoding="utf-8")
    return lock, project


def test_the_same_files_need_no_new_setup(tmp_path: Path) -> None:
    lock, project = make_project(tmp_path)
    assert do.fingerprints(lock=lock, project=project) == do.fingerprints(lock=lock, project=project)


def test_a_changed_lock_file_renews_the_dependencies(tmp_path: Path) -> None:
    lock, project = make_project(tmp_path)
    before = do.fingerprints(lock=lock, project=project)
    lock.write_text("one==2", encoding="utf-8")
    after = do.fingerprints(lock=lock, project=project)
    assert after["dependencies"] != before["dependencies"]
    assert after["project"] == before["project"]


def test_changed_project_settings_renew_the_project_alone(tmp_path: Path) -> None:
    lock, project = make_project(tmp_path)
    before = do.fingerprints(lock=lock, project=project)
    project.write_text("[project]\nname = 'x'", encoding="utf-8")
    after = do.fingerprints(lock=lock, project=project)
    assert after["dependencies"] == before["dependencies"]
    assert after["project"] != before["project"]


def test_a_moved_clone_is_set_up_anew(tmp_path: Path) -> None:
    places = [tmp_path / "here", tmp_path / "there"]
    for place in places:
        place.mkdir()
    here, there = (do.fingerprints(lock=lock, project=project) for lock, project in map(make_project, places))
    assert here["dependencies"] != there["dependencies"]


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_an_unreadable_stamp_is_no_stamp(tmp_path: Path, content: str) -> None:
    stamp = tmp_path / "set-up.json"
    stamp.write_text(content, encoding="utf-8")
    assert do.read_stamp(stamp) == {}


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    stamp = tmp_path / "set-up.json"
    stamp.write_text(json.dumps({"dependencies": "a", "project": "b"}), encoding="utf-8")
    assert do.read_stamp(stamp) == {"dependencies": "a", "project": "b"}


def test_without_a_command_it_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert do.main([]) == 2
    shown = capsys.readouterr().out
    assert all(f"  {command}" in shown for command in do.COMMANDS)


def test_an_unknown_command_is_wrong_usage() -> None:
    outcome = subprocess.run(
        [sys.executable, str(do.ROOT / "do.py"), "fly"],
        check=False,
        capture_output=True,
        text=True,
        timeout=patience(60),
    )
    assert outcome.returncode == 2
    assert "invalid choice: 'fly'" in outcome.stderr
