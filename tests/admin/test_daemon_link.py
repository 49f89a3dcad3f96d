import pytest

from risk_manager.admin import daemon_link
from risk_manager.local_api.errors import DaemonAway
from tests.admin.desk import RIGHT, Desk, running_daemon


def test_a_running_daemon_is_seen_and_answers(desk: Desk) -> None:
    assert not daemon_link.is_running(desk.home)
    with running_daemon(desk):
        assert daemon_link.is_running(desk.home)
        assert daemon_link.command(desk.home, RIGHT, "health").ok
        refused = daemon_link.command(desk.home, "wrong one", "health")
        assert (refused.ok, refused.message) == (False, "the daemon refused the login: wrong password")
        assert [account.id for account in daemon_link.snapshot(desk.home).accounts] == [1001, 1002]


def test_one_that_is_away_is_told(desk: Desk) -> None:
    with pytest.raises(DaemonAway):
        daemon_link.command(desk.home, RIGHT, "health")
    with pytest.raises(DaemonAway):
        daemon_link.snapshot(desk.home)


def test_a_password_that_was_changed_meanwhile_holds_at_once(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.command("password", lines=(RIGHT, "another pass", "another pass")) == 0
        assert daemon_link.command(desk.home, "another pass", "health").ok
        desk.home.admin_password.unlink()
        assert "no admin password is set" in daemon_link.command(desk.home, "another pass", "health").message
