"""Where and as whom the daemon watches is held too: pointed elsewhere, it would enforce nothing."""

import sys
from pathlib import Path

import pytest

from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.store.reading import stored_state
from tests.config.ciphers import carry_to_another_machine
from tests.daemon.commitment.doors import (
    AWAY,
    BOTH,
    ELSEWHERE,
    FAR,
    HERE,
    MINE,
    World,
    is_live,
    life,
    lived_in,
    new_home,
    reload,
    store_key,
    waits,
    write_accounts,
)
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import OTHER, forget_database
from tests.daemon.stage import AT_ONCE, Stage


def watched(stage: Stage) -> set[int]:
    return set(stage.daemon.pipeline.accounts)


# another address


def test_another_address_waits_over_reload_restart_clock_and_a_deleted_database_and_comes_with_the_day(
    tmp_path: Path, world: World
) -> None:
    home = new_home(tmp_path)

    def by_reload(stage: Stage) -> None:
        write_accounts(home, MINE, gateway=AWAY)
        reload(stage)
        assert stage.daemon.in_force.gateway.api == HERE

    assert waits(life(home, world, by_reload)) == ["gateway"]
    life(home, world)
    assert world.addresses == {HERE}
    life(home, world, ahead=FAR)
    assert world.addresses == {HERE}
    forget_database(home)
    life(home, world, ahead=FAR)
    assert world.addresses == {HERE}
    stage = life(home, world, days=1)
    assert f"gateway.api {HERE} → {ELSEWHERE}" in stage.warnings()
    life(home, world, days=1)
    assert world.addresses == {ELSEWHERE}


def test_a_hub_at_another_address_waits_too(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    write_accounts(home, MINE, gateway=f"gateway: {{user_hub: '{ELSEWHERE}'}}\n")
    stage = life(home, world)
    assert waits(stage) == ["gateway"]
    assert stage.daemon.in_force.gateway.user_hub == "https://rtc.topstepx.com/hubs/user"


@pytest.mark.parametrize(
    "written",
    [
        "http://api.topstepx.com:443",
        "https://api.topstepx.com/?x=",
        "https://api.topstepx.com#",
        "wss://api.topstepx.com.",
    ],
)
def test_the_same_address_written_so_that_nobody_answers_there_is_never_asked(
    tmp_path: Path, world: World, written: str
) -> None:
    home = lived_in(tmp_path, world)
    write_accounts(home, MINE, gateway=f"gateway: {{api: '{written}'}}\n")
    life(home, world, days=1)
    life(home, world, days=3)
    assert world.addresses == {HERE}


def test_the_same_address_written_in_another_way_does_not_wait(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    write_accounts(home, MINE, gateway="gateway: {api: 'https://API.topstepx.com:443/'}\n")
    assert waits(life(home, world)) == []


def test_a_slip_in_the_address_of_a_first_set_up_is_mended_at_once(tmp_path: Path, world: World) -> None:
    home = new_home(tmp_path)
    write_accounts(home, MINE, gateway=AWAY)
    world.is_away = True
    life(home, world)
    world.is_away = False
    write_accounts(home, MINE)
    life(home, world)
    assert world.addresses == {HERE}


def test_neither_a_new_account_nor_a_removed_one_takes_the_others_along_to_another_address(
    tmp_path: Path, world: World
) -> None:
    home = lived_in(tmp_path, world)
    write_accounts(home, (OTHER, "trader", "secret:trader"), gateway=AWAY)
    stage = life(home, world)
    assert world.addresses == {HERE}
    assert watched(stage) == {ACCOUNT, OTHER}


def test_an_address_that_is_gone_for_good_is_left_after_a_day_that_the_machine_has_counted(
    tmp_path: Path, world: World
) -> None:
    home = lived_in(tmp_path, world)
    write_accounts(home, MINE, gateway=AWAY)
    world.is_away = True
    life(home, world, seconds=11 * 3600)  # twice, as a life is counted
    life(home, world, ahead=FAR)
    assert world.addresses == {HERE}
    life(home, world, seconds=13 * 3600)
    life(home, world)
    assert world.addresses == {ELSEWHERE}


def test_with_loosen_after_none_another_address_holds_with_the_next_start(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world, more=AT_ONCE)
    write_accounts(home, MINE, gateway=AWAY)
    life(home, world)
    assert world.addresses == {ELSEWHERE}


# a key that cannot be had


def test_a_key_taken_out_of_the_vault_is_known_from_where_it_is_kept(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    home.secrets.unlink()
    stage = life(home, world)
    assert is_live(stage)
    assert "KEPT_KEY_SERVES" in stage.warnings()
    assert "no key is stored under the name trader" in stage.warnings()
    with stored_state(home.database) as stored:
        assert [one.body["code"] for one in stored.journal() if one.kind == "alarm"] == ["KEPT_KEY_SERVES"]
    forget_database(home)
    assert is_live(life(home, world))


def test_without_any_key_the_others_are_watched_on_and_people_are_told_what_to_do(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = lived_in(tmp_path, world, MINE)
    home.secrets.unlink()
    carry_to_another_machine(home, monkeypatch)
    store_key(home, "k2", of="friend")
    world.shows["friend", "k2"] = (OTHER,)
    write_accounts(home, MINE, (OTHER, "friend", "secret:friend"))
    stage = life(home, world)
    assert (watched(stage), is_live(stage, OTHER)) == ({OTHER}, True)
    assert "COMMITMENT_KEY_GONE" in stage.warnings()
    where = "on another machine" if sys.platform == "win32" else "with another secrets.key"
    assert f"it was encrypted {where}" in stage.warnings()
    assert f"risk-manager admin accounts edit {ACCOUNT} --key" in stage.warnings()
    store_key(home, "k1")
    world.shows["trader", "k1"] = (ACCOUNT,)
    stage = life(home, world)
    assert (is_live(stage), waits(stage)) == (True, [])


def test_a_running_daemon_goes_on_with_the_key_that_it_knows(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = new_home(tmp_path)

    def lose(stage: Stage) -> None:
        home.secrets.unlink()
        carry_to_another_machine(home, monkeypatch)
        reload(stage)

    stage = life(home, world, lose)
    assert (is_live(stage), waits(stage)) == (True, [])


def test_an_account_that_nothing_holds_needs_its_key(tmp_path: Path, world: World) -> None:
    home = new_home(tmp_path)
    home.secrets.unlink()
    with pytest.raises(ConfigurationRefusedError, match="no key is stored under the name trader"):
        life(home, world)


# what is told


def test_the_journal_tells_each_change_with_old_and_new_and_never_the_key(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k1-s3cret")
    world.shows["trader", "k1-s3cret"] = BOTH
    write_accounts(home, MINE, gateway=AWAY)
    life(home, world)
    with stored_state(home.database) as stored:
        told = [entry.body for entry in reversed(stored.journal()) if entry.kind in ("commitment", "alarm")]
    words = str(told)
    assert [one["state"] for one in told if one.get("what") == "gateway"] == ["waits"]
    assert [one["old"] for one in told if one.get("what") == "gateway"] == ["TopstepX"]
    (changed,) = (one for one in told if one.get("what") == "login.mark")
    assert changed["state"] == "in force"
    assert changed["old"] != changed["new"]
    assert "s3cret" not in words + home.commitment.read_text(encoding="utf-8")
