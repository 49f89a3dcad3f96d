import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from risk_manager.daemon.telling.health import Health
from risk_manager.daemon.telling.health_watch import EVERY, EVERY_UNHEARD, watch_health
from risk_manager.dashboard.known import SILENT_AFTER
from risk_manager.local_api.messages import DaemonStatus, EventData
from risk_manager.local_api.part_status import PartsTold
from tests.daemon.virtual_time import LoopClock, in_virtual_time


class Watched:
    """A daemon's health, who is told of it, and what is journaled."""

    def __init__(self) -> None:
        self.health = Health(clock=LoopClock())
        self.told: list[EventData] = []
        self.noted: list[object] = []
        self.has_listeners = False

    def of(self, kind: type[EventData]) -> list[EventData]:
        return [one for one in self.told if isinstance(one, kind)]


def play(scene: Callable[[Watched], Awaitable[None]]) -> None:
    async def run() -> None:
        watched = Watched()
        watching = asyncio.create_task(
            watch_health(
                watched.health,
                clock=LoopClock(),
                tell=lambda _, data: watched.told.append(data),
                tell_latest=lambda _, make: watched.told.append(make()),
                note=lambda kind, body: watched.noted.append((kind, body)),
                has_listeners=lambda: watched.has_listeners,
            )
        )
        try:
            await scene(watched)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    in_virtual_time(run())


def test_what_has_changed_is_told_and_journaled_once() -> None:
    async def scene(watched: Watched) -> None:
        await asyncio.sleep(3.5 * EVERY_UNHEARD)
        assert len(watched.of(DaemonStatus)) == len(watched.noted) == 1
        watched.health.store_failure = "disk full"
        await asyncio.sleep(EVERY_UNHEARD)
        (_, later) = watched.of(DaemonStatus)
        assert isinstance(later, DaemonStatus)
        assert (later.state, later.detail) == ("degraded", "disk full")

    play(scene)


def test_listeners_hear_of_every_part_each_second_and_nobody_else_costs_anything() -> None:
    async def scene(watched: Watched) -> None:
        await asyncio.sleep(2 * EVERY_UNHEARD - EVERY / 2)
        assert watched.of(PartsTold) == []
        watched.has_listeners = True
        await asyncio.sleep(3 * EVERY)
        parts = watched.of(PartsTold)
        assert len(parts) == 3
        assert isinstance(parts[0], PartsTold)
        assert {"clock", "store", "local_api"} <= {part.name for part in parts[0].parts}

    play(scene)


def test_one_who_begins_to_listen_hears_of_the_parts_before_his_screen_would_call_the_daemon_silent() -> None:
    async def scene(watched: Watched) -> None:
        await asyncio.sleep(EVERY / 10)  # the first look is just over
        watched.has_listeners = True
        await asyncio.sleep(SILENT_AFTER.total_seconds() - EVERY)
        assert watched.of(PartsTold) != []

    play(scene)
