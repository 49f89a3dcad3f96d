"""Every action of the admin x everything that may come in between, by command and through the menu."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from risk_manager.admin import one_admin
from risk_manager.admin.command import carry_out
from risk_manager.admin.words import parser
from risk_manager.config.secrets import SecretVault
from risk_manager.simulator.exchange.accounts import AccountSpec
from risk_manager.store.daemon_lock import hold
from tests.admin.desk import ACCOUNTS as LISTED
from tests.admin.desk import RIGHT, Desk, gateway_section, simulated_venue
from tests.admin.every_action import (
    ACTIONS,
    ALSO_IN_THE_MENU,
    NOT_IN_THE_MENU,
    ONLY_WITH_THE_DAEMON,
    Answer,
    Typist,
    spoken,
    stands_for_any,
)

HIS = "# and this somebody else has written\n"
OF_ONE = "overrides:\n  1001: {rules: {max_contracts: {limit: 2}}}\n"
IN_MENU = [name for name in ACTIONS if name not in NOT_IN_THE_MENU]
SELDOM = ("back", "Leave")


@pytest.fixture
def home(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A desk with two of a login's three accounts, one of them paused; a backup, and a file that is none."""
    with simulated_venue([AccountSpec(id=one, name=f"PRAC-{one}") for one in (1001, 1002, 1003)]) as venue:
        accounts = LISTED.replace("env:KEY", "secret:trader")
        desk.home.accounts.write_text(gateway_section(venue) + accounts + "    enabled: false\n", encoding="utf-8")
        desk.home.risk_config.write_text(desk.rules + OF_ONE, encoding="utf-8")
        SecretVault(desk.home).store("trader", "simulated-key")
        desk.home.holidays.write_text("- {date: 2026-12-25}\n", encoding="utf-8")
        (tmp_path / "taken").write_text("no backup")
        assert desk.command("backup", str(tmp_path / "saved.zip")) == 0
        yield desk


def asked(desk: Desk, answers: Sequence[Answer], words: Sequence[str] = ()) -> tuple[int, Typist]:
    """Sit at the desk, and give the password and these answers."""
    typist = Typist([RIGHT, *placed(desk, answers)])
    desk.said.clear()
    desk.complained.clear()
    office = desk.office()
    office.ask = typist
    return carry_out(office, parser().parse_args(list(words)), complain=desk.complained.append), typist


def command(desk: Desk, name: str, words: Sequence[str], lines: Sequence[str] = ()) -> int:
    return desk.command(*name.split(), *placed(desk, words), lines=(RIGHT, *lines))


def placed(desk: Desk, answers: Sequence[Any]) -> list[Any]:
    folder = str(desk.home.folder.parent)
    return [one.replace("{folder}", folder) if isinstance(one, str) else one for one in answers]


def by_menu(desk: Desk, answers: Sequence[Answer]) -> Typist:
    code, typist = asked(desk, answers)
    assert code == 0
    return typist


def told(desk: Desk) -> str:
    return f"{desk.told}\n{desk.complaint}"


# that nothing is left out


def test_every_command_stands_in_the_table() -> None:
    assert set(spoken()) == set(ACTIONS)


def test_every_action_is_in_the_menu_or_there_is_a_reason() -> None:
    assert {name for name, action in ACTIONS.items() if not action.menu} == set(NOT_IN_THE_MENU)


def _leaves(desk: Desk, way: Sequence[str] = ()) -> Iterator[tuple[str, ...]]:
    """Walk through the whole menu, one of each kind; nothing that is done on the way stays."""
    before = desk.files()
    typist = by_menu(desk, way)
    for name, raw in before.items():
        (desk.home.config / name).write_bytes(raw)
    question, choices = typist.first_open or ("", [])
    if not choices or (way and question.startswith("What would you like")):
        yield tuple(typist.way)
        return
    kinds = {"*" if stands_for_any(question, words) else words: words for words in reversed(choices)}
    for words in kinds.values():
        if words not in SELDOM:
            yield from _leaves(desk, (*way, words))


def test_every_way_through_the_menu_is_one_of_the_tables(home: Desk) -> None:
    found = set(_leaves(home))
    known = [action.menu[: ONLY_WITH_THE_DAEMON.get(name)] for name, action in ACTIONS.items() if action.menu]
    known += [action.menu_wrong[0] for action in ACTIONS.values() if action.menu_wrong]
    ways = set()
    for answers in (*known, *ALSO_IN_THE_MENU):
        before = home.files()
        ways.add(tuple(by_menu(home, answers).way))
        for name, raw in before.items():
            (home.home.config / name).write_bytes(raw)
    assert found - ways == set()
    assert len(found) > len(IN_MENU) - 5


# wrong values


@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.wrong])
def test_a_wrong_value_changes_nothing_and_is_told(home: Desk, name: str) -> None:
    before = home.files()
    for words, reason in ACTIONS[name].wrong.items():
        assert command(home, name, words) != 0
        assert reason in told(home)
        assert home.files() == before


@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.menu_wrong])
def test_a_wrong_value_in_the_menu_changes_nothing_is_told_and_leads_back(home: Desk, name: str) -> None:
    before = home.files()
    answers, reason = ACTIONS[name].menu_wrong or ((), "")
    typist = by_menu(home, answers)
    assert "Not done: " in home.told
    assert reason in home.told
    assert typist.open_question[0].startswith("What would you like")
    assert home.files() == before


@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.words])
def test_every_action_that_takes_a_value_has_a_wrong_one(name: str) -> None:
    assert ACTIONS[name].wrong


# a daemon that is down


@pytest.mark.parametrize("name", ACTIONS)
def test_without_the_daemon_it_is_told_what_that_means(home: Desk, name: str) -> None:
    action = ACTIONS[name]
    if action.asks == (True,):
        asked(home, action.asks, [*name.split(), *action.words])
    else:
        command(home, name, action.words, action.lines)
    assert action.down in told(home)


@pytest.mark.parametrize("name", IN_MENU)
def test_without_the_daemon_the_menu_tells_it_and_stays(home: Desk, name: str) -> None:
    action = ACTIONS[name]
    typist = by_menu(home, action.menu[: ONLY_WITH_THE_DAEMON.get(name)])
    if name in ONLY_WITH_THE_DAEMON:
        assert "Nothing waits" in home.told or "nothing is known of locks" in home.told
    else:
        assert action.down in "\n".join((home.told, *typist.offered))
    assert typist.open_question[0].startswith("What would you like")


# somebody else at the same file


@pytest.mark.parametrize("menu", [False, True], ids=["command", "menu"])
@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.writes])
def test_what_somebody_else_writes_at_the_last_moment_is_kept_and_told(
    home: Desk, monkeypatch: pytest.MonkeyPatch, name: str, *, menu: bool
) -> None:
    action = ACTIONS[name]
    if menu and not action.menu:
        return
    path = home.home.config / action.writes
    before = home.files()

    def his_turn_first(lock: Path) -> Any:
        if HIS.encode() not in path.read_bytes():
            path.write_bytes(path.read_bytes() + HIS.encode())
        return hold(lock)

    monkeypatch.setattr(one_admin, "hold", his_turn_first)
    if menu:
        by_menu(home, action.menu)
    elif action.asks:
        bare = [] if action.words[0].startswith("--") else action.words
        assert asked(home, action.asks, [*name.split(), *bare])[0] == 1
    else:
        assert command(home, name, action.words) == 1
    assert "changed by someone else meanwhile: nothing was written" in told(home)
    before[action.writes] += HIS.encode()
    assert home.files() == before


# Ctrl-C


@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.asks])
def test_ctrl_c_at_any_question_of_a_command_leaves_all_as_it_was(home: Desk, name: str) -> None:
    action = ACTIONS[name]
    bare = [] if not action.words or action.words[0].startswith("--") else list(action.words)
    whole = set(range(len(action.asks))) - ({5} if name == "setup" else set())
    for count in sorted(whole):
        before = home.files()
        assert asked(home, action.asks[:count], [*name.split(), *bare])[0] == 1
        assert home.complaint == "risk-manager admin: stopped"
        if name != "setup" or count < 4:
            assert home.files() == before


@pytest.mark.parametrize("name", IN_MENU)
def test_ctrl_c_at_any_question_of_the_menu_leaves_all_as_it_was(home: Desk, name: str) -> None:
    before = home.files()
    for count in range(len(ACTIONS[name].menu)):
        by_menu(home, ACTIONS[name].menu[:count])
        assert home.files() == before
