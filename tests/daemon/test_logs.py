from pathlib import Path

import pytest

from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.logs import open_logs


def test_each_log_has_its_file_and_errors_go_to_the_error_log_too(tmp_path: Path) -> None:
    close = open_logs(lambda name: tmp_path / f"{name}.log")
    EventLog("enforcement").info("proven")
    EventLog("daemon").error("store_failed")
    close()
    assert "proven" in (tmp_path / "enforcement.log").read_text(encoding="utf-8")
    assert "store_failed" in (tmp_path / "daemon.log").read_text(encoding="utf-8")
    assert "store_failed" in (tmp_path / "error.log").read_text(encoding="utf-8")
    assert "proven" not in (tmp_path / "error.log").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No such file|cannot find"):
        open_logs(lambda name: tmp_path / "missing" / f"{name}.log")


def test_a_disk_that_takes_no_line_shows_people_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("logging.handlers.RotatingFileHandler.shouldRollover", full)
    close = open_logs(lambda name: tmp_path / f"{name}.log")
    EventLog("daemon").error("store_failed")
    close()
    assert capsys.readouterr().err == ""
