"""The trader's screen, with keys pressed and a real local API behind it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.messages import Told
from risk_manager.dashboard.panels.lines_panel import LinesPanel
from risk_manager.dashboard.themes import DARK, LIGHT
from risk_manager.local_api.client import Away, follow
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
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
async def _serving(body: Snapshot, port: int = 0) -> AsyncIterator[Server]:
    server = Server(snapshot=lambda: body, on_command=Commands())
    await server.start(port)
    try:
        yield server
    finally:
        await server.aclose()


async def _soon(_: float) -> None:
    await asyncio.sleep(0.01)  # the back-off itself is the client's matter


def _screen(port: int, clock: Clock | None = None, stored: Snapshot | None = None) -> TraderScreen:
    return TraderScreen(
        now=clock or Clock(), source=lambda: follow(port, sleep=_soon), last_known=lambda: stored
    )  # fmt: skip


def _text(app: TraderScreen, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).render())


async def _until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait for the screen, five seconds at most."""
    async with asyncio.timeout(5):
        while not holds():
            await pilot.pause(0.01)


async def test_the_snapshot_is_on_the_screen() -> None:
    async with _serving(canned.calm()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "account"))

            assert "● LIVE" in _text(app, "connection")
            assert "ES" in _text(app, "positions")
            assert "stop at 5,795.00" in _text(app, "orders")
            assert app.query_one("#accounts", LinesPanel).display is False


async def test_an_enforcement_and_its_lock_appear_by_themselves() -> None:
    async with _serving(canned.calm()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "account"))
            server.broadcast(Message(MAIN, canned.enforcement()))
            server.broadcast(Message(MAIN, canned.lock()))
            await _until(pilot, lambda: "LOCKED" in _text(app, "account"))
            assert app.query_one("#account", LinesPanel).has_class("flash")
            assert "▶ ACTING" in _text(app, "feed")

            server.broadcast(Message(MAIN, canned.proven()))
            await _until(pilot, lambda: "✔ DONE" in _text(app, "feed"))
            assert "no trading until 17:00 CT" in _text(app, "locks")


async def test_countdowns_run_by_themselves() -> None:
    clock = Clock()
    async with _serving(canned.locked()) as server:
        app = _screen(server.port, clock)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "6:28:58 left" in _text(app, "locks"))
            clock.at = NOW + timedelta(hours=1)

            await _until(pilot, lambda: "5:28:58 left" in _text(app, "locks"))


async def test_a_daemon_that_goes_is_missed_and_found_again() -> None:
    async with _serving(canned.calm()) as server:
        port = server.port
        app = _screen(port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "MAY TRADE" in _text(app, "account"))
            await server.aclose()
            await _until(pilot, lambda: "DAEMON AWAY" in _text(app, "connection"))
            assert "NOT KNOWN" in _text(app, "account")
            assert "ES" in _text(app, "positions"), "the last known state stays"

            async with _serving(canned.locked(), port):
                await _until(pilot, lambda: "LOCKED" in _text(app, "account"))
                assert "● LIVE" in _text(app, "connection")


async def _nobody() -> AsyncGenerator[Snapshot | Message | Away, None]:
    yield Away("nobody listens there", 1.0)
    await asyncio.Event().wait()


async def test_without_a_daemon_from_the_start_the_stored_state_is_shown_with_its_age() -> None:
    stored = msgspec.structs.replace(canned.near(), at=NOW - timedelta(minutes=9))
    app = TraderScreen(now=Clock(), source=_nobody, last_known=lambda: stored)
    async with app.run_test(size=SMALL) as pilot:
        await _until(pilot, lambda: "NOT KNOWN" in _text(app, "account"))

        assert "last word 9 m ago" in _text(app, "connection")
        assert "MNQ" in _text(app, "positions")


async def test_a_painting_that_comes_after_the_end_paints_nothing() -> None:
    app = TraderScreen(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL):
        pass

    app.on_told(Told(canned.calm()))  # textual delivers late timers and messages while it takes the screen down
    app._paint()  # the timer's own call


async def test_with_nothing_stored_it_says_what_is_missing() -> None:
    app = TraderScreen(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL) as pilot:
        await _until(pilot, lambda: "nobody listens there" in _text(app, "account"))

        assert app.query_one("#positions", LinesPanel).display is False


async def test_tab_shows_the_next_account() -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "account"))
            await pilot.press("tab")
            assert str(app.query_one("#account", LinesPanel).border_title).startswith("Evaluation")
            await pilot.press("tab")
            assert str(app.query_one("#account", LinesPanel).border_title).startswith("Main")


async def test_what_does_not_fit_can_be_scrolled_to() -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=(80, 16)) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "account"))
            await pilot.pause(0.15)
            body = app.query_one("#body")
            await pilot.press("pagedown")
            await _until(pilot, lambda: body.scroll_offset.y > 0)
            await pilot.press("pageup", "up")
            await _until(pilot, lambda: body.scroll_offset.y == 0)


async def test_d_changes_between_dark_and_light_and_b_the_bell_and_q_leaves() -> None:
    app = TraderScreen(now=Clock(), source=_nobody)
    async with app.run_test(size=SMALL) as pilot:
        assert app.theme == DARK.name
        await pilot.press("d")
        assert app.theme == LIGHT.name
        await pilot.press("d", "b")
        assert app.theme == DARK.name
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize(("size", "side_by_side"), [(SMALL, False), (LARGE, True)])
async def test_a_wide_screen_has_two_columns(size: tuple[int, int], *, side_by_side: bool) -> None:
    async with _serving(canned.locked()) as server:
        app = _screen(server.port)
        async with app.run_test(size=size) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "account") and app.query_one("#locks").region.width)

            locks, account = app.query_one("#locks").region, app.query_one("#account").region
            assert (locks.x > account.x) is side_by_side
            assert app.query_one("#account").region.right <= size[0]


@pytest.mark.parametrize("size", [SMALL, LARGE, (40, 10)])
@pytest.mark.parametrize("scene", [canned.calm, canned.near, canned.locked])
async def test_no_line_is_broken_by_the_screen(scene: Callable[[], Snapshot], size: tuple[int, int]) -> None:
    async with _serving(scene()) as server:
        app = _screen(server.port)
        async with app.run_test(size=size) as pilot:
            await _until(pilot, lambda: "Balance" in _text(app, "account"))
            await pilot.pause(0.15)
            for panel in app.query(LinesPanel):
                if panel.display and panel.id is not None:
                    rows = _text(app, panel.id).split("\n")
                    assert panel.content_size.height == len(rows), panel.id


async def test_text_of_the_venue_is_never_markup() -> None:
    body = canned.snapshot(canned.account(nickname="[red]Main[/red]", locks=(canned.lock(reason="[b]lunch[/b]"),)))
    async with _serving(body) as server:
        app = _screen(server.port)
        async with app.run_test(size=LARGE) as pilot:
            await _until(pilot, lambda: "LOCKED" in _text(app, "account"))

            assert "[b]lunch[/b]" in _text(app, "locks")
