import errno

import pytest

from risk_manager.admin.guesses import Guesses
from risk_manager.admin.password import PasswordRefusedError, prove
from tests.admin.desk import NOW, RIGHT, Desk


def test_the_first_use_sets_the_password(desk: Desk) -> None:
    desk.home.admin_password.unlink()
    office = desk.office(("first choice", "first choice"))
    office.unlock()
    assert (office.password, office.is_new) == ("first choice", True)
    prove(desk.home, "first choice", now=NOW)
    assert "no way to recover it" in desk.told


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("first choice", "first chioce"), "not the same"),
        (("short", "short"), "8 to 72 bytes"),
        (("x" * 73,), "8 to 72"),
    ],
)
def test_a_slip_sets_nothing(desk: Desk, lines: tuple[str, ...], told: str) -> None:
    desk.home.admin_password.unlink()
    with pytest.raises(PasswordRefusedError, match=told):
        desk.office(lines).unlock()
    assert not desk.home.admin_password.exists()


def test_a_wrong_password_opens_nothing(desk: Desk) -> None:
    with pytest.raises(PasswordRefusedError):
        desk.office(("wrong horse",)).unlock()


def test_the_password_shows_in_no_text_of_the_office(desk: Desk) -> None:
    assert RIGHT not in repr(desk.office())


def test_on_a_full_disk_it_is_said_why_no_password_is_heard_and_how_to_lock_without_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Guesses, "begin", full)
    assert desk.command("lock-now") == 3
    assert "No space left on device): free space" in desk.complaint
    assert "locks without a password" in desk.complaint
