import sys
from pathlib import Path

import pytest

from risk_manager.config.files import Home, home_at, platform_folder, write_privately


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


if sys.platform != "win32":

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
