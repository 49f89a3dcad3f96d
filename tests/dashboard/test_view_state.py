"""The whole screen."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from risk_manager.dashboard.known import Known, told_away
from risk_manager.dashboard.lines import Tone, length, plain
from risk_manager.dashboard.view_state import TABS, Chosen, ViewState, account_shown, neighbour, view
from risk_manager.local_api.messages import Snapshot
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW
from tests.dashboard.looks import text


def _view(known: Known, width: int = 80, height: int = 24, **chosen: Any) -> ViewState:
    return view(known, chosen=Chosen(**chosen), now=NOW, width=width, height=height)


def test_the_open_tab_is_a_badge_and_every_tab_can_be_clicked() -> None:
    (line,) = _view(canned.known(canned.calm()), tab=3).tabs

    assert plain(line) == " 1 Overview 2 P&L 3 Positions 4 Rules 5 Locks 6 History 7 Connections 8 Calendar"
    assert length(line) == 80
    assert [span.text for span in line if span.tone is Tone.PICKED] == [" ", "4 Rules", " "]
    assert {span.act for span in line} == {f"show_tab({number})" for number in range(8)}


def test_every_tab_shows_what_it_says() -> None:
    first_lines = [plain(_view(canned.known(canned.calm()), tab=number).body[0]) for number in range(len(TABS))]

    titles = ("Room", "P&L", "Positions", "Rules", "Locks", "History", "Conn", "Trading day")
    for title, line in zip(titles, first_lines, strict=True):
        assert line.startswith(f" {title}")


def test_the_keys_are_told_on_the_last_line() -> None:
    (line,) = _view(canned.known(canned.calm())).keys
    assert plain(line) == " 1-8 ←→ tabs  n account  l lock me out  d dark/light  b bell off  ? help  q quit"


def test_before_anything_is_known_the_reason_is_told() -> None:
    shown = _view(told_away(Known(), "nobody listens there"))

    assert "✖ DAEMON AWAY" in text(shown.connection)
    assert text(shown.header) == " nobody listens there\n waiting for the daemon"
    assert shown.body == ()


def test_a_daemon_without_accounts_says_what_to_do() -> None:
    shown = _view(canned.known(msgspec.structs.replace(canned.calm(), accounts=())))

    assert "accounts.yaml" in text(shown.header)


def test_the_chosen_account_is_shown_and_an_unknown_one_is_the_first() -> None:
    known = canned.known(canned.locked())

    assert "Evaluation · 234567 · 2 of 2" in text(_view(known, account=234567).header)
    assert "Main · 123456 · 1 of 2" in text(_view(known, account=1).header)


def test_the_next_account_after_the_last_is_the_first() -> None:
    known = canned.known(canned.locked())

    assert neighbour(known, None) == 234567
    assert neighbour(known, 234567) == 123456
    assert neighbour(Known(), None) is None
    assert account_shown(Known(), 5) is None


@pytest.mark.parametrize("size", [(20, 6), (40, 10), (80, 24), (119, 30), (120, 30), (160, 48), (250, 70)])
@pytest.mark.parametrize("scene", [canned.calm, canned.near, canned.locked])
@pytest.mark.parametrize("tab", range(8))
def test_no_line_is_wider_than_the_screen(tab: int, scene: Callable[[], Snapshot], size: tuple[int, int]) -> None:
    shown = _view(canned.known(scene()), *size, tab=tab)
    body = max((length(line) for line in shown.body), default=0)

    assert len(shown.header) == 3
    assert max(length(line) for line in (*shown.header, *shown.connection, *shown.tabs, *shown.keys)) <= size[0]
    assert body <= size[0] or size[0] < 80
