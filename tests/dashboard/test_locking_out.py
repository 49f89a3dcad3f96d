"""`l` on the screen: locking oneself out, by the keys that one would press."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.panels.dialogs import ChoiceDialog, ConfirmDialog, MinutesDialog
from risk_manager.local_api.client import follow
from risk_manager.local_api.commands import Result
from risk_manager.local_api.errors import DaemonAway
from tests.dashboard import canned
from tests.dashboard.stage import MAIN, SMALL, Clock, nobody, screen, serving, soon, text, text_below, until
from tests.local_api.canned import Commands


async def _lock_dialog(pilot: Pilot[None], app: TraderScreen) -> None:
    await until(pilot, lambda: "MAY TRADE" in text_below(app))
    await pilot.press("l")
    await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))


async def test_l_locks_for_the_chosen_time_after_a_yes() -> None:
    commands = Commands()
    async with serving(canned.calm(), commands=commands) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _lock_dialog(pilot, app)
            await pilot.press("3")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("enter")
            assert isinstance(app.screen, ConfirmDialog), "Enter alone is no yes"
            await pilot.press("y")
            await until(pilot, lambda: commands.asked)

    assert commands.asked == [("voluntary_lock", {"account_id": MAIN, "seconds": 3600})]


async def test_l_takes_a_number_of_minutes_and_the_reset() -> None:
    commands = Commands()
    async with serving(canned.calm(), commands=commands) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _lock_dialog(pilot, app)
            await pilot.press("7")
            await until(pilot, lambda: isinstance(app.screen, MinutesDialog))
            await pilot.press("0", "enter")
            assert isinstance(app.screen, MinutesDialog), "nothing is no length"
            app.screen.query_one(Input).value = "45"
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("y")
            await until(pilot, lambda: len(commands.asked) == 1)
            await _lock_dialog(pilot, app)
            await pilot.press("6")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.click("#yes")
            await until(pilot, lambda: len(commands.asked) == 2)

    assert [wish for _, wish in commands.asked] == [
        {"account_id": MAIN, "seconds": 2700},
        {"account_id": MAIN, "until": "reset"},
    ]


@pytest.mark.parametrize("keys", [("escape",), ("1", "n"), ("1", "escape"), ("7", "escape")])
async def test_every_way_back_locks_nothing(keys: tuple[str, ...]) -> None:
    commands = Commands()
    async with serving(canned.calm(), commands=commands) as server:
        app = screen(server.port)
        async with app.run_test(size=SMALL) as pilot:
            await _lock_dialog(pilot, app)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.05)
            await until(pilot, lambda: len(app.screen_stack) == 1)

    assert commands.asked == []


async def test_without_a_daemon_nobody_could_lock() -> None:
    app = TraderScreen(now=Clock(), source=nobody, last_known=canned.calm)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await until(pilot, lambda: "NOT KNOWN" in text(app, "header"))
        await pilot.press("l")
        await until(pilot, lambda: app._notifications)

        assert [one.message for one in app._notifications] == ["The daemon is away: nobody could lock you out"]


async def test_a_daemon_that_goes_during_the_dialogue_is_told() -> None:
    async def gone(_: object) -> Result:
        raise DaemonAway(8765, "nobody listens there")

    async with serving(canned.calm()) as server:
        app = TraderScreen(now=Clock(), source=lambda: follow(server.port, sleep=soon), wish=gone)
        async with app.run_test(size=SMALL, notifications=True) as pilot:
            await _lock_dialog(pilot, app)
            await pilot.press("1")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("y")
            await until(pilot, lambda: app._notifications)

            assert "nobody listens there" in next(iter(app._notifications)).message
