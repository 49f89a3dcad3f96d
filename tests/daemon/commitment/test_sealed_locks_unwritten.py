"""The sealed list of locks on a disk that does not take it: the database has them, and the file follows."""

from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.daemon.commitment import kept_file
from tests.daemon.commitment.test_kept_file import full
from tests.daemon.days import clear, day, lock
from tests.daemon.lives import as_if_dead
from tests.daemon.stage import Stage, home_with


def test_a_list_that_cannot_be_written_is_told_and_the_database_has_it(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    home.sealed_locks.mkdir()
    day(home, lock, lambda stage: stage.until(lambda: "COMMITMENT_NOT_KEPT" in stage.warnings()))
    assert len(day(home)[0]) == 1


def test_a_list_that_cannot_be_written_on_a_full_disk_makes_status_fail_until_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with(tmp_path)
    day(home)

    monkeypatch.setattr(kept_file, "write_privately", full)

    async def room_again(stage: Stage) -> None:
        health = stage.daemon.health
        await stage.until(lambda: "COMMITMENT_NOT_KEPT" in stage.warnings())
        assert health.daemon_status().state == "degraded"  # so `status --check` fails
        assert f"{home.sealed_locks} cannot be written" in health.daemon_status().detail
        assert [(one.name, one.state) for one in health.parts()][-1] == ("commitment", "failing")
        monkeypatch.undo()
        await stage.until(lambda: '"admin"' in home.sealed_locks.read_text(encoding="utf-8"))
        await stage.until(lambda: health.daemon_status().state == "live")
        assert "commitment" not in [one.name for one in health.parts()]

    day(home, lock, room_again)


def test_a_lock_that_was_cleared_by_hand_stays_so_although_the_daemon_dies_with_the_answer(tmp_path: Path) -> None:
    home = home_with(tmp_path / "home")
    day(home, lock)
    left: list[Home] = []

    def clear_and_die(stage: Stage) -> None:
        clear(stage)
        left.append(as_if_dead(stage))

    day(home, clear_and_die)
    assert day(left[0]) == ([], "")
