"""`risk-manager replay`."""

import json
from pathlib import Path

from risk_manager.replay.command import DIFFERS, DONE, WRONG_USE, check, check_story, replay, replay_json, stories_in

STORY = """\
about: two are too many
start: 2026-03-10T14:00:00-05:00
config: {rules: {max_contracts: {limit: 1}}}
events: [{at: +1s, position: {contract: MNQ, side: long, size: 2, price: 1}}]
"""
GOOD = STORY + "expect: [{at: +1s, decisions: [max_contracts], do: [{do: close_all}]}]\n"


def folder(tmp_path: Path, **stories: str) -> Path:
    for name, text in stories.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_stories_are_found_in_a_folder_or_named_alone(tmp_path: Path) -> None:
    home = folder(tmp_path, b=GOOD, a=GOOD)
    assert [path.stem for path in stories_in(home)] == ["a", "b"]
    assert stories_in(home / "a.yaml") == [home / "a.yaml"]


def test_people_are_told_what_is_decided_and_why(tmp_path: Path) -> None:
    said: list[str] = []
    assert replay(folder(tmp_path, a=STORY), said.append, said.append) == DONE
    assert "two are too many" in said[0]
    assert any("MAX_CONTRACTS_EXCEEDED measured=2 limit=1" in line for line in said)
    assert said[-1].strip() == "→ close_all"


def test_people_are_told_when_there_is_nothing_to_do(tmp_path: Path) -> None:
    said: list[str] = []
    assert replay(folder(tmp_path, a=STORY.replace("size: 2", "size: 1")), said.append, said.append) == DONE
    assert said[-1].strip() == "nothing to be done"


def test_a_shadow_says_that_nothing_is_done(tmp_path: Path) -> None:
    said: list[str] = []
    replay(folder(tmp_path, a=STORY.replace("config: {", "config: {mode: shadow, ")), said.append, said.append)
    assert any("shadow: nothing is done" in line for line in said)


def test_programs_get_one_plan_a_line(tmp_path: Path) -> None:
    said: list[str] = []
    assert replay_json(folder(tmp_path, a=STORY, b=STORY), said.append, said.append) == DONE
    assert [json.loads(line)["decisions"] for line in said] == [["max_contracts"], ["max_contracts"]]


def test_a_check_counts_and_shows_what_differs(tmp_path: Path) -> None:
    said: list[str] = []
    complained: list[str] = []
    wrong = STORY + "expect: []\n"
    assert check(folder(tmp_path, good=GOOD, wrong=wrong, dumb=STORY), said.append, complained.append) == DIFFERS
    assert said == ["1 passed, 2 failed"]
    assert any(line.startswith("FAILED") and "wrong" in line for line in complained)
    assert any("says nothing of what it expects" in line for line in complained)


def test_a_check_that_finds_no_difference_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    assert check(folder(tmp_path, good=GOOD), said.append, said.append) == DONE
    assert said == ["1 passed, 0 failed"]
    assert check_story(tmp_path / "good.yaml") == []


def test_a_folder_without_stories_is_wrong_use(tmp_path: Path) -> None:
    said: list[str] = []
    assert check(tmp_path, said.append, said.append) == WRONG_USE
    assert replay(tmp_path, said.append, said.append) == WRONG_USE
    assert all("no story there" in line for line in said)


def test_a_story_that_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    said: list[str] = []
    assert replay(folder(tmp_path, a="start: soon"), said.append, said.append) == WRONG_USE
    assert "is no instant" in said[0]
