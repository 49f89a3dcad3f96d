import stat
import sys
import zipfile
from pathlib import Path

import pytest

from risk_manager.config.secrets import SecretVault
from risk_manager.store.daemon_lock import hold
from risk_manager.store.reading import stored_state
from tests.admin.desk import ACCOUNTS, RIGHT, Desk, running_daemon


@pytest.fixture
def saved(desk: Desk, tmp_path: Path) -> Path:
    SecretVault(desk.home).store("trader", "sesame")
    assert desk.command("rules", "set", "max_contracts.limit", "2") == 0
    assert desk.command("backup", str(tmp_path / "risk.zip")) == 0
    return tmp_path / "risk.zip"


def test_a_backup_holds_the_home_but_not_the_key_to_its_keys(desk: Desk, saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        names = archive.namelist()
        content = b"".join(archive.read(name) for name in names)
    assert "config/secrets.json" in names
    assert "data/state.db" in names
    assert not [name for name in names if "secrets.key" in name]
    assert b"sesame" not in content
    assert sys.platform == "win32" or stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert desk.command("backup", str(saved)) == 2
    assert "is there already" in desk.complaint


def test_a_restored_home_is_as_it_was_and_the_replaced_one_is_kept(desk: Desk, saved: Path) -> None:
    before = desk.files()
    assert desk.command("rules", "set", "max_contracts.limit", "1") == 0
    desk.home.holidays.write_text("- {date: 2026-12-25}\n")
    assert desk.command("restore", str(saved)) == 0
    assert desk.files() == before
    aside = next(desk.home.folder.glob("replaced-*"))
    assert "limit: 1," in (aside / "config" / "risk_config.yaml").read_text()
    assert (aside / "config" / "holidays.yaml").exists()
    assert (aside / "data" / "state.db").exists()
    assert SecretVault(desk.home).fetch("trader") == "sesame"
    with stored_state(desk.home.database) as stored:
        assert [entry.body["what"] for entry in stored.journal()] == ["home", "max_contracts.limit"]
    assert not list(desk.home.folder.glob(".restoring*"))


def test_a_running_daemon_is_backed_up_but_never_restored_under(desk: Desk, tmp_path: Path) -> None:
    with running_daemon(desk):
        assert desk.command("backup", str(tmp_path / "live.zip")) == 0
        before = desk.files()
        assert desk.command("restore", str(tmp_path / "live.zip")) == 1
        assert "stop it first; nothing was restored" in desk.complaint
        assert desk.files() == before


def test_a_home_elsewhere_is_told_to_store_its_keys_again(tmp_path: Path, saved: Path) -> None:
    other = Desk(tmp_path / "other")
    assert other.command("restore", str(saved)) == 0
    assert ("store them again" in other.told) is (sys.platform != "win32")


def test_keys_in_the_clear_do_not_leave_the_home(desk: Desk, tmp_path: Path) -> None:
    desk.home.accounts.write_text(ACCOUNTS.replace("env:KEY", "s3same"))
    assert desk.command("backup", str(tmp_path / "risk.zip")) == 1
    assert "hide-keys" in desk.complaint
    assert not (tmp_path / "risk.zip").exists()


@pytest.mark.parametrize(
    "alert", ['{kind: webhook, url: "https://example.com/s3cret"}', '{kind: telegram, token: "1:s3cret", chat_id: "7"}']
)
def test_addresses_of_alerts_in_the_clear_do_not_leave_the_home(desk: Desk, tmp_path: Path, alert: str) -> None:
    with desk.home.risk_config.open("a", encoding="utf-8") as file:
        file.write(f"\nalerts: [{alert}]\n")
    assert desk.command("backup", str(tmp_path / "risk.zip")) == 1
    assert "store-key NAME" in desk.complaint
    assert not (tmp_path / "risk.zip").exists()


@pytest.mark.parametrize("name", ["accounts.yaml", "risk_config.yaml"])
def test_files_that_cannot_be_read_do_not_leave_the_home_with_what_may_stand_in_them(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    for broken in ("accounts: [{api_key: s3cret\n", "- s3cret\n", "{accounts: {api_key: s3cret}, alerts: s3cret}\n"):
        (desk.home.config / name).write_text(broken, encoding="utf-8")
        assert desk.command("backup", str(tmp_path / "risk.zip")) == 1
        assert "mend it first" in desk.complaint
    (desk.home.config / name).unlink()
    assert desk.command("backup", str(tmp_path / "risk.zip")) == 0


def made(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_txt", ".txt"), content)
    return path


def test_what_is_no_backup_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    before = desk.files()
    (tmp_path / "text").write_text("no zip")
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("risk-manager.txt", "")
        archive.writestr("data/state.db", b"no database at all, but some bytes of text" * 20)
    tries = [
        (tmp_path / "absent", 2, "there is no"),
        (tmp_path / "text", 1, "damaged"),
        (made(tmp_path / "other.zip", readme_txt=b""), 2, "no backup of risk-manager"),
        (broken, 1, "cannot be used"),
    ]
    for source, code, told in tries:
        assert desk.command("restore", str(source)) == code
        assert told in desk.complaint
    assert desk.files() == before
    assert not list(desk.home.folder.glob(".restoring*"))
    hold(desk.home.daemon_lock).release()


def test_nothing_is_unpacked_outside_the_home(desk: Desk, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("risk-manager.txt", "")
        archive.writestr("../../evil.txt", "x")
        archive.writestr("config/accounts.yaml", ACCOUNTS)
    assert desk.command("restore", str(tmp_path / "evil.zip")) == 0
    assert not list(tmp_path.rglob("evil.txt"))
    assert desk.accounts == ACCOUNTS


def test_a_move_that_fails_on_the_way_is_moved_back(desk: Desk, saved: Path) -> None:
    aside = desk.home.folder / f"replaced-{desk.clock.at:%Y%m%dT%H%M%S}"
    (aside / "config" / "risk_config.yaml" / "in the way").mkdir(parents=True)
    before = desk.files()
    with pytest.raises(OSError, match="risk_config"):
        desk.command("restore", str(saved), lines=(RIGHT,))
    assert desk.files() == before
    assert desk.home.database.exists()
