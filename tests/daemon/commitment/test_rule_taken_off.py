"""A rule that is taken off while the daemon is down: its lock ends as by a reload when that holds, and stays else."""

from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.core.state.lockouts import Lockout
from risk_manager.store.reading import stored_state
from tests.daemon.days import day, in_force
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import live_and, write
from tests.daemon.stage import AT_ONCE, home_with

BLOCKED = "rules: {max_contracts: {limit: 3}, symbol_blocks: {blocked_symbols: [ES]}}\n"
FREE = "rules: {max_contracts: {limit: 3}}\n"


def locked(tmp_path: Path, more: str) -> Home:
    home = home_with(tmp_path / "home", rules=more + BLOCKED)
    locks, _ = day(home, held=1)
    assert {lock.rule for lock in locks} == {"symbol_blocks"}
    return home


def decided(home: Home) -> list[str]:
    """List the reasons of all plans that the journal tells."""
    with stored_state(home.database) as stored:
        plans = [entry.body for entry in reversed(stored.journal()) if entry.kind == "plan"]
    return [decision["code"] for plan in plans for decision in plan["decisions"]]


def test_a_rule_taken_off_while_the_daemon_was_down_ends_its_lock_where_nothing_waits(tmp_path: Path) -> None:
    home = locked(tmp_path, AT_ONCE)
    write(home, AT_ONCE + FREE, ACCOUNT)
    assert day(home) == ([], "")
    assert decided(home) == ["SYMBOL_BLOCKED", "RULE_REMOVED"]
    assert day(home) == ([], "")


def test_a_rule_taken_off_whose_end_still_waits_keeps_its_lock_over_a_restart(tmp_path: Path) -> None:
    home = locked(tmp_path, "")
    write(home, FREE, ACCOUNT)
    locks, _ = day(home)
    assert [lock.rule for lock in locks] == ["symbol_blocks"]
    assert decided(home) == ["SYMBOL_BLOCKED"]


def test_a_rule_taken_off_whose_wait_is_over_when_the_daemon_comes_back_ends_its_lock_too(tmp_path: Path) -> None:
    home = locked(tmp_path, "")
    write(home, FREE, ACCOUNT)
    day(home)
    locks: list[Lockout] = []
    live_and(home, lambda stage: locks.extend(in_force(stage)), days=2)
    assert locks == []
    assert decided(home) == ["SYMBOL_BLOCKED", "RULE_REMOVED"]


@pytest.mark.parametrize("gone", ["commitment", "commitment_key"])
def test_a_rule_taken_off_ends_no_lock_where_the_copies_of_what_was_agreed_are_not_both_whole(
    tmp_path: Path, gone: str
) -> None:
    home = locked(tmp_path, AT_ONCE)
    getattr(home, gone).unlink()
    write(home, AT_ONCE + FREE, ACCOUNT)
    locks, _ = day(home)
    assert [lock.rule for lock in locks] == ["symbol_blocks"]
    assert decided(home) == ["SYMBOL_BLOCKED"]


def test_what_strict_mode_has_locked_stays_though_its_rule_is_taken_off(tmp_path: Path) -> None:
    home = locked(tmp_path, f"{AT_ONCE}strict_mode: true\n")
    write(home, AT_ONCE + FREE, ACCOUNT)
    locks, _ = day(home)
    assert [lock.code for lock in locks] == ["STRICT_MODE"]
