import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risk_manager.daemon.log_file import KEPT, MOST_FILES, TRY_AGAIN, LogFile, older_files

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


@contextmanager
def read_by_somebody(path: Path) -> Iterator[None]:
    """Hold a file open as another program does; elsewhere than on Windows, forbid what Windows then forbids."""
    with path.open(encoding="utf-8"), pytest.MonkeyPatch.context() as patch:
        if sys.platform != "win32":
            rename, unlink = Path.rename, Path.unlink

            def guarded(deed: Callable[..., object]) -> Callable[..., object]:
                def careful(one: Path, *arguments: Path) -> object:
                    if one == path:
                        raise PermissionError(13, "used by another process")
                    return deed(one, *arguments)

                return careful

            patch.setattr(Path, "rename", guarded(rename))
            patch.setattr(Path, "unlink", guarded(unlink))
        yield


def kept(path: Path) -> list[str]:
    return [one.read_text(encoding="utf-8") for one in (path, *older_files(path))]


def later(seconds: float) -> datetime:
    return MONDAY + timedelta(days=1, seconds=seconds)


def test_while_a_log_is_read_no_line_is_lost_and_afterwards_it_is_turned_over(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path)
    written(file, "monday")
    with read_by_somebody(path):
        written(file, "tuesday", later(0))
        written(file, "still read", later(TRY_AGAIN))
        assert kept(path) == ["monday\ntuesday\nstill read\n"]
    written(file, "too soon", later(2 * TRY_AGAIN - 1))
    assert older_files(path) == ()
    written(file, "free again", later(2 * TRY_AGAIN))
    file.close()
    assert kept(path) == ["free again\n", "monday\ntuesday\nstill read\ntoo soon\n"]


def test_a_full_file_that_is_read_for_long_drives_no_older_one_out(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path, largest=12)
    for text in ("123456789", "abcdefghi", "ABCDEFGHI"):
        written(file, text)
    with read_by_somebody(path):
        for number in range(2 * MOST_FILES):
            written(file, "+", MONDAY + timedelta(seconds=TRY_AGAIN * number))
    assert kept(path) == ["ABCDEFGHI\n" + "+\n" * 2 * MOST_FILES, "abcdefghi\n", "123456789\n"]
    written(file, "new", MONDAY + timedelta(hours=1))
    file.close()
    assert kept(path) == ["new\n", "ABCDEFGHI\n" + "+\n" * 2 * MOST_FILES, "abcdefghi\n", "123456789\n"]


@pytest.mark.parametrize("number", [1, 3, MOST_FILES])
def test_an_older_file_that_is_read_is_not_written_over(tmp_path: Path, number: int) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path, largest=12)
    for count in range(MOST_FILES + 1):
        written(file, f"line {count:4}")
    before = kept(path)
    with read_by_somebody(path.with_name(f"daemon.log.{number}")):
        written(file, "during it")
        assert set(before[1:-1]) <= set(kept(path)), "the oldest alone may go"
        assert kept(path)[0] == f"{before[0]}during it\n"
    written(file, "afterwards", MONDAY + timedelta(minutes=1))
    file.close()
    assert kept(path) == ["afterwards\n", f"{before[0]}during it\n", *before[1:-1]]


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


def test_nobody_else_can_read_what_was_written_or_turned_over(tmp_path: Path) -> None:
    path = tmp_path / "daemon.log"
    file = LogFile(path)
    written(file, "one")
    written(file, "two", MONDAY + timedelta(days=1))
    file.close()
    modes = [one.stat().st_mode & 0o777 for one in (path, *older_files(path))]
    assert modes == ([0o666, 0o666] if sys.platform == "win32" else [0o600, 0o600])  # there the folder's rights hold
