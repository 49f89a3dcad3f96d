import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from risk_manager.config.files import Home, home_at, platform_folder, write_privately
from tests.config.scanner import Windows


def test_the_option_wins_over_the_environment(tmp_path: Path) -> None:
    environ = {"RISK_MANAGER_HOME": str(tmp_path / "env")}
    assert home_at(str(tmp_path / "option"), environ).folder == tmp_path / "option"
    assert home_at(None, environ).folder == tmp_path / "env"


def test_a_relative_home_is_made_absolute() -> None:
    assert home_at("somewhere", {}).folder == Path.cwd() / "somewhere"


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "/home/ann"}, Path("/home/ann/.local/share/risk-manager")),
        ("linux", {"HOME": "/home/ann", "XDG_DATA_HOME": "/data"}, Path("/data/risk-manager")),
        ("darwin", {"HOME": "/Users/ann"}, Path("/Users/ann/Library/Application Support/RiskManager")),
        ("win32", {"PROGRAMDATA": "D:/Shared"}, Path("D:/Shared/RiskManager")),
    ],
)
def test_each_platform_has_its_place(platform: str, environ: dict[str, str], folder: Path) -> None:
    assert platform_folder(platform, environ) == folder


def test_every_file_has_its_name(tmp_path: Path) -> None:
    places = dict(Home(tmp_path).located())
    assert places["database"] == tmp_path / "data" / "state.db"
    assert places["rules"] == tmp_path / "config" / "risk_config.yaml"
    assert places["error log"] == tmp_path / "logs" / "error.log"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_privately(path, "one\n")
    write_privately(path, "zwei ü\n")
    assert path.read_bytes() == "zwei ü\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_a_scanner_has_open_for_a_moment_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, windows = tmp_path / "x", Windows(monkeypatch)
    write_privately(path, "one")
    windows.open(path)
    write_privately(path, "two", pause=lambda _: windows.let_go())
    assert path.read_text() == "two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_never_let_go_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, waits, windows = tmp_path / "x", list[float](), Windows(monkeypatch)
    write_privately(path, "one")
    windows.open(path)
    with pytest.raises(PermissionError):
        write_privately(path, "two", pause=waits.append)
    assert path.read_text() == "one"
    assert 1 < sum(waits) <= 2
    windows.let_go()
    write_privately(path, "two")
    assert path.read_text() == "two"


if sys.platform != "win32":

    def test_elsewhere_a_file_that_may_not_be_written_is_told_at_once(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Path, "replace", Mock(side_effect=PermissionError(13, "Permission denied")))
        waits: list[float] = []
        with pytest.raises(PermissionError):
            write_privately(tmp_path / "x", "1", pause=waits.append)
        assert not waits

    def test_folders_are_closed_to_other_users(tmp_path: Path) -> None:
        home = Home(tmp_path / "a" / "home")
        home.create_folders()
        folders = (home.folder, home.config, home.data, home.logs)
        assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700] * 4

    def test_a_folder_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        Home(tmp_path).create_folders()
        assert tmp_path.stat().st_mode & 0o777 == 0o755

    def test_a_private_file_is_private(tmp_path: Path) -> None:
        write_privately(tmp_path / "x", "1")
        assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600
