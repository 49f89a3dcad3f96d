"""Playing a story."""

from pathlib import Path

import pytest

from risk_manager.replay.player import play
from risk_manager.replay.story import StoryUnreadableError, read_story

HEAD = "start: 2026-03-10T14:00:00-05:00\n"


def played(tmp_path: Path, text: str) -> list[tuple[int, list[str]]]:
    path = tmp_path / "story.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return [(plan.account_id, [one.rule for one in plan.decisions]) for plan in play(read_story(path))]


def test_the_engine_judges_each_account_by_its_own_terms(tmp_path: Path) -> None:
    text = """
config: {rules: {max_contracts: {limit: 5}}, overrides: {2: {rules: {max_contracts: {limit: 1}}}}}
accounts: [{id: 1}, {id: 2}]
events:
  - {at: +1s, account: 1, position: {contract: MNQ, side: long, size: 2, price: 1}}
  - {at: +1s, account: 2, position: {contract: MNQ, side: long, size: 2, price: 1}}
"""
    assert played(tmp_path, text) == [(2, ["max_contracts"])]


def test_a_reload_judges_what_is_there(tmp_path: Path) -> None:
    text = """
config: {rules: {max_contracts: {limit: 5}}}
events:
  - {at: +1s, position: {contract: MNQ, side: long, size: 2, price: 1}}
  - {at: +2s, reload: {rules: {max_contracts: {limit: 1}}}}
"""
    assert played(tmp_path, text) == [(1, ["max_contracts"])]


def test_a_restart_ends_what_was_under_way_and_asks_again(tmp_path: Path) -> None:
    text = """
config: {rules: {max_contracts: {limit: 1}}}
events:
  - {at: +1s, position: {contract: MNQ, side: long, size: 2, price: 1}}
  - {at: +2s, restart: {}}
"""
    assert played(tmp_path, text) == [(1, ["max_contracts"]), (1, ["max_contracts"])]


def test_an_account_may_begin_without_a_word_on_trading(tmp_path: Path) -> None:
    text = """
config: {rules: {auth_loss_guard: {}}}
accounts: [{id: 1, can_trade: null}]
events: [{at: +1s, clock: {}}]
"""
    assert played(tmp_path, text) == []


def test_a_config_that_is_refused_makes_the_story_unreadable(tmp_path: Path) -> None:
    with pytest.raises(StoryUnreadableError, match="its config is refused"):
        played(tmp_path, "config: {rules: {max_contracts: {limit: 0}}}\n")
