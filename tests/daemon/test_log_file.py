import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risk_manager.daemon.log_file import KEPT, MOST_FILES, LogFile, older_files

MONDAY = datetime(2026, 8, 24, 12, tzinfo=UTC)


def written(file: LogFile, text: str, at: datetime = MONDAY) -> None:
    record = logging.LogRecord("risk_manager.daemon", logging.INFO, "", 0, text, None, None)
    record.created = at.timestamp()
    file.handle(record)


def last_written(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_a_new_day_begins_a_new_file_and_the_old_one_is_kept_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path)
    written(file, "late", MONDAY.replace(hour=23, minute=59, second=59))
    written(file, "early", MONDAY + timedelta(hours=12))
    file.close()
    assert path.read_text(encoding="utf-8") == "early\n"
    assert [one.read_text(encoding="utf-8") for one in older_files(path)] == ["late\n"]


def test_the_same_day_goes_into_the_same_file_also_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    for text in ("before", "after"):
        file = LogFile(path)
        written(file, text)
        file.close()
        last_written(path, MONDAY)
    assert path.read_text(encoding="utf-8") == "before\nafter\n"
    assert older_files(path) == ()


def test_a_file_of_an_earlier_day_is_put_aside_at_the_first_line_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    path.write_text("yesterday\n", encoding="utf-8")
    last_written(path, MONDAY - timedelta(days=1))
    file = LogFile(path)
    written(file, "today")
    file.close()
    assert path.read_text(encoding="utf-8") == "today\n"
    assert [one.read_text(encoding="utf-8") for one in older_files(path)] == ["yesterday\n"]


def test_a_file_that_has_grown_large_is_turned_over_within_its_day(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path, largest=12)
    for text in ("123456789", "abcdefghi", "ABCDEFGHI"):
        written(file, text)
    file.close()
    assert path.read_text(encoding="utf-8") == "ABCDEFGHI\n"
    assert [one.read_text(encoding="utf-8") for one in older_files(path)] == ["abcdefghi\n", "123456789\n"]


def test_a_storm_never_keeps_more_than_its_number_of_files(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path, largest=12)
    for number in range(3 * MOST_FILES):
        written(file, f"line {number:4}")
    file.close()
    assert len(list(tmp_path.iterdir())) == MOST_FILES + 1


def test_what_was_put_aside_is_kept_for_a_week_and_forgotten_then(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    for number, age in ((1, KEPT), (2, KEPT + timedelta(days=1))):
        older = path.with_name(f"daemon.log.{number}")
        older.write_text(f"{age.days}\n", encoding="utf-8")
        last_written(older, MONDAY - age)
    file = LogFile(path)
    written(file, "today")
    file.close()
    assert [one.read_text(encoding="utf-8") for one in older_files(path)] == ["7\n"]


def test_a_file_that_cannot_be_put_aside_goes_on_and_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object) -> None:
        raise PermissionError("used by another process")

    path = tmp_path / "daemon.log"
    file = LogFile(path)
    written(file, "monday")
    monkeypatch.setattr("logging.handlers.os.rename", held)
    written(file, "tuesday", MONDAY + timedelta(days=1))
    file.close()
    assert path.read_text(encoding="utf-8") == "monday\ntuesday\n"


def test_a_disk_that_takes_no_line_shows_people_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    file = LogFile(tmp_path / "daemon.log")
    monkeypatch.setattr("logging.handlers.RotatingFileHandler.shouldRollover", full)
    written(file, "lost")
    file.close()
    assert capsys.readouterr().err == ""
