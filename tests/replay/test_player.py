"""Plays a story through the engine."""

from pathlib import Path

import pytest

from risk_manager.core.decisions import Plan
from risk_manager.replay.player import play
from risk_manager.replay.story import StoryUnreadableError, read_story
from tests.builders import after
from tests.replay.stage import write


def played(folder: Path, body: str) -> list[Plan]:
    return play(read_story(write(folder, body)))


def test_deadlines_fall_due_between_events(tmp_path: Path) -> None:
    plans = played(
        tmp_path,
        """
config: {rules: {no_stop_loss_grace: {grace_period: 60s}}}
events:
  - {at: +0s, position: {contract: MNQ, side: long, size: 1, price: 100}}
  - {at: +90s, clock: {}}
""",
    )
    assert [plan.at for plan in plans] == [after(60)]


def test_a_restart_keeps_what_was_stored_and_reads_the_rest_anew(tmp_path: Path) -> None:
    plans = played(
        tmp_path,
        """
config: {rules: {daily_realized_loss: {loss_limit: 100}, no_stop_loss_grace: {grace_period: 60s}}}
events:
  - {at: +0s, position: {contract: MNQ, side: long, size: 1, price: 100}}
  - {at: +1s, order: {id: 5, contract: MNQ, type: stop, side: sell, size: 1, stop: 90}}
  - {at: +2s, trade: {id: 1, order: 2, contract: ES, side: sell, size: 1, price: 100, pnl: -60}}
  - {at: +3s, restart: {}}
  - {at: +90s, trade: {id: 2, order: 3, contract: ES, side: sell, size: 1, price: 100, pnl: -40}}
""",
    )
    assert [(plan.at, [one.rule for one in plan.decisions]) for plan in plans] == [(after(90), ["daily_realized_loss"])]


def test_a_reload_takes_a_new_configuration(tmp_path: Path) -> None:
    plans = played(
        tmp_path,
        """
config: {}
events:
  - {at: +0s, position: {contract: MNQ, side: long, size: 2, price: 100}}
  - {at: +5s, reload: {rules: {max_contracts: {limit: 1}}}}
""",
    )
    assert [plan.at for plan in plans] == [after(5)]


def test_accounts_are_those_of_the_story(tmp_path: Path) -> None:
    plans = played(
        tmp_path,
        """
config: {rules: {auth_loss_guard: {}}}
accounts: [{id: 7, can_trade: false}, {id: 8, can_trade: null, balance: 5}]
events:
  - {at: +5s, account: 7, reconciled: {}}
  - {at: +6s, account: 8, reconciled: {}}
""",
    )
    assert [plan.account_id for plan in plans] == [7]


def test_a_config_that_is_refused_names_the_story(tmp_path: Path) -> None:
    with pytest.raises(StoryUnreadableError, match=r"story\.yaml: its config is refused"):
        played(tmp_path, "config: {rules: {max_contracts: {limit: 0}}}\n")
