from pathlib import Path

import pytest

from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.logs import open_logs, set_level


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


def test_the_level_changes_while_the_logs_are_open(tmp_path: Path) -> None:
    close = open_logs(lambda name: tmp_path / f"{name}.log")
    log = EventLog("daemon")
    log.debug("unasked_detail")
    set_level("debug")
    log.debug("wanted_detail")
    set_level("warning")
    log.info("no_news")
    log.warning("amiss")
    set_level("info")
    close()
    kept = (tmp_path / "daemon.log").read_text(encoding="utf-8")
    assert [word in kept for word in ("unasked_detail", "wanted_detail", "no_news", "amiss")] == [
        False,
        True,
        False,
        True,
    ]


def test_details_are_told_only_where_they_are_kept(tmp_path: Path) -> None:
    close = open_logs(lambda name: tmp_path / f"{name}.log")
    log = EventLog("daemon")
    assert not log.keeps_details
    set_level("debug")
    assert log.keeps_details
    set_level("info")
    close()
