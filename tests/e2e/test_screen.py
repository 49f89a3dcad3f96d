"""The trader's screen before a live daemon and a played venue, by the keys that he would press."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from textual.pilot import Pilot

from risk_manager.config.files import Home
from risk_manager.daemon.clock import SystemClock
from risk_manager.daemon.telling.last_known import last_known
from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.lines import plain
from risk_manager.dashboard.panels.dialogs import ChoiceDialog, ConfirmDialog
from risk_manager.dashboard.panels.lines_area import LinesArea
from risk_manager.local_api.client import connect, follow, wish_lock
from tests.e2e.kit import PATIENCE, Scene, account_of, is_flat, scene, size_of

pytestmark = pytest.mark.e2e
RULES = """\
rules:
  max_contracts: {limit: 2}
  no_stop_loss_grace: {grace_period: 10m}
  daily_realized_loss: {loss_limit: 500}
"""


class Watcher:
    """Somebody before the screen."""

    def __init__(self, app: TraderScreen, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def sees(self, *words: str) -> None:
        """Wait until all of it is on the screen."""
        await self.until(lambda: all(word in self.page() for word in words))

    async def until(self, is_so: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not is_so():
                    await self.pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError(f"it did not come true; the screen shows:\n{self.page()}") from None

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    def page(self) -> str:
        areas = self.app.screen_stack[0].query(LinesArea)
        return "\n".join(plain(line) for area in areas for line in area.lines)


@asynccontextmanager
async def before_the_screen(stage: Scene) -> AsyncIterator[Watcher]:
    app = TraderScreen(
        now=SystemClock().now,
        source=lambda: follow(stage.port),
        wish=lambda wish: wish_lock(wish, stage.port),
        last_known=lambda: last_known(Home(stage.home)),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        yield Watcher(app, pilot)


async def test_a_breach_is_on_the_screen_with_its_incident(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES) as stage, before_the_screen(stage) as watcher:
        await watcher.sees("● MAY TRADE", "$500.00 left to Daily loss")
        await stage.buy(1, "MNQ")
        await watcher.sees("▲ MNQ", "long", "has no stop: it is closed in 9:5")
        await stage.buy(2, "MNQ")
        await watcher.sees("✔ DONE", "Max contracts exceeded: 3, limit 2")
        await stage.until(is_flat)
        await watcher.press("6")
        await watcher.sees("Measured        3 against a limit of 2", "First request", "by TopstepX's own lists")
        await watcher.press("7")
        await watcher.sees("● User stream trader", "fills, orders and positions are seen")


async def test_a_lock_by_ones_own_wish_closes_and_holds(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES) as stage, before_the_screen(stage) as watcher:
        await stage.buy(1, "MNQ")
        await watcher.sees("▲ MNQ")
        await watcher.press("l")
        await watcher.until(lambda: isinstance(watcher.app.screen, ChoiceDialog))
        await watcher.press("2")
        await watcher.until(lambda: isinstance(watcher.app.screen, ConfirmDialog))
        await watcher.press("y")
        await watcher.sees("■ LOCKED", "Locked by hand")
        await stage.until(is_flat)
        await stage.buy(1, "MNQ")
        await stage.until(lambda truth: is_flat(truth) and len(truth["orders"]) >= 3)
        assert [lock["rule"] for lock in account_of(await stage.status())["locks"]] == ["admin"]


async def test_a_daemon_that_dies_is_missed_and_found_again_with_its_history(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES) as stage:
        await stage.buy(3, "MNQ")
        await stage.until(is_flat)
        await stage.until_status(lambda status: any("proven" in str(one["data"]) for one in status["recent"]))
        await stage.kill()
        async with before_the_screen(stage) as watcher:
            await watcher.sees("✖ DAEMON AWAY", "? NOT KNOWN", "What you see is")
            await watcher.press("6")
            await watcher.sees("Max contracts exceeded: 3, limit 2")
            await stage.start()
            await watcher.sees("● MAY TRADE", "● LIVE", "Max contracts exceeded: 3, limit 2")
            await watcher.press("2")
            await watcher.sees("P&L of the day", "realized")


def freeze(pid: int) -> None:
    """Let a process stand still, on Windows too."""
    psutil.Process(pid).suspend()


async def test_a_frozen_screen_costs_the_daemon_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path, RULES) as stage:
        listener = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _LISTENS, str(stage.port), stdout=asyncio.subprocess.PIPE
        )
        assert listener.stdout is not None
        await listener.stdout.readline()
        freeze(listener.pid)
        try:
            for _ in range(3):
                await stage.buy(3, "MNQ")
                await stage.until(lambda truth: size_of(truth, "MNQ") == 0)
            async with connect(stage.port) as connection:
                assert connection.snapshot.daemon.state == "live"
        finally:
            listener.kill()
            await listener.wait()


_LISTENS = """
import asyncio, sys
from risk_manager.local_api.client import follow
async def main():
    async for what in follow(int(sys.argv[1])):
        print("told", flush=True)
asyncio.run(main())
"""
