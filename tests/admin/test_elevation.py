import sys
from pathlib import Path

import pytest

from risk_manager.admin.elevation import is_elevated, what_is_missing
from risk_manager.config.files import Home


class ForbiddenHome(Home):
    """A home whose folder belongs to somebody else."""

    def create_folders(self) -> None:
        raise PermissionError(13, "Permission denied")


@pytest.fixture
def forbidden(tmp_path: Path) -> Home:
    return ForbiddenHome(tmp_path)


def test_a_home_that_can_be_written_needs_nothing(tmp_path: Path) -> None:
    assert what_is_missing(Home(tmp_path / "home")) is None
    assert list((tmp_path / "home" / "config").iterdir()) == []


def test_on_windows_elevation_is_asked_for_in_words(forbidden: Home) -> None:
    words = what_is_missing(forbidden, platform="win32", elevated=lambda: False)
    assert words is not None
    assert "Run as administrator" in words


@pytest.mark.parametrize(("platform", "elevated"), [("win32", True), ("linux", False)])
def test_elsewhere_the_owner_is_asked_for(forbidden: Home, platform: str, elevated: bool) -> None:  # noqa: FBT001 - given by pytest
    words = what_is_missing(forbidden, platform=platform, elevated=lambda: elevated)
    assert words is not None
    assert "may not be written by this user" in words


def test_what_else_is_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = what_is_missing(Home(tmp_path / "file" / "home"))
    assert words is not None
    assert "cannot be written" in words


def test_rights_are_asked_of_the_system() -> None:
    assert is_elevated() in (True, False)
    assert sys.platform == "win32" or isinstance(is_elevated(), bool)
