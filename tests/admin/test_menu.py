from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from risk_manager.admin.dialogue import TerminalDialogue
from risk_manager.config.secrets import SecretVault
from tests.admin.desk import CTRL_C, DOWN, ENTER, RULES, UP, Desk, gateway_section, running_daemon, simulated_venue

ENTRIES = [
    "rules",
    "accounts",
    "lockouts",
    "lock now",
    "test",
    "alerts",
    "logs",
    "metrics",
    "reload",
    "backup",
    "restore",
    "password",
]


def at(entry: str) -> str:
    return DOWN * ENTRIES.index(entry) + ENTER


def nth(number: int) -> str:
    return DOWN * number + ENTER


CHANGE_LOSS_LIMIT = at("rules") + nth(2) + nth(0) + nth(0)
"""To the third rule, change a setting, the first."""
CLEARED = "\x15"


def test_a_setting_is_changed_after_a_yes(desk: Desk) -> None:
    before = desk.rules
    assert desk.keys(CHANGE_LOSS_LIMIT, CLEARED + "400", ENTER, "y") == 0
    assert desk.rules == before.replace("800 ", "400 ")
    assert "Allowed: a number > 0." in desk.told


@pytest.mark.parametrize("keys", [("n",), (ENTER,), (CTRL_C,)])
def test_without_a_yes_nothing_changes(desk: Desk, keys: tuple[str, ...]) -> None:
    before = desk.files()
    desk.keys(CHANGE_LOSS_LIMIT, CLEARED + "400", ENTER, *keys)
    assert desk.files() == before


def test_a_wrong_value_is_told_and_the_menu_stays(desk: Desk) -> None:
    before = desk.files()
    assert desk.keys(CHANGE_LOSS_LIMIT, CLEARED + "much", ENTER, "y", at("accounts"), CTRL_C) == 0
    assert "Not done: nothing was changed; it would not be allowed" in desk.told
    assert "watched  1001  Main" in desk.told
    assert desk.files() == before


def test_rules_are_enabled_disabled_and_put_into_shadow(desk: Desk) -> None:
    assert desk.keys(at("rules"), nth(0), nth(3)) == 0
    assert "enabled: false" in desk.rules
    assert desk.keys(at("rules"), nth(0), nth(2)) == 0
    assert "enabled: true, mode: shadow" in desk.rules
    assert desk.keys(at("rules"), nth(0), nth(1)) == 0
    assert "mode: enforce}" in desk.rules
    assert desk.keys(at("rules"), nth(0), nth(4), at("rules"), UP, ENTER) == 0


def test_accounts_are_renamed_paused_watched_and_removed(desk: Desk) -> None:
    assert desk.keys(at("accounts"), nth(1), nth(1), "Other", ENTER) == 0
    assert "nickname: Other" in desk.accounts
    assert desk.keys(at("accounts"), nth(3), nth(0)) == 0
    assert "enabled: false" in desk.accounts
    assert desk.keys(at("accounts"), nth(4), nth(0)) == 0
    assert "enabled: true" in desk.accounts
    assert desk.keys(at("accounts"), nth(5), nth(0), "n") == 0
    assert "1001" in desk.accounts
    assert desk.keys(at("accounts"), nth(5), nth(0), "y") == 0
    assert "1001" not in desk.accounts
    assert desk.keys(at("accounts"), nth(6)) == 0


def test_an_account_is_added_and_its_key_replaced(desk: Desk) -> None:
    with simulated_venue() as venue:
        sample = "accounts:\n  - {account_id: 123456, username: trader, api_key: 'secret:trader'}\n"
        desk.home.accounts.write_text(gateway_section(venue) + sample)
        desk.keys(at("accounts"), nth(0), "trader", ENTER, "simulated-key", ENTER, ENTER, ENTER)
        assert "account_id: 1001" in desk.accounts, desk.told
        desk.keys(at("accounts"), nth(2), ENTER, "wrong", ENTER)
        assert "Not done: nothing was changed" in desk.told
        desk.keys(at("accounts"), nth(2), ENTER, "simulated-key", ENTER)
        assert "is stored" in desk.told
        desk.keys(at("test"))
        assert "ok     market hub" in desk.told
    assert SecretVault(desk.home).fetch("trader") == "simulated-key"


def test_accounts_are_locked_and_locks_ended(desk: Desk) -> None:
    with running_daemon(desk):
        desk.keys(at("lockouts"))
        assert "No account is locked." in desk.told
        desk.keys(at("lock now"), nth(1), nth(3), "n")
        assert "Not done: nothing was locked" in desk.told
        desk.keys(at("lock now"), nth(1), nth(3), "y")
        assert "locked: 1001" in desk.told
        desk.keys(at("lockouts"), nth(1))
        assert "cleared" not in desk.told
        desk.keys(at("lockouts"), nth(0))
        assert "cleared: admin" in desk.told


def test_numbers_logs_and_reload(desk: Desk) -> None:
    desk.home.log("api").write_text('{"level": "info", "event": "told"}\n')
    with running_daemon(desk):
        assert desk.keys(at("metrics"), at("reload"), at("logs"), ENTER) == 0
    assert "state             live" in desk.told
    assert "The daemon says: reloaded." in desk.told
    assert "told" in desk.said[-1]


def test_without_the_daemon_the_menu_says_so_and_stays(desk: Desk) -> None:
    assert desk.keys(at("metrics"), at("reload"), at("lockouts"), at("accounts")) == 0
    assert desk.told.count("Not done: the daemon does not answer") == 2
    assert "watched  1001" in desk.told


def test_backup_and_restore(desk: Desk, tmp_path: Path) -> None:
    target = str(tmp_path / "my.zip")
    assert desk.keys(at("backup"), CLEARED + target, ENTER) == 0
    desk.home.risk_config.write_text("broken")
    desk.keys(at("restore"), target, ENTER, "n")
    assert desk.rules == "broken"
    desk.keys(at("restore"), target, ENTER, "y")
    assert desk.rules.startswith(RULES)


def test_the_password_is_changed_or_kept(desk: Desk) -> None:
    before = desk.files()
    desk.keys(at("password"), "another pass", ENTER, "another past", ENTER)
    assert "not the same" in desk.told
    desk.keys(at("password"), "another pass", ENTER, CTRL_C)
    assert desk.files() == before
    desk.keys(at("password"), "another pass", ENTER, "another pass", ENTER)
    assert desk.files() != before


DIALOGUES = {
    "rules": (at("rules"), nth(2), nth(0), nth(0), CLEARED + "400" + ENTER),
    "disable": (at("rules"), nth(2)),
    "add": (at("accounts"), ENTER, "trader" + ENTER),
    "rename": (at("accounts"), nth(1), ENTER),
    "key": (at("accounts"), nth(2), ENTER),
    "pause": (at("accounts"), nth(3)),
    "remove": (at("accounts"), nth(5), ENTER),
    "lock now": (at("lock now"), ENTER, ENTER),
    "backup": (at("backup"),),
    "restore": (at("restore"), "x" + ENTER),
    "password": (at("password"), "another pass" + ENTER),
    "logs": (at("logs"),),
    "level of the logs": (at("logs"), nth(3)),
}


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_ctrl_c_in_the_middle_of_a_dialogue_leaves_nothing_half_written(desk: Desk, dialogue: str) -> None:
    before = desk.files()
    answers = DIALOGUES[dialogue]
    for count in range(1, len(answers) + 1):
        assert desk.keys(*answers[:count], CTRL_C) == 0
        assert desk.files() == before


@dataclass(slots=True)
class Interrupted(TerminalDialogue):
    """Somebody else does something while the last question is asked."""

    deed: Callable[[], object]

    def agrees(self, question: str) -> bool:
        self.deed()
        return super(Interrupted, self).agrees(question)


def test_a_file_that_someone_else_edits_meanwhile_is_not_overwritten(desk: Desk) -> None:
    his = desk.rules.replace("800", "700")
    ask = Interrupted({}, lambda: desk.home.risk_config.write_text(his))
    assert desk.keys(CHANGE_LOSS_LIMIT, CLEARED + "400", ENTER, "y", ask=ask) == 0
    assert "changed by someone else meanwhile: nothing was written" in desk.told
    assert desk.rules == his


def test_how_much_is_written_to_the_logs_is_changed_while_the_daemon_runs(desk: Desk) -> None:
    with running_daemon(desk):
        assert desk.keys(at("logs"), nth(3), nth(0)) == 0
    assert "logs.level: not written → debug" in desk.told
    assert "level: debug" in desk.rules
