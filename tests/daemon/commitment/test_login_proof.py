"""Another login in place of the one that is held: at once where the venue shows the same accounts, else it waits."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.daemon.commitment.doors import (
    AWAY,
    BOTH,
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
from tests.daemon.stage import Stage

# another key


def test_a_wrong_key_stored_by_hand_changes_nothing_by_reload_restart_clock_or_a_deleted_database(
    tmp_path: Path, world: World
) -> None:
    home = new_home(tmp_path)

    def by_reload(stage: Stage) -> None:
        store_key(home, "wrong")
        reload(stage)

    stage = life(home, world, by_reload)
    assert (waits(stage), is_live(stage)) == (["login"], True)
    assert "LOGIN_KEPT" in stage.warnings()
    for ahead in (timedelta(), FAR):
        assert is_live(life(home, world, ahead=ahead))
        assert set(world.logins) == {("trader", "k0"), ("trader", "wrong")}
    forget_database(home)
    assert is_live(life(home, world, ahead=FAR))
    # who waits for the day has his way, as with everything
    life(home, world, days=1)
    assert world.opened[1].keys == ["wrong"]
    life(home, world, days=1)
    assert world.logins == [("trader", "wrong")]


def test_a_new_key_that_shows_the_same_accounts_is_taken_at_once(tmp_path: Path, world: World) -> None:
    home = new_home(tmp_path)
    world.shows["trader", "k1"] = BOTH

    def by_reload(stage: Stage) -> None:
        store_key(home, "k1")
        reload(stage)

    stage = life(home, world, by_reload)
    assert "LOGIN_CHANGED" in stage.warnings()
    assert world.opened[1].keys == ["k1"]
    assert waits(stage) == []
    life(home, world)
    assert world.logins == [("trader", "k1")]


def test_an_expired_key_is_replaced_within_seconds_of_a_start(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k1")
    world.shows = {("trader", "k1"): BOTH}
    stage = life(home, world)
    assert set(world.logins) == {("trader", "k0"), ("trader", "k1")}
    assert is_live(stage)


def test_an_expired_key_is_replaced_in_a_running_daemon_that_the_venue_refuses(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    world.shows = {("trader", "k1"): BOTH}

    def by_reload(stage: Stage) -> None:
        assert not is_live(stage)
        store_key(home, "k1")
        reload(stage)

    assert is_live(life(home, world, by_reload))


def test_a_key_that_shows_other_accounts_waits_and_says_which_it_lacks(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world, MINE, (OTHER, "trader", "secret:trader"))
    store_key(home, "k1")
    world.shows["trader", "k1"] = (OTHER, 99)
    stage = life(home, world)
    assert f"the venue does not show account {ACCOUNT} for it" in stage.warnings()
    assert waits(stage) == waits(stage, OTHER) == ["login"]
    assert is_live(stage)


def test_an_account_that_is_still_held_though_off_the_list_must_be_shown_too(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world, MINE, (OTHER, "trader", "secret:trader"))
    write_accounts(home, (OTHER, "trader", "secret:trader"))
    store_key(home, "k1")
    world.shows["trader", "k1"] = (OTHER,)
    stage = life(home, world)
    assert f"the venue does not show account {ACCOUNT} for it" in stage.warnings()
    assert is_live(stage)


def test_a_new_key_is_not_tried_at_another_address_than_the_one_that_is_held(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k1")
    write_accounts(home, MINE, gateway=AWAY)
    world.shows["trader", "k1"] = BOTH
    assert waits(life(home, world)) == ["gateway"]
    assert world.addresses == {HERE}


def test_while_the_venue_is_away_a_new_key_is_tried_again(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k1")
    world.shows = {("trader", "k1"): BOTH}
    world.is_away = True

    def come_back(_: Stage) -> None:
        world.is_away = False

    assert is_live(life(home, world, come_back, seconds=90))


def test_a_new_key_that_was_cancelled_is_not_tried(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "wrong")
    life(home, world, lambda stage: stage.daemon.commitments.cancel(None, None))
    world.shows["trader", "wrong"] = BOTH
    life(home, world)
    assert world.logins == [("trader", "k0")]


def test_a_slip_in_the_key_of_a_first_set_up_is_mended_by_a_reload(tmp_path: Path, world: World) -> None:
    home = new_home(tmp_path)
    store_key(home, "slip")

    def by_reload(stage: Stage) -> None:
        store_key(home, "k0")
        reload(stage)

    assert is_live(life(home, world, by_reload))


def test_the_same_key_kept_in_another_place_is_no_change(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    world.shows["trader", "k"] = BOTH
    home = lived_in(tmp_path, world, (ACCOUNT, "trader", "env:KEY"))
    store_key(home, "k")
    write_accounts(home, MINE)
    assert waits(life(home, world)) == []


# another user


def test_another_user_waits_even_where_the_account_is_shown(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k2", of="friend")
    write_accounts(home, (ACCOUNT, "friend", "secret:friend"))
    world.shows["friend", "k2"] = BOTH
    for ahead in (timedelta(), FAR):
        stage = life(home, world, ahead=ahead, seconds=100)
        assert (waits(stage), is_live(stage)) == (["login"], True)
    assert world.logins == [("trader", "k0")]
    life(home, world, days=1)
    life(home, world, days=1)
    assert world.logins == [("friend", "k2")]


def test_another_user_comes_at_once_where_the_venue_refuses_the_one_that_was_held(tmp_path: Path, world: World) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k2", of="renamed")
    write_accounts(home, (ACCOUNT, "renamed", "secret:renamed"))
    world.shows = {("renamed", "k2"): BOTH}
    life(home, world, seconds=100)
    assert is_live(life(home, world))
    assert world.logins == [("renamed", "k2")]


def test_a_login_that_is_refused_for_good_is_left_after_a_day_that_the_machine_has_counted(
    tmp_path: Path, world: World
) -> None:
    home = lived_in(tmp_path, world)
    store_key(home, "k1")
    world.shows = {("trader", "k1"): (OTHER,)}
    assert waits(life(home, world, seconds=11 * 3600)) == ["login"]
    life(home, world, seconds=13 * 3600)
    life(home, world)
    assert world.logins == [("trader", "k1")]
