import pytest

from risk_manager.admin import changes
from risk_manager.admin.changes import Change, apply_change
from risk_manager.admin.office import NotDoneError
from risk_manager.config.editing import see
from risk_manager.config.splice import set_value
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.store.daemon_lock import hold
from risk_manager.store.reading import stored_state
from tests.admin.desk import Desk, running_daemon

CHANGE = Change(file="risk_config.yaml", what="max_contracts.limit", old="3", new="2")


def edit(text: str) -> str:
    return set_value(text, ("rules", "max_contracts", "limit"), "2")


def journaled(desk: Desk) -> list[object]:
    with stored_state(desk.home.database) as stored:
        bodies = [entry.body for entry in stored.journal() if entry.kind in ("change", "command")]
    return [body.get("arguments", {}).get("change", body) for body in bodies if body.get("command") != "reload"]


def test_a_change_is_journaled_with_old_and_new_while_the_daemon_is_down(desk: Desk) -> None:
    apply_change(desk.office(), see(desk.home.risk_config), edit, CHANGE)
    assert journaled(desk) == [{"file": "risk_config.yaml", "what": "max_contracts.limit", "old": "3", "new": "2"}]


def test_a_running_daemon_journals_the_change_and_takes_it_on(desk: Desk) -> None:
    with running_daemon(desk) as daemon:
        apply_change(desk.office(), see(desk.home.risk_config), edit, CHANGE)
        state = daemon.pipeline.state(1001)
        assert state is not None
        assert [rule.limit for rule in state.policy.rules if isinstance(rule, MaxContracts)] == [2]
    assert "The daemon says: reloaded." in desk.told
    assert journaled(desk) == [{"file": "risk_config.yaml", "what": "max_contracts.limit", "old": "3", "new": "2"}]


def test_what_someone_else_wrote_meanwhile_stays_and_is_told(desk: Desk) -> None:
    seen = see(desk.home.risk_config)
    his = desk.rules.replace("800", "700")
    desk.home.risk_config.write_text(his)
    with pytest.raises(NotDoneError, match="changed by someone else meanwhile: nothing was written"):
        apply_change(desk.office(), seen, edit, CHANGE)
    assert desk.rules == his


def test_two_admins_do_not_write_at_the_same_time(desk: Desk) -> None:
    before = desk.rules
    turn = hold(desk.home.data / "admin_edit.lock")
    with pytest.raises(NotDoneError, match="another admin writes"):
        apply_change(desk.office(), see(desk.home.risk_config), edit, CHANGE)
    turn.release()
    assert desk.rules == before


def test_a_daemon_that_cannot_be_told_is_named_and_the_change_stands(desk: Desk) -> None:
    lock = hold(desk.home.daemon_lock)
    apply_change(desk.office(), see(desk.home.risk_config), edit, CHANGE)
    lock.release()
    assert "warning: the change could not be journaled" in desk.told
    assert "Written, but not in force yet" in desk.told
    assert "limit: 2," in desk.rules


def test_a_wrong_password_at_the_daemon_is_told(desk: Desk) -> None:
    office = desk.office()
    office.password = "another one"
    with running_daemon(desk):
        apply_change(office, see(desk.home.risk_config), edit, CHANGE)
    assert "the daemon refused the login: wrong password" in desk.told


def test_what_is_so_already_is_not_written(desk: Desk) -> None:
    apply_change(desk.office(), see(desk.home.risk_config), lambda text: text, CHANGE)
    assert "nothing was changed" in desk.told
    assert not desk.home.database.exists()


def test_a_reload_needs_the_daemon(desk: Desk) -> None:
    assert desk.command("reload") == 3
    assert "start it with risk-manager run" in desk.complaint
    with running_daemon(desk):
        assert desk.command("reload") == 0
        desk.home.risk_config.write_text("mood: bad\n")
        assert desk.command("reload") in (1, 3)


def test_a_journal_that_cannot_be_written_is_told(desk: Desk) -> None:
    desk.home.database.mkdir()
    changes.journal(desk.office(), CHANGE)
    assert "could not be journaled" in desk.told
