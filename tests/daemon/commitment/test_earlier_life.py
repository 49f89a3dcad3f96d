from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.daemon.commitment.earlier_life import has_lived
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.logs import open_logs


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_folders()
    return home


def write_log(home: Home, event: str) -> None:
    close = open_logs(home.log)
    EventLog("daemon").info(event, accounts=[7])
    close()


def test_a_start_in_the_logs_is_the_trace_of_an_earlier_life(home: Home) -> None:
    write_log(home, "daemon_started")
    assert has_lived(home)


def test_a_start_in_a_log_that_was_turned_over_is_one_too(home: Home) -> None:
    write_log(home, "daemon_started")
    home.log("daemon").rename(home.logs / "daemon.log.1")
    write_log(home, "login_live")
    assert has_lived(home)


def test_what_this_life_has_written_before_it_has_begun_is_none(home: Home) -> None:
    write_log(home, "commitment")
    assert not has_lived(home)


def test_without_logs_there_is_no_trace(home: Home) -> None:
    assert not has_lived(home)
    home.log("daemon").mkdir()
    assert not has_lived(home)
    home.log("daemon").rmdir()
    home.logs.rmdir()
    assert not has_lived(home)
