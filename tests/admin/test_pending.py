"""Changes that wait, at the admin's desk: by command and by menu."""

import pytest

from tests.admin.desk import DOWN, ENTER, Desk, running_daemon

LOOSEN = ("rules", "set", "daily_realized_loss.loss_limit", "900")


@pytest.fixture(autouse=True)
def key_of_the_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")


def test_a_limit_that_is_raised_waits_and_everybody_is_told_so(desk: Desk) -> None:
    with running_daemon(desk) as daemon:
        assert desk.command(*LOOSEN) == 0
        assert "The daemon says: reloaded; account 1001: daily_realized_loss.loss_limit 800 → 900 waits" in desk.told
        for words in (("rules", "pending"), ("rules", "list"), ("rules", "show", "daily_realized_loss")):
            assert desk.command(*words) == 0
            assert "account 1002: daily_realized_loss.loss_limit 800 → 900 waits until" in desk.told
        assert len(daemon.commitments.pending_of(1001)) == 1


def test_a_limit_that_is_lowered_is_in_force_at_once(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.command("rules", "set", "daily_realized_loss.loss_limit", "700") == 0
        assert "The daemon says: reloaded." in desk.told
        assert desk.command("rules", "pending") == 0
        assert desk.told == "Nothing waits: what the files say is in force."


def test_a_change_that_waits_is_cancelled_for_one_account_or_for_all(desk: Desk) -> None:
    with running_daemon(desk):
        desk.command(*LOOSEN)
        assert desk.command("rules", "cancel", "daily_realized_loss.loss_limit", "--account", "1001") == 0
        assert "cancelled: daily_realized_loss.loss_limit 800 → 900 of account 1001." in desk.told
        assert desk.command("rules", "cancel") == 0
        assert "of account 1002" in desk.told
        assert desk.command("rules", "cancel") == 1
        assert "nothing waits there" in desk.complaint
        assert desk.command("rules", "pending") == 0
        assert desk.told.count("was cancelled: 800 holds") == 2


def test_without_the_daemon_what_would_wait_is_told_and_nothing_is_cancelled(desk: Desk) -> None:
    with running_daemon(desk):
        pass
    assert desk.command(*LOOSEN) == 0
    assert "Not in force yet" in desk.told
    assert "account 1001: daily_realized_loss.loss_limit 800 → 900 waits until the venue has told the time" in desk.told
    assert desk.command("rules", "cancel") == 3
    assert "the daemon is not running" in desk.complaint


def test_with_files_that_cannot_be_read_nothing_is_said_to_wait(desk: Desk) -> None:
    desk.home.risk_config.write_text("rules: {", encoding="utf-8")
    assert desk.command("rules", "pending") == 0
    assert desk.told.startswith("Nothing waits")


def test_a_wrong_password_cancels_nothing(desk: Desk) -> None:
    with running_daemon(desk) as daemon:
        desk.command(*LOOSEN)
        assert desk.command("rules", "cancel", lines=("wrong guess",)) == 1
        assert [one.state for one in daemon.commitments.pending_of(1001)] == ["waiting"]


def test_in_the_menu_what_waits_stands_with_the_rules_and_is_cancelled_there(desk: Desk) -> None:
    with running_daemon(desk) as daemon:
        desk.command(*LOOSEN)
        assert desk.keys(ENTER, DOWN * 13 + ENTER, ENTER) == 0
        assert "cancelled: daily_realized_loss.loss_limit 800 → 900 of account 1001" in desk.told
        assert desk.keys(ENTER, DOWN * 13 + ENTER, DOWN + ENTER) == 0
        states = [one.state for account in (1001, 1002) for one in daemon.commitments.pending_of(account)]
        assert states == ["cancelled", "waiting"]


def test_in_the_menu_with_nothing_waiting_nothing_is_asked(desk: Desk) -> None:
    assert desk.keys(ENTER, DOWN * 13 + ENTER) == 0
    assert "Nothing waits" in desk.told
