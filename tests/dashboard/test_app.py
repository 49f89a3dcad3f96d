"""The trader's screen, with keys pressed and a real local API behind it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.lines import plain
from risk_manager.dashboard.panels.dialogs import ChoiceDialog, ConfirmDialog, MinutesDialog, TextDialog
from risk_manager.dashboard.panels.lines_area import LinesArea
from risk_manager.dashboard.themes import DARK, LIGHT
from risk_manager.local_api.client import Away, follow, wish_lock
from risk_manager.local_api.commands import Result
from risk_manager.local_api.errors import DaemonAway
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.server import Server
from tests.dashboard import canned
from tests.dashboard.canned import NOW
from tests.local_api.canned import Commands

MAIN = 123456
SMALL, LARGE = (80, 24), (160, 48)


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@asynccontextmanager
async def _serving(body: Snapshot, port: int = 0, commands: Commands | None = None) -> AsyncIterator[Server]:
    server = Server(snapshot=lambda: body, on_command=commands or Commands())
    await server.start(port)
    try:
        yield server
    finally:
        await server.aclose()


async def _soon(_: float) -> None:
    await asyncio.sleep(0.01)  # the back-off itself is the client's matter


def _screen(port: int, clock: Clock | None = None, stored: Snapshot | None = None) -> TraderScreen:
    return TraderScreen(
        now=clock or Clock(),
        source=lambda: follow(port, sleep=_soon),
        wish=lambda wish: wish_lock(wish, port),
        last_known=lambda: stored,
    )


def _text(app: TraderScreen, name: str) -> str:
    return "\n".join(plain(line) for line in app.query_one(f"#{name}", LinesArea).lines)


async def _until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for the screen, five seconds at most."""
    async with asyncio.timeout(5):
        while not holds():
            await pilot.pause(0.01)


async def test_the_snapshot_is_on_the_screen() -> None:
    async with _serving(canned.calm()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))

            assert "● LIVE" in _text(app, "connection")
            assert "stop at 5,795.00" in _text(app, "body")


async def test_the_number_keys_the_arrows_and_the_mouse_open_the_tabs() -> None:
    async with _serving(canned.calm()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))
            signs = (
                "Room to",
                "P&L of",
                "Working orders ·",
                "warns at",
                "locks you out",
                "History",
                "REST",
                "Next reset",
            )
            for key, sign in enumerate(signs, start=1):
                await pilot.press(str(key))
                assert sign in _text(app, "body")
            await pilot.press("right")
            assert "Room to" in _text(app, "body"), "after the last comes the first"
            await pilot.press("left")
            assert "Next reset" in _text(app, "body")
            await pilot.click("#tabs", offset=(14, 0))
            await _until(pilot, lambda: "P&L of" in _text(app, "body"))


async def test_an_enforcement_and_its_lock_appear_by_themselves() -> None:
    async with _serving(canned.calm()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))
            server.broadcast(Message(MAIN, canned.enforcement(at=NOW)))
            server.broadcast(Message(MAIN, canned.lock()))
            await _until(pilot, lambda: "LOCKED" in _text(app, "header"))
            assert app.query_one("#header", LinesArea).has_class("flash")
            assert "▶ ACTING" in _text(app, "header")

            server.broadcast(Message(MAIN, canned.proven()))
            await _until(pilot, lambda: "✔ DONE" in _text(app, "header"))
            assert "no trading until 17:00 CT" in _text(app, "body")


async def test_an_incident_can_be_picked_and_read() -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "header"))
            await pilot.press("6", "down", "down", "down", "down")
            assert "Past the limit  $12.50" in _text(app, "body")
            await pilot.press("up", "up", "up")
            assert "Past the limit" not in _text(app, "body")
            await pilot.click("#body", offset=(20, 3))
            await _until(pilot, lambda: "Past the limit" in _text(app, "body"))


async def test_countdowns_run_by_themselves() -> None:
    clock = Clock()
    async with _serving(canned.locked()) as server:
        app = _screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "6:28:58 left" in _text(app, "header"))
            clock.at = NOW + timedelta(seconds=2)

            await _until(pilot, lambda: "6:28:56 left" in _text(app, "header"))


async def test_the_time_is_the_daemons_where_the_clock_of_the_pc_is_wrong() -> None:
    clock = Clock()
    clock.at = NOW + timedelta(hours=3)
    async with _serving(canned.locked()) as server:
        app = _screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "6:28:58 left" in _text(app, "header"))
            clock.at = NOW - timedelta(hours=3)
            server.broadcast(Message(None, PartsTold(at=NOW + timedelta(seconds=10), parts=canned.parts())))

            await _until(pilot, lambda: "6:28:48 left" in _text(app, "header"))


async def test_a_daemon_that_falls_silent_is_not_trusted_until_it_speaks() -> None:
    clock = Clock()
    async with _serving(canned.calm()) as server:
        app = _screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))
            clock.at = NOW + timedelta(seconds=8)
            await _until(pilot, lambda: "the daemon has said nothing for 8.0 s" in _text(app, "header"))

            server.broadcast(Message(None, PartsTold(at=clock.at, parts=canned.parts())))
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))


async def test_a_daemon_that_goes_is_missed_and_found_again() -> None:
    async with _serving(canned.calm()) as server:
        port = server.port
        app = _screen(port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))
            await server.aclose()
            await _until(pilot, lambda: "DAEMON AWAY" in _text(app, "connection"))
            assert "NOT KNOWN" in _text(app, "header")
            assert "ES" in _text(app, "body"), "the last known state stays"

            async with _serving(canned.locked(), port):
                await _until(pilot, lambda: "LOCKED" in _text(app, "header"))
                assert "● LIVE" in _text(app, "connection")


async def _nobody() -> AsyncGenerator[Snapshot | Message | Away, None]:
    yield Away("nobody listens there", 1.0)
    await asyncio.Event().wait()


async def test_without_a_daemon_from_the_start_the_stored_state_is_shown_with_its_age() -> None:
    stored = msgspec.structs.replace(canned.near(), at=NOW - timedelta(minutes=9))
    app = TraderScreen(now=Clock(), source=_nobody, last_known=lambda: stored)
    async with app.run_test(size=SMALL) as pilot:
        await _until(pilot, lambda: "NOT KNOWN" in _text(app, "header"))

        assert "What you see is 9 m old" in _text(app, "header")
        assert "MNQ" in _text(app, "body")


async def test_with_nothing_stored_it_says_what_is_missing() -> None:
    app = TraderScreen(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL) as pilot:
        await _until(pilot, lambda: "nobody listens there" in _text(app, "header"))

        assert _text(app, "body") == ""
        await pilot.press("3", "6", "down", "n", "a", "l", "q")
    assert app.return_code == 0


async def test_a_painting_that_comes_after_the_end_paints_nothing() -> None:
    app = TraderScreen(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL):
        pass

    app._paint()  # textual delivers late timers while it takes the screen down


async def test_tab_and_n_show_the_next_account_and_a_lists_them() -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "header"))
            await pilot.press("tab")
            assert "Evaluation · 234567" in _text(app, "header")
            await pilot.press("n")
            assert "Main · 123456" in _text(app, "header")
            await pilot.press("a")
            await _until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            await pilot.press("down", "enter")
            await _until(pilot, lambda: "Evaluation · 234567" in _text_below(app))


def _text_below(app: TraderScreen) -> str:
    area = app.screen_stack[0].query_one("#header", LinesArea)
    return "\n".join(plain(line) for line in area.lines)


async def test_an_account_in_the_list_can_be_clicked() -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "Evaluation" in _text(app, "body"))
            await pilot.click("#body", offset=(6, 2))
            await _until(pilot, lambda: "Evaluation · 234567" in _text(app, "header"))


async def test_what_does_not_fit_can_be_scrolled_to() -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=(80, 16)) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "header"))
            body = app.query_one("#body", LinesArea)
            await _until(pilot, lambda: body.max_scroll_y > 0)
            await pilot.press("pagedown")
            await _until(pilot, lambda: body.scroll_offset.y > 0)
            await pilot.press("home")
            await _until(pilot, lambda: body.scroll_offset.y == 0)


async def test_d_changes_between_dark_and_light_and_b_the_bell_and_q_leaves() -> None:
    async with _serving(canned.calm()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "header"))
            assert app.theme == DARK.name
            await pilot.press("d")
            assert app.theme == LIGHT.name
            await pilot.press("d", "b")
            assert app.theme == DARK.name
            assert "bell on" in _text(app, "keys")
            await pilot.press("q")
    assert app.return_code == 0


class Ringing(TraderScreen):
    """Counts how often it rings."""

    rung = 0

    def bell(self) -> None:
        self.rung += 1


async def test_the_bell_rings_only_when_wanted() -> None:
    app = Ringing(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL) as pilot:
        app.take(canned.calm())
        app.take(Message(MAIN, canned.enforcement()))
        assert app.rung == 0
        await pilot.press("b")
        app.take(Message(MAIN, canned.enforcement(id="p2")))
        assert app.rung == 1
        app.take(Message(MAIN, canned.proven()))
        assert app.rung == 1


async def test_help_tells_the_keys() -> None:
    app = TraderScreen(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, TextDialog)
        await pilot.press("escape")
        assert not isinstance(app.screen, TextDialog)


async def _lock_dialog(pilot: Pilot[None], app: TraderScreen) -> None:
    await _until(pilot, lambda: "MAY TRADE" in _text_below(app))
    await pilot.press("l")
    await _until(pilot, lambda: isinstance(app.screen, ChoiceDialog))


async def test_l_locks_for_the_chosen_time_after_a_yes() -> None:
    commands = Commands()
    async with _serving(canned.calm(), commands=commands) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _lock_dialog(pilot, app)
            await pilot.press("3")
            await _until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("enter")
            assert isinstance(app.screen, ConfirmDialog), "Enter alone is no yes"
            await pilot.press("y")
            await _until(pilot, lambda: commands.asked)

    assert commands.asked == [("voluntary_lock", {"account_id": MAIN, "seconds": 3600})]


async def test_l_takes_a_number_of_minutes_and_the_reset() -> None:
    commands = Commands()
    async with _serving(canned.calm(), commands=commands) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _lock_dialog(pilot, app)
            await pilot.press("7")
            await _until(pilot, lambda: isinstance(app.screen, MinutesDialog))
            await pilot.press("0", "enter")
            assert isinstance(app.screen, MinutesDialog), "nothing is no length"
            app.screen.query_one(Input).value = "45"
            await pilot.press("enter")
            await _until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("y")
            await _until(pilot, lambda: len(commands.asked) == 1)
            await _lock_dialog(pilot, app)
            await pilot.press("6")
            await _until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.click("#yes")
            await _until(pilot, lambda: len(commands.asked) == 2)

    assert [wish for _, wish in commands.asked] == [
        {"account_id": MAIN, "seconds": 2700},
        {"account_id": MAIN, "until": "reset"},
    ]


@pytest.mark.parametrize("keys", [("escape",), ("1", "n"), ("1", "escape"), ("7", "escape")])
async def test_every_way_back_locks_nothing(keys: tuple[str, ...]) -> None:
    commands = Commands()
    async with _serving(canned.calm(), commands=commands) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _lock_dialog(pilot, app)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.05)
            await _until(pilot, lambda: len(app.screen_stack) == 1)

    assert commands.asked == []


async def test_without_a_daemon_nobody_could_lock() -> None:
    app = TraderScreen(now=Clock(), source=_nobody, last_known=canned.calm)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await _until(pilot, lambda: "NOT KNOWN" in _text(app, "header"))
        await pilot.press("l")
        await _until(pilot, lambda: app._notifications)

        assert [one.message for one in app._notifications] == ["The daemon is away: nobody could lock you out"]


async def test_a_daemon_that_goes_during_the_dialogue_is_told() -> None:
    async def gone(_: object) -> Result:
        raise DaemonAway(8765, "nobody listens there")

    async with _serving(canned.calm()) as server:
        app = TraderScreen(now=Clock(), source=lambda: follow(server.port, sleep=_soon), wish=gone)
        async with app.run_test(size=SMALL, notifications=True) as pilot:
            await _lock_dialog(pilot, app)
            await pilot.press("1")
            await _until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("y")
            await _until(pilot, lambda: app._notifications)

            assert "nobody listens there" in next(iter(app._notifications)).message


async def test_text_of_the_venue_is_never_markup() -> None:
    body = canned.snapshot(canned.account(nickname="[red]Main[/red]", locks=(canned.lock(reason="[b]lunch[/b]"),)))
    async with _serving(body) as server:
        app = _screen(server.port)
        async with app.run_test(size=LARGE) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "header"))

            assert "[b]lunch[/b]" in _text(app, "body")
            await pilot.press("l", "a")
            await pilot.pause()
