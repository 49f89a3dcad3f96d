import contextlib
import sqlite3

import pytest

from tests.admin.desk import Desk, running_daemon


def test_locks_are_set_listed_and_ended(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.command("lockouts", "list") == 0
        assert desk.told == "No account is locked."
        assert desk.command("lock-now", "--account", "1001") == 0
        assert desk.command("lockouts", "list") == 0
        assert "Main (1001): admin, flat, until it is cleared" in desk.told
        assert desk.command("lockouts", "clear", "max_contracts") == 1
        assert "no such lock" in desk.complaint
        assert desk.command("lockouts", "clear", "admin") == 0
        assert desk.command("lockouts", "clear", "admin") == 1


def test_all_accounts_are_locked_at_once_and_named_when_one_must_be_chosen(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.command("lock-now") == 0
        assert "locked: 1001, 1002" in desk.told
        assert desk.command("lockouts", "clear") == 2
        assert "--account ID; locked are: [1001, 1002]" in desk.complaint
        assert desk.command("lockouts", "clear", "--account", "1001") == 0
        assert desk.command("lock-now", "--account", "5") == 1


def test_a_lock_is_not_ended_where_the_rules_do_not_allow_it(desk: Desk) -> None:
    desk.home.risk_config.write_text(desk.rules + "lockouts: {admin_may_clear: false}\n")
    with running_daemon(desk):
        assert desk.command("lock-now", "--account", "1001") == 0
        assert desk.command("lockouts", "clear", "admin") == 1
        assert "locks end by themselves only" in desk.complaint


@pytest.mark.parametrize("until", ["2h", "reset", "2126-08-24T21:00:00+00:00"])
def test_a_lock_may_have_an_end(desk: Desk, until: str) -> None:
    with running_daemon(desk):
        assert desk.command("lock-now", "--until", until) == 0


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("tomorrow", "write reset, a duration"),
        ("2126-08-24T21:00:00", "an instant with its zone"),
        ("2020-01-01T00:00:00+00:00", "over already"),
    ],
)
def test_an_end_that_makes_no_sense_locks_nothing(desk: Desk, until: str, told: str) -> None:
    assert desk.command("lock-now", "--until", until) == 2
    assert told in desk.complaint


def test_beside_a_database_of_a_later_version_it_is_not_said_that_no_daemon_has_ever_run(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.command("lock-now", "--account", "1001") == 0
    with contextlib.closing(sqlite3.connect(desk.home.database, isolation_level=None)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99)")
    assert desk.command("lockouts", "list") == 3
    assert "has not run" not in desk.complaint
    assert "nothing that this version" in desk.complaint


def test_without_the_daemon_the_last_known_locks_are_told_and_none_can_be_changed(desk: Desk) -> None:
    assert desk.command("lockouts", "list") == 3
    with running_daemon(desk):
        assert desk.command("lock-now", "--account", "1001") == 0
    assert desk.command("lockouts", "list") == 0
    assert "The daemon is not running; this is how it was at" in desk.told
    assert "Main (1001): admin" in desk.told
    assert desk.command("lockouts", "clear", "admin") == 3
    assert desk.command("lock-now") == 3
    assert "start it with risk-manager run" in desk.complaint
    assert desk.command("lock-now", "--until", "reset", "--account", "7") == 3
