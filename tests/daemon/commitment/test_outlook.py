"""What would hold, looked at from outside."""

import sys
from pathlib import Path

import pytest

from risk_manager.config.configuration import load, load_what_is_there
from risk_manager.config.files import Home
from risk_manager.config.secrets import SecretVault
from risk_manager.daemon.commitment.outlook import check, outlook
from risk_manager.daemon.telling.last_known import last_known
from tests.config.ciphers import carry_to_another_machine
from tests.daemon.commitment.doors import World, life, lived_in, write_accounts
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import ENVIRON, FIVE, OTHER, THREE, first_day, forget_database, live, spoil, write
from tests.daemon.stage import home_with


def told(home: Home) -> str:
    return "\n".join(outlook(home, load(home, environ=ENVIRON)).told())


def test_before_the_first_start_everything_is_as_it_is_written(tmp_path: Path) -> None:
    assert "max_contracts: limit 3" in told(home_with(tmp_path, rules=THREE))


def test_what_holds_is_told_and_what_waits(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    assert "max_contracts: limit 3" in told(home)
    assert "Not in force yet, as it would loosen a limit:\n  account 7: max_contracts.limit 3 → 5 waits" in told(home)
    live(home)
    assert "waits until 2026-08-20 17:00 CDT" in told(home)


def test_an_account_taken_off_is_still_told(tmp_path: Path) -> None:
    home = first_day(tmp_path, accounts=(ACCOUNT, OTHER))
    write(home, THREE, OTHER)
    assert f"Account {ACCOUNT} (N{ACCOUNT}): enforced" in told(home)
    assert f"account {ACCOUNT}: account watched → left alone waits" in told(home)


@pytest.mark.parametrize("place", ["database", "file"])
def test_one_place_is_enough(tmp_path: Path, place: str) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    if place == "database":
        forget_database(home)
    else:
        home.commitment.unlink()
    assert "max_contracts: limit 3" in told(home)


def test_an_account_whose_key_cannot_be_had_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = lived_in(tmp_path, World())
    home.secrets.write_text("{}", encoding="utf-8")
    carry_to_another_machine(home, monkeypatch)
    words = "\n".join(outlook(home, load_what_is_there(home)).told())
    gone = "secrets.key, with which it was encrypted, is gone"
    reason = "it was encrypted on another machine" if sys.platform == "win32" else gone
    assert f"warning: the key that account {ACCOUNT} is held to cannot be had ({reason}): store it again" in words


def test_an_account_that_is_watched_with_the_key_of_another_of_its_user_misses_none(tmp_path: Path) -> None:
    world = World()
    world.shows["trader", "k0"] = (ACCOUNT,)
    home = lived_in(tmp_path, world)
    SecretVault(home).store("second", "k9")
    write_accounts(home, *((one, "trader", "secret:second") for one in (ACCOUNT, OTHER)))
    life(home, world)
    SecretVault(home).forget("second")
    assert "cannot be had" not in "\n".join(outlook(home, load_what_is_there(home)).told())


@pytest.mark.parametrize("has_lived", [True, False])
def test_broken_files_are_told_and_whether_a_restart_goes_on_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_lived: bool
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = first_day(tmp_path) if has_lived else home_with(tmp_path)
    said: list[str] = []
    assert check(home, said.append)
    spoil(home)
    said.clear()
    assert not check(home, said.append)
    assert said[0].startswith("risk_config.yaml:")
    assert f"1 to mend in {home.config}" in said
    assert ("goes on" in said[-1]) is has_lived


def test_a_look_changes_nothing(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    before = (home.commitment.read_bytes(), home.database.read_bytes())
    told(home)
    assert (home.commitment.read_bytes(), home.database.read_bytes()) == before


def test_while_the_daemon_is_down_the_last_known_state_tells_what_waits(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    snapshot = last_known(home)
    assert snapshot is not None
    (account,) = snapshot.accounts
    assert [(one.what, one.old, one.new) for one in account.pending] == [("max_contracts.limit", "3", "5")]
