"""What is held lies in two places, and neither can be changed by hand without the other one telling."""

from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.config.held_record import seal_key
from risk_manager.daemon.commitment import kept_file
from risk_manager.daemon.logs import open_logs
from tests.daemon.commitment.test_kept_file import full
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import (
    FIVE,
    OTHER,
    THREE,
    TWO,
    as_if_dead,
    both_gone,
    first_day,
    forget_database,
    limit,
    live,
    live_and,
    reload,
    write,
)
from tests.daemon.stage import Stage, home_with, play


def raise_limit_in(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert '"limit": 3' in text
    path.write_text(text.replace('"limit": 3', '"limit": 5'), encoding="utf-8")


def test_a_record_changed_by_hand_is_not_believed(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    raise_limit_in(home.commitment)
    assert limit(live(home)) == 3
    assert limit(live(home)) == 3
    assert '"limit": 3' in home.commitment.read_text(encoding="utf-8")


def test_an_older_record_put_back_is_not_believed(tmp_path: Path) -> None:
    home = first_day(tmp_path, FIVE)
    old = home.commitment.read_bytes()
    write(home, THREE)
    live(home)
    home.commitment.write_bytes(old)
    write(home, FIVE)
    assert limit(live(home)) == 3


def test_an_older_database_put_back_is_not_believed(tmp_path: Path) -> None:
    home = first_day(tmp_path, FIVE)
    old = home.database.read_bytes()
    write(home, THREE)
    live(home)
    forget_database(home)
    home.database.write_bytes(old)
    write(home, FIVE)
    assert limit(live(home)) == 3


def test_a_record_that_was_changed_with_no_other_copy_still_holds_and_people_are_told(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    forget_database(home)
    home.commitment_key.unlink()
    write(home, FIVE)

    stage = live(home)
    assert limit(stage) == 3
    assert "COMMITMENT_UNSEALED" in stage.warnings()
    assert "COMMITMENT" not in live(home).warnings()


def test_where_both_places_are_gone_the_files_hold_and_people_are_told(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    both_gone(home)
    write(home, FIVE)

    stage = live(home)
    assert limit(stage) == 5
    assert "COMMITMENT_LOST" in stage.warnings()
    write(home, TWO)
    assert limit(live(home)) == 2


def test_a_home_made_to_look_new_is_told_by_its_logs(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    close = open_logs(home.log)
    live(home)
    close()
    both_gone(home)
    home.commitment_key.unlink()
    home.sealed_locks.unlink()

    stage = live(home)
    assert "COMMITMENT_LOST" in stage.warnings()
    assert live(home).warnings() == ""


def test_the_first_start_takes_what_is_written_and_tells_nobody(tmp_path: Path) -> None:
    stage = live(home_with(tmp_path, rules=THREE))
    assert limit(stage) == 3
    assert stage.warnings() == ""


def test_a_first_start_without_an_account_loses_nothing(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=THREE)
    text = home.accounts.read_text(encoding="utf-8")
    home.accounts.write_text(text.replace("nickname: N7", "enabled: false"), encoding="utf-8")
    live(home, away=True)  # there is no login either
    home.accounts.write_text(text, encoding="utf-8")
    assert live(home).warnings() == ""


def test_an_account_that_is_added_begins_with_what_is_written(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, f"{THREE}overrides: {{{OTHER}: {{rules: {{max_contracts: {{limit: 9}}}}}}}}\n", ACCOUNT, OTHER)
    assert limit(live_and(home, reload), OTHER) == 9


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=THREE)
    home.commitment.mkdir()

    stage = live(home)
    assert limit(stage) == 3
    assert "COMMITMENT_NOT_KEPT" in stage.warnings()
    assert f"{home.commitment} cannot be written" in stage.daemon.health.daemon_status().detail
    write(home, FIVE)
    assert limit(live(home)) == 3


def test_what_is_held_that_could_not_be_written_on_a_full_disk_is_written_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = first_day(tmp_path)

    async def tighten(stage: Stage) -> None:
        await stage.live()
        monkeypatch.setattr(kept_file, "write_privately", full)
        write(home, TWO)
        reload(stage)
        await stage.until(lambda: "COMMITMENT_NOT_KEPT" in stage.warnings())
        monkeypatch.undo()
        await stage.until(lambda: '"limit": 2' in home.commitment.read_text(encoding="utf-8"))

    play(home, tighten)


def test_a_change_that_was_cancelled_never_comes_although_the_daemon_dies_with_the_answer(tmp_path: Path) -> None:
    home = first_day(tmp_path / "home")
    write(home, FIVE)
    live(home)
    left: list[Home] = []

    def cancel_and_die(stage: Stage) -> None:
        assert stage.daemon.commitments.cancel(ACCOUNT, None)
        left.append(as_if_dead(stage))

    live_and(home, cancel_and_die)
    assert limit(live(left[0], days=2)) == 3


def closed(home: Home, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Put something in the place of the key that cannot be read, as nothing can while a scanner has it."""
    monkeypatch.setattr("risk_manager.config.held_record.KEY_PAUSES", ())
    key = home.commitment_key.read_bytes()
    home.commitment_key.unlink()
    home.commitment_key.mkdir()
    return key


def test_a_key_that_cannot_be_read_is_told_and_no_other_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = first_day(tmp_path)
    key = closed(home, monkeypatch)
    write(home, FIVE)
    stage = live(home)

    assert limit(stage) == 3
    assert "COMMITMENT_NOT_KEPT" in stage.warnings()
    assert "the key of its seal cannot be read" in stage.warnings()
    assert "commitment.key cannot be read" in stage.daemon.health.daemon_status().detail
    home.commitment_key.rmdir()
    home.commitment_key.write_bytes(key)
    later = live(home)
    assert limit(later) == 3
    assert "UNSEALED" not in later.warnings()


def test_a_database_that_is_gone_is_told_although_the_key_of_the_seal_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = first_day(tmp_path)
    closed(home, monkeypatch)
    forget_database(home)
    stage = live(home)
    assert limit(stage) == 3
    assert "DATABASE_GONE" in stage.warnings()


def test_a_key_that_is_busy_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = first_day(tmp_path)
    key = closed(home, monkeypatch)
    monkeypatch.setattr("risk_manager.config.held_record.KEY_PAUSES", (1.0, 2.0))
    pauses: list[float] = []

    def let_go(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 1:
            home.commitment_key.rmdir()
            home.commitment_key.write_bytes(key)

    monkeypatch.setattr("time.sleep", let_go)
    assert seal_key(home) == bytes.fromhex(key.decode())
    assert pauses == [1.0, 2.0]
