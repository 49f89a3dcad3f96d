"""Pictures of every tab on the days that matter, small and large; `python do.py screenshots` draws them anew."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.view_state import TABS
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW
from tests.patience import patience

SNAPSHOTS = Path(__file__).parent / "snapshots"
IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZES = {"80x24": (80, 24), "160x48": (160, 48)}
Told = tuple[Snapshot | Away, ...]


def disconnected() -> Told:
    """The daemon has gone nine minutes ago, with a position near its limit."""
    return (Away("nobody listens on port 8765; start it with risk-manager run", 1.0),)


SCENES: Mapping[str, Callable[[], Told]] = {
    "calm": lambda: (canned.calm(),),
    "near": lambda: (canned.near(),),
    "locked": lambda: (canned.locked(),),
    "disconnected": disconnected,
}
SHOWN = {
    "dashboard-calm": ("calm", "160x48", "overview"),
    "dashboard-locked": ("locked", "160x48", "overview"),
    "dashboard-near": ("near", "80x24", "overview"),
    "dashboard-pnl": ("near", "160x48", "pnl"),
    "dashboard-incident": ("locked", "160x48", "history"),
    "dashboard-disconnected": ("disconnected", "80x24", "overview"),
}
"""Pictures that the documents show: scene, size and tab of each."""


def _source(told: Told) -> Callable[[], AsyncGenerator[Snapshot | Message | Away, None]]:
    async def tell() -> AsyncGenerator[Snapshot | Message | Away, None]:
        for one in told:
            yield one
        await asyncio.Event().wait()

    return tell


def _stored() -> Snapshot:
    """What the database still knows: no parts, no prices, nine minutes old."""
    near = canned.near()
    (account,) = near.accounts
    held = tuple(
        msgspec.structs.replace(one, mark=None, unrealized_pnl=None, quote_at=None) for one in account.positions
    )
    earlier = tuple(one for one in account.pnl_curve if one.at < NOW - timedelta(minutes=9))
    account = msgspec.structs.replace(
        account, positions=held, unrealized_pnl=None, unmarked=("ES", "MNQ"), pnl_curve=earlier
    )
    down = msgspec.structs.replace(near.daemon, state="down", detail="the daemon is not running")
    return msgspec.structs.replace(
        near, at=NOW - timedelta(minutes=9), daemon=down, parts=(), feeds=(), accounts=(account,), recent=()
    )


async def pictures(scene: str, size: str) -> AsyncIterator[tuple[str, str]]:
    """Draw every tab of a scene: name and SVG."""
    app = TraderScreen(now=lambda: NOW, source=_source(SCENES[scene]()), last_known=_stored)
    async with app.run_test(size=SIZES[size]) as pilot:
        async with asyncio.timeout(patience(10)):
            while not app.is_told:
                await pilot.pause(0.01)
        for number, tab in enumerate(TABS, start=1):
            await pilot.press(str(number))
            await pilot.pause()
            yield f"{tab.name}-{scene}-{size}", _steady(app.export_screenshot(title="risk-manager trader"))


def _steady(svg: str) -> str:
    """Leave out what is drawn the same in every viewer without it, and end every line alike."""
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


async def draw(wanted: Callable[[str], bool]) -> None:
    """Draw the pictures anew, and those of the documents."""
    SNAPSHOTS.mkdir(exist_ok=True)
    shown = {f"{tab}-{scene}-{size}": name for name, (scene, size, tab) in SHOWN.items()}
    for scene in SCENES:
        for size in SIZES:
            async for name, svg in pictures(scene, size):
                if wanted(name):
                    (SNAPSHOTS / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
                if name in shown:
                    (IMAGES / f"{shown[name]}.svg").write_text(svg, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    words = sys.argv[1:]
    asyncio.run(draw(lambda name: all(word in name for word in words)))
