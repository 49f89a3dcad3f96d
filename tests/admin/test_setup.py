from pathlib import Path

import pytest

from risk_manager.config.configuration import load
from risk_manager.config.sample import write_samples
from tests.admin.desk import DOWN, ENTER, ENVIRON, RIGHT, Desk, gateway_section, simulated_venue

KEY = "simulated-key"


def empty(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.home.risk_config.unlink()
    desk.home.accounts.unlink()
    write_samples(desk.home)
    return desk


def test_from_nothing_to_a_protected_account_by_keys(tmp_path: Path) -> None:
    desk = empty(tmp_path)
    with simulated_venue() as venue:
        desk.home.accounts.write_text(desk.accounts + gateway_section(venue))
        keys = ["trader", ENTER, KEY, ENTER, DOWN, ENTER, "\x15My Combine", ENTER, "\x15400", ENTER, ENTER]
        assert desk.keys(*keys, words=["setup"]) == 0, desk.complaint + desk.told
    configuration = load(desk.home, environ=ENVIRON)
    assert [(one.account_id, one.nickname, one.api_key) for one in configuration.accounts] == [
        (1002, "My Combine", KEY)
    ]
    assert "loss_limit: 400" in desk.rules
    assert "Account 1002 (My Combine): enforced" in desk.told
    assert "ok     login" in desk.told
    assert "Start the protection with risk-manager run" in desk.told
    assert "# What is enforced." in desk.rules


def test_a_program_sets_up_too(tmp_path: Path) -> None:
    desk = empty(tmp_path)
    with simulated_venue() as venue:
        desk.home.accounts.write_text(desk.accounts + gateway_section(venue))
        words = ["setup", "--username", "trader", "--account-id", "1001", "--mode", "shadow", "--loss-limit", "250"]
        assert desk.command(*words, lines=(RIGHT, KEY)) == 0
    assert "mode: shadow " in desk.rules
    assert "loss_limit: 250" in desk.rules


def test_a_key_that_is_refused_leaves_the_samples_as_they_are(tmp_path: Path) -> None:
    desk = empty(tmp_path)
    with simulated_venue() as venue:
        desk.home.accounts.write_text(desk.accounts + gateway_section(venue))
        before = desk.files()
        words = ["setup", "--username", "trader", "--account-id", "1001"]
        assert desk.command(*words, lines=(RIGHT, "wrong")) == 3
    assert desk.files() == before


def test_ctrl_c_at_any_question_leaves_whole_files(tmp_path: Path) -> None:
    answers = ["trader", ENTER, KEY, ENTER, ENTER, ENTER]
    for count in range(0, len(answers), 2):
        desk = empty(tmp_path / str(count))
        with simulated_venue() as venue:
            desk.home.accounts.write_text(desk.accounts + gateway_section(venue))
            before = desk.files()
            assert desk.keys(*answers[:count], words=["setup"]) == 1
        assert desk.complaint == "risk-manager admin: stopped"
        assert desk.files() == before


@pytest.mark.parametrize("answered", [0, 2])
def test_ctrl_c_at_the_last_questions_tells_what_stands_and_leaves_it_whole(tmp_path: Path, answered: int) -> None:
    desk = empty(tmp_path)
    with simulated_venue() as venue:
        desk.home.accounts.write_text(desk.accounts + gateway_section(venue))
        before = desk.rules
        first = ["trader", ENTER, KEY, ENTER, DOWN, ENTER, "\x15My Combine", ENTER]
        last = ["\x15400", ENTER][:answered]
        assert desk.keys(*first, *last, words=["setup"]) == 1
    assert desk.complaint == "risk-manager admin: stopped"
    assert "Stopped on the way: account 1002, with its key, and the rules stand whole in the files" in desk.told
    assert desk.rules == before
    assert [one.account_id for one in load(desk.home, environ=ENVIRON).accounts] == [1002]


def test_what_is_to_be_mended_is_told(desk: Desk) -> None:
    desk.home.risk_config.write_text(desk.rules + "mood: bad\n")
    words = ["setup", "--username", "x", "--account-id", "5", "--mode", "enforce"]
    assert desk.command(*words, lines=(RIGHT, "k")) != 0
