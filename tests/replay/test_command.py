"""`risk-manager replay`: tells, lists and checks."""

import json
from pathlib import Path

import pytest

from risk_manager.replay.command import DIFFERS, DONE, WRONG_USE, check, check_story, replay, replay_json
from risk_manager.replay.story import StoryUnreadableError
from tests.replay.stage import AS_DECIDED, LIMIT_OF_ONE, OTHERWISE, write


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def complained() -> list[str]:
    return []


def test_people_are_told_what_was_decided_and_why(tmp_path: Path, said: list[str], complained: list[str]) -> None:
    assert replay(write(tmp_path, LIMIT_OF_ONE), said.append, complained.append) == DONE
    told = "\n".join(said)
    assert "story.yaml: A story for a test." in told
    assert "MAX_CONTRACTS_EXCEEDED measured=2 limit=1" in told
    assert "close_all" in told
    assert complained == []


def test_people_are_told_of_shadow_and_of_nothing(tmp_path: Path, said: list[str], complained: list[str]) -> None:
    write(tmp_path, LIMIT_OF_ONE.replace("{rules", "{mode: shadow, rules"), "a.yaml")
    write(tmp_path, "config: {}\n", "b.yaml")
    assert replay(tmp_path, said.append, complained.append) == DONE
    assert any("(shadow: nothing is done)" in line for line in said)
    assert said[-1] == "  nothing to be done"


def test_programs_read_one_plan_a_line(tmp_path: Path, said: list[str], complained: list[str]) -> None:
    assert replay_json(write(tmp_path, LIMIT_OF_ONE), said.append, complained.append) == DONE
    (plan,) = (json.loads(line) for line in said)
    assert plan["at"] == "2026-03-10T15:00:05+00:00"
    assert plan["decisions"] == ["max_contracts"]
    assert plan["do"] == [{"do": "close_all"}]
    assert plan["mode"] == "enforce"
    assert plan["reasons"] == [
        {"rule": "max_contracts", "code": "MAX_CONTRACTS_EXCEEDED", "measured": "2", "limit": "1"}
    ]


def test_a_check_counts_and_shows_what_differs(tmp_path: Path, said: list[str], complained: list[str]) -> None:
    write(tmp_path, AS_DECIDED, "good.yaml")
    assert check(tmp_path, said.append, complained.append) == DONE
    assert said == ["1 passed, 0 failed"]
    (tmp_path / "deeper").mkdir()
    write(tmp_path / "deeper", OTHERWISE, "bad.yaml")
    write(tmp_path, LIMIT_OF_ONE, "silent.yaml")
    assert check(tmp_path, said.append, complained.append) == DIFFERS
    assert said[-1] == "1 passed, 2 failed"
    assert any("bad.yaml" in line for line in complained)
    assert any("close_all" in line and line.startswith("  +") for line in complained)
    assert any("says nothing of what it expects" in line for line in complained)


def test_a_folder_without_stories_is_wrong_use(tmp_path: Path, said: list[str], complained: list[str]) -> None:
    for command in (replay, replay_json, check):
        assert command(tmp_path, said.append, complained.append) == WRONG_USE
    assert len(complained) == 3


def test_a_story_that_cannot_be_read_is_wrong_use(tmp_path: Path, said: list[str], complained: list[str]) -> None:
    assert replay(write(tmp_path, "events: [{at: soon, clock: {}}]\n"), said.append, complained.append) == WRONG_USE
    assert replay(tmp_path / "nowhere.yaml", said.append, complained.append) == WRONG_USE
    assert len(complained) == 2


def test_a_story_without_expectations_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(StoryUnreadableError, match="what it expects"):
        check_story(write(tmp_path, LIMIT_OF_ONE))
