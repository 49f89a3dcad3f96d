import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risk_manager.admin.password import PasswordRefusedError, is_set, prove, set_password
from risk_manager.config.files import Home
from risk_manager.store.daemon_lock import hold

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
RIGHT = "correct horse"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    set_password(home, RIGHT, rounds=4)
    return home


def test_the_right_password_is_known_again_by_its_hash(home: Home) -> None:
    prove(home, RIGHT, now=NOW)
    text = home.admin_password.read_text()
    assert text.startswith("$2b$")
    assert RIGHT not in text
    assert is_set(home)
    assert sys.platform == "win32" or stat.S_IMODE(home.admin_password.stat().st_mode) == 0o600


@pytest.mark.parametrize("wrong", ["", "incorrect", "x" * 73, RIGHT + "\0", RIGHT[:-1], "\ud800" * 9])
def test_a_wrong_one_is_refused(home: Home, wrong: str) -> None:
    with pytest.raises(PasswordRefusedError, match="wrong password"):
        prove(home, wrong, now=NOW)


def test_guesses_are_slowed_down_also_for_the_right_one(home: Home) -> None:
    for _ in range(3):
        with pytest.raises(PasswordRefusedError, match="wrong password"):
            prove(home, "guess", now=NOW)
    with pytest.raises(PasswordRefusedError, match="try again in 1 s"):
        prove(home, RIGHT, now=NOW)
    prove(home, RIGHT, now=NOW + timedelta(seconds=1))


def test_two_processes_do_not_guess_at_the_same_time(home: Home) -> None:
    other = hold(home.data / "admin_guesses.lock")
    with pytest.raises(PasswordRefusedError, match="another password is being checked"):
        prove(home, RIGHT, now=NOW)
    other.release()
    prove(home, RIGHT, now=NOW)


@pytest.mark.parametrize("length", [8, 72])
def test_eight_to_seventy_two_bytes_make_a_password(home: Home, length: int) -> None:
    set_password(home, "p" * length, rounds=4)
    prove(home, "p" * length, now=NOW)


@pytest.mark.parametrize("unfit", ["p" * 7, "p" * 73, "ü" * 37, "with\0zero"])
def test_nothing_else_does(home: Home, unfit: str) -> None:
    with pytest.raises(PasswordRefusedError, match="8 to 72 bytes"):
        set_password(home, unfit)
    prove(home, RIGHT, now=NOW)


def test_bytes_count_and_not_letters(home: Home) -> None:
    set_password(home, "üüüü", rounds=4)
    prove(home, "üüüü", now=NOW)


def test_a_damaged_hash_is_told(home: Home) -> None:
    home.admin_password.write_text("nonsense")
    with pytest.raises(PasswordRefusedError, match="damaged"):
        prove(home, RIGHT, now=NOW)
