from collections.abc import Callable

import pytest

from risk_manager.admin.backup import backup, restore
from risk_manager.admin.office import NotDoneError, Office
from risk_manager.admin.one_admin import AnotherAdminError, one_admin
from risk_manager.admin.password import PasswordRefusedError
from tests.admin.desk import RIGHT, Desk

WRITING: dict[str, Callable[[Office], object]] = {
    "a backup": lambda office: backup(office, office.home.folder.parent / "second.zip"),
    "a restore": lambda office: restore(office, office.home.folder.parent / "first.zip"),
    "a new password": lambda office: office.choose_password(),
}


def test_the_home_is_free_again_after_an_admin_whatever_became_of_his_change(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError), one_admin(desk.home):
        raise ZeroDivisionError
    with one_admin(desk.home), pytest.raises(AnotherAdminError), one_admin(desk.home):
        pass


@pytest.mark.parametrize("deed", WRITING)
def test_while_an_admin_writes_another_changes_nothing(desk: Desk, deed: str) -> None:
    backup(desk.office(), desk.home.folder.parent / "first.zip")
    before, beside = desk.files(), sorted(desk.home.folder.parent.iterdir())
    office = desk.office(("another horse", "another horse"))
    with one_admin(desk.home), pytest.raises((NotDoneError, PasswordRefusedError), match="another admin writes"):
        WRITING[deed](office)
    assert desk.files() == before
    assert sorted(desk.home.folder.parent.iterdir()) == beside
    WRITING[deed](desk.office((RIGHT, RIGHT)))
