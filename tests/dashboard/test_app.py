"""The trader's screen, with keys pressed and a real local API behind it."""

from datetime import timedelta

import msgspec
from rich.console import RenderableType
from textual.driver import Driver
from textual.screen import Screen

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.panels.dialogs import ChoiceDialog, TextDialog
from risk_manager.dashboard.panels.lines_area import LinesArea
from risk_manager.dashboard.themes import DARK, LIGHT
from risk_manager.local_api.frames import Message
from risk_manager.local_api.part_status import PartsTold
from tests.dashboard import canned, canned_day
from tests.dashboard.canned_day import NOW
from tests.dashboard.stage import LARGE, MAIN, SMALL, Clock, nobody, screen, serving, text, text_below, until


async def test_the_snapshot_is_on_the_screen() -> None:
    async with serving(canned.calm()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))

            assert "● LIVE" in text(app, "connection")
            assert "stop at 5,795.00" in text(app, "body")


async def test_the_number_keys_the_arrows_and_the_mouse_open_the_tabs() -> None:
    async with serving(canned.calm()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
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
                assert sign in text(app, "body")
            await pilot.press("right")
            assert "Room to" in text(app, "body"), "after the last comes the first"
            await pilot.press("left")
            assert "Next reset" in text(app, "body")
            await pilot.click("#tabs", offset=(14, 0))
            await until(pilot, lambda: "P&L of" in text(app, "body"))


async def test_an_enforcement_and_its_lock_appear_by_themselves() -> None:
    async with serving(canned.calm()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
            server.broadcast(Message(MAIN, canned.enforcement(at=NOW)))
            server.broadcast(Message(MAIN, canned.lock()))
            await until(pilot, lambda: "LOCKED" in text(app, "header"))
            assert app.query_one("#header", LinesArea).has_class("flash")
            assert "▶ ACTING" in text(app, "header")

            server.broadcast(Message(MAIN, canned.proven()))
            await until(pilot, lambda: "✔ DONE" in text(app, "header"))
            assert "no trading until 17:00 CT" in text(app, "body")


async def test_an_incident_can_be_picked_and_read() -> None:
    async with serving(canned.locked()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "LOCKED" in text(app, "header"))
            await pilot.press("6", "down", "down", "down", "down")
            assert "Past the limit  $12.50" in text(app, "body")
            await pilot.press("up", "up", "up")
            assert "Past the limit" not in text(app, "body")
            await pilot.click("#body", offset=(20, 3))
            await until(pilot, lambda: "Past the limit" in text(app, "body"))


async def test_countdowns_run_by_themselves() -> None:
    clock = Clock()
    async with serving(canned.locked()) as server:
        app = screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "6:28:58 left" in text(app, "header"))
            clock.at = NOW + timedelta(seconds=2)

            await until(pilot, lambda: "6:28:56 left" in text(app, "header"))


async def test_the_time_is_the_daemons_where_the_clock_of_the_pc_is_wrong() -> None:
    clock = Clock()
    clock.at = NOW + timedelta(hours=3)
    async with serving(canned.locked()) as server:
        app = screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "6:28:58 left" in text(app, "header"))
            clock.at = NOW - timedelta(hours=3)
            server.broadcast(Message(None, PartsTold(at=NOW + timedelta(seconds=10), parts=canned_day.parts())))

            await until(pilot, lambda: "6:28:48 left" in text(app, "header"))


async def test_a_daemon_that_falls_silent_is_not_trusted_until_it_speaks() -> None:
    clock = Clock()
    async with serving(canned.calm()) as server:
        app = screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
            clock.at = NOW + timedelta(seconds=8)
            await until(pilot, lambda: "the daemon has said nothing for 8.0 s" in text(app, "header"))

            server.broadcast(Message(None, PartsTold(at=clock.at, parts=canned_day.parts())))
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))


async def test_a_daemon_that_goes_is_missed_and_found_again() -> None:
    async with serving(canned.calm()) as server:
        port = server.port
        app = screen(port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
            await server.aclose()
            await until(pilot, lambda: "DAEMON AWAY" in text(app, "connection"))
            assert "NOT KNOWN" in text(app, "header")
            assert "ES" in text(app, "body"), "the last known state stays"

            async with serving(canned.locked(), port):
                await until(pilot, lambda: "LOCKED" in text(app, "header"))
                assert "● LIVE" in text(app, "connection")


async def test_without_a_daemon_from_the_start_the_stored_state_is_shown_with_its_age() -> None:
    stored = msgspec.structs.replace(canned.near(), at=NOW - timedelta(minutes=9))
    app = TraderScreen(now=Clock(), source=nobody, last_known=lambda: stored)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "NOT KNOWN" in text(app, "header"))

        assert "What you see is 9 m old" in text(app, "header")
        assert "MNQ" in text(app, "body")


async def test_with_nothing_stored_it_says_what_is_missing() -> None:
    app = TraderScreen(now=Clock(), source=nobody)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "nobody listens there" in text(app, "header"))

        assert text(app, "body") == ""
        await pilot.press("3", "6", "down", "n", "a", "l", "q")
    assert app.return_code == 0


async def test_a_painting_that_comes_after_the_end_paints_nothing() -> None:
    app = TraderScreen(now=Clock(), source=nobody)
    async with app.run_test(size=SMALL):
        pass

    app._paint()  # textual delivers late timers while it takes the screen down


async def test_tab_and_n_show_the_next_account_and_a_lists_them() -> None:
    async with serving(canned.locked()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "LOCKED" in text(app, "header"))
            await pilot.press("tab")
            assert "Evaluation · 234567" in text(app, "header")
            await pilot.press("n")
            assert "Main · 123456" in text(app, "header")
            await pilot.press("a")
            await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            await pilot.press("down", "enter")
            await until(pilot, lambda: "Evaluation · 234567" in text_below(app))


async def test_an_account_in_the_list_can_be_clicked() -> None:
    async with serving(canned.locked()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "Evaluation" in text(app, "body"))
            await pilot.click("#body", offset=(6, 2))
            await until(pilot, lambda: "Evaluation · 234567" in text(app, "header"))


async def test_what_does_not_fit_can_be_scrolled_to() -> None:
    async with serving(canned.locked()) as server:
        app = screen(server.port)
        async with app.run_test(size=(80, 16)) as pilot:
            await until(pilot, lambda: "LOCKED" in text(app, "header"))
            body = app.query_one("#body", LinesArea)
            await until(pilot, lambda: body.max_scroll_y > 0)
            await pilot.press("pagedown")
            await until(pilot, lambda: body.scroll_offset.y > 0)
            await pilot.press("home")
            await until(pilot, lambda: body.scroll_offset.y == 0)


async def test_d_changes_between_dark_and_light_and_b_the_bell_and_q_leaves() -> None:
    async with serving(canned.calm()) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
            assert app.theme == DARK.name
            await pilot.press("d")
            assert app.theme == LIGHT.name
            await pilot.press("d", "b")
            assert app.theme == DARK.name
            assert "bell on" in text(app, "keys")
            await pilot.press("q")
    assert app.return_code == 0


class Ringing(TraderScreen):
    """Counts how often it rings."""

    rung = 0

    def bell(self) -> None:
        self.rung += 1


async def test_the_bell_rings_only_when_wanted() -> None:
    app = Ringing(now=Clock(), source=nobody)
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
    app = TraderScreen(now=Clock(), source=nobody)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, TextDialog)
        await pilot.press("escape")
        assert not isinstance(app.screen, TextDialog)


async def test_text_of_the_venue_is_never_markup() -> None:
    body = canned.snapshot(canned.account(nickname="[red]Main[/red]", locks=(canned.lock(reason="[b]lunch[/b]"),)))
    async with serving(body) as server:
        app = screen(server.port)
        async with app.run_test(size=LARGE) as pilot:
            await until(pilot, lambda: "LOCKED" in text(app, "header"))

            assert "[b]lunch[/b]" in text(app, "body")
            await pilot.press("l", "a")
            await pilot.pause()


class Displaying(TraderScreen):
    """Keeps what is sent to the terminal."""

    sent: list[str]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        self.sent = [*getattr(self, "sent", []), type(renderable).__name__]
        super()._display(screen, renderable)


async def test_a_screen_that_comes_back_after_ctrl_z_shows_everything_anew() -> None:
    app = Displaying(now=Clock(), source=nobody)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "nobody listens" in text(app, "header"))
        app.sent.clear()
        app.post_message(Driver.SignalResume())

        await until(pilot, lambda: "LayoutUpdate" in app.sent)
