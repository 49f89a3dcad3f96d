from pathlib import Path

import pytest

from risk_manager.admin import changes, one_admin
from risk_manager.config.secrets import SecretVault
from risk_manager.simulator.venue import Venue
from risk_manager.store.daemon_lock import DaemonLock, hold
from risk_manager.store.reading import stored_state
from tests.admin.desk import ACCOUNTS, DOWN, ENTER, RIGHT, RULES, Desk, gateway_section, running_daemon, simulated_venue

KEY = "simulated-key"
SAMPLE = """\
accounts:
  - account_id: 123456
    username: trader
    api_key: secret:trader
"""


def at(desk: Desk, venue: Venue, accounts: str = SAMPLE) -> None:
    desk.home.accounts.write_text(gateway_section(venue) + accounts)


def test_accounts_are_listed_without_their_keys(desk: Desk) -> None:
    desk.home.accounts.write_text(ACCOUNTS.replace("env:KEY\n    nickname: Main", "s3same\n    enabled: false"))
    assert desk.command("accounts", "list") == 0
    assert "paused   1001  -" in desk.told
    assert "watched  1002  Combine" in desk.told
    assert "s3same" not in desk.told
    assert "hide-keys" in desk.told


def test_an_account_is_added_after_its_key_was_tried(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue)
        words = ["accounts", "add", "--username", "trader", "--account-id", "1002", "--nickname", "My Combine"]
        assert desk.command(*words, lines=(RIGHT, KEY)) == 0
    assert "account_id: 1002\n    username: trader\n    api_key: " in desk.accounts
    assert '"My Combine"' in desk.accounts
    assert "123456" not in desk.accounts
    assert KEY not in desk.accounts
    assert KEY not in desk.told
    assert SecretVault(desk.home).fetch("trader") == KEY


def test_ctrl_c_after_the_file_was_written_takes_no_key_from_the_account_in_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(changes, "journal", interrupted)
    with simulated_venue() as venue:
        at(desk, venue)
        words = ["accounts", "add", "--username", "trader", "--account-id", "1002", "--nickname", "My Combine"]
        assert desk.command(*words, lines=(RIGHT, KEY)) == 1
    assert "account_id: 1002" in desk.accounts
    assert SecretVault(desk.home).fetch("trader") == KEY


def test_a_person_adds_an_account_by_choosing_it_by_name(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue)
        added = desk.keys("trader", ENTER, KEY, ENTER, DOWN, ENTER, ENTER, words=["accounts", "add"])
    assert added == 0
    assert "nickname: 50KTC-V2-1002-2" in desk.accounts or '"50KTC-V2-1002-2"' in desk.accounts


def test_a_second_account_of_a_login_needs_no_key(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue)
        words = ["accounts", "add", "--username", "trader"]
        assert desk.command(*words, "--account-id", "1001", "--nickname", "A", lines=(RIGHT, KEY)) == 0
        assert desk.command(*words, "--account-id", "1002", "--nickname", "B") == 0
        assert desk.command(*words, "--account-id", "1002", "--nickname", "C") == 1
        assert "1002 is in accounts.yaml already" in desk.complaint
        assert desk.command(*words) == 1
        assert "every account of this login" in desk.complaint
    assert desk.accounts.count("account_id") == 2


@pytest.mark.parametrize(
    ("account", "key", "code", "told"),
    [
        ("1001", "wrong", 3, "refused the login"),
        ("1001", "", 2, "no key was given"),
        ("77", KEY, 1, "77 is not at this login; there are: 1001"),
    ],
)
def test_what_the_venue_does_not_take_is_not_written(desk: Desk, account: str, key: str, code: int, told: str) -> None:
    with simulated_venue() as venue:
        at(desk, venue)
        before = desk.files()
        words = ["accounts", "add", "--username", "trader", "--account-id", account]
        assert desk.command(*words, lines=(RIGHT, key)) == code
    assert told in desk.complaint
    assert desk.files() == before


def test_a_venue_out_of_reach_is_told(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue)
    words = ["accounts", "add", "--username", "trader", "--account-id", "1001"]
    assert desk.command(*words, lines=(RIGHT, KEY)) == 3
    assert "nothing was changed" in desk.complaint


def test_a_change_that_is_refused_leaves_no_key_behind(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue, "accounts: &all\n  - account_id: 5\n    username: b\n    api_key: env:KEY\nmore: *all\n")
        words = ["accounts", "add", "--username", "trader", "--account-id", "1001"]
        assert desk.command(*words, lines=(RIGHT, KEY)) == 1
    assert SecretVault(desk.home).names() == []


def test_an_account_is_renamed_paused_and_watched_again(desk: Desk) -> None:
    before = desk.accounts
    assert desk.command("accounts", "edit", "1001", "--nickname", "Big one") == 0
    assert desk.accounts == before.replace("Main", '"Big one"')
    assert desk.command("accounts", "pause", "1002") == 0
    assert "nickname: Combine\n    enabled: false\n" in desk.accounts
    assert desk.command("accounts", "pause", "1002") == 0
    assert "is paused already" in desk.told
    assert desk.command("accounts", "resume", "1002") == 0
    assert "enabled: true" in desk.accounts
    assert desk.command("accounts", "edit", "1001") == 2
    assert desk.command("accounts", "edit", "9", "--nickname", "x") == 2


def test_a_running_daemon_takes_other_accounts_on_at_once_and_gives_none_up_before_its_time(desk: Desk) -> None:
    desk.home.accounts.write_text(f"{ACCOUNTS}    enabled: false\n", encoding="utf-8")
    with running_daemon(desk) as daemon:
        assert set(daemon.pipeline.accounts) == {1001}
        assert desk.command("accounts", "resume", "1002") == 0
        assert set(daemon.pipeline.accounts) == {1001, 1002}
        assert desk.command("accounts", "pause", "1002") == 0
        assert set(daemon.pipeline.accounts) == {1001, 1002}
    assert "restart" not in desk.told
    assert "account 1002: account watched → left alone waits until" in desk.told


def test_a_removed_account_takes_what_was_laid_down_for_it_along(desk: Desk) -> None:
    desk.home.risk_config.write_text(RULES + "overrides:\n  1001:\n    mode: shadow\n  1002: {mode: shadow}\n")
    assert desk.command("accounts", "remove", "1001") == 0
    assert "1001" not in desk.accounts
    assert "overrides:\n  1002: {mode: shadow}\n" in desk.rules
    assert desk.command("accounts", "remove", "1002") == 1
    assert "pause it instead" in desk.complaint


def test_an_account_that_stays_because_the_list_was_edited_meanwhile_keeps_the_stricter_limit_of_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.home.risk_config.write_text(desk.rules + "overrides:\n  1001: {rules: {max_contracts: {limit: 1}}}\n")
    rules = desk.rules

    def his_turn_first(lock: Path) -> DaemonLock:
        desk.home.accounts.write_text(desk.accounts.replace("Combine", "Swing"), encoding="utf-8")
        return hold(lock)

    monkeypatch.setattr(one_admin, "hold", his_turn_first)
    assert desk.keys("y", words=["accounts", "remove", "1001"]) == 1
    assert "changed by someone else meanwhile" in desk.complaint
    assert (desk.rules, desk.accounts) == (rules, ACCOUNTS.replace("Combine", "Swing"))


def test_a_key_is_replaced_when_the_venue_takes_it(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue, SAMPLE.replace("123456", "1001"))
        SecretVault(desk.home).store("trader", "old")
        assert desk.command("accounts", "edit", "1001", "--key", lines=(RIGHT, "wrong")) == 3
        assert SecretVault(desk.home).fetch("trader") == "old"
        assert desk.command("accounts", "edit", "1001", "--key", lines=(RIGHT, KEY)) == 0
    assert "The daemon is not running: it will hold from its next start" in desk.told
    assert SecretVault(desk.home).fetch("trader") == KEY
    with stored_state(desk.home.database) as stored:
        assert [entry.body["what"] for entry in stored.journal()] == ["API key of trader"]
    desk.home.accounts.write_text(ACCOUNTS)
    assert desk.command("accounts", "edit", "1001", "--key", lines=(RIGHT, KEY)) == 1
    assert "not kept in the vault" in desk.complaint


def test_a_key_that_does_not_show_the_accounts_of_its_login_is_not_kept(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue)
        SecretVault(desk.home).store("trader", "old")
        assert desk.command("accounts", "edit", "123456", "--key", lines=(RIGHT, KEY)) == 1
    assert "this key does not show account 123456" in desk.complaint
    assert SecretVault(desk.home).fetch("trader") == "old"


def test_the_way_to_the_venue_is_tested_with_the_logins_key(desk: Desk) -> None:
    with simulated_venue() as venue:
        at(desk, venue, SAMPLE.replace("123456", "1001"))
        assert desk.command("accounts", "test") == 1
        assert "no key is stored" in desk.complaint
        SecretVault(desk.home).store("trader", KEY)
        assert desk.command("accounts", "test", "1001") == 0
        assert desk.command("accounts", "test", "5") == 2
    assert desk.command("accounts", "test") == 3
    assert "FAILED network" in desk.told


def test_nonsense_in_the_gateway_section_is_told(desk: Desk) -> None:
    desk.home.accounts.write_text("gateway: {api: nowhere}\n" + SAMPLE)
    assert desk.command("accounts", "add", "--username", "x", "--account-id", "1", lines=(RIGHT, KEY)) == 1
    assert "makes no sense" in desk.complaint
