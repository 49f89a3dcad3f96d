"""One day of a daemon after the other on one home: what is done on it, and the locks and alarms that it ends with."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from risk_manager.config.files import Home
from risk_manager.core.events import LockCleared, LockRequested
from risk_manager.core.state.lockouts import Lockout
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.stage import Stage, play
from tests.daemon.virtual_time import LoopClock


def in_force(stage: Stage) -> list[Lockout]:
    state = stage.daemon.pipeline.state(ACCOUNT)
    assert state is not None
    return list(state.lockouts.by_key.values())


def day(home: Home, *deeds: Callable[[Stage], object], held: int = 0) -> tuple[list[Lockout], str]:
    """Let a daemon live, do one deed after the other; tell its locks and its alarms at the end."""
    seen: list[Lockout] = []

    def prepare(venue: FakeVenue) -> None:
        venue.net[ES] = held

    async def scene(stage: Stage) -> None:
        await stage.live()
        for deed in deeds:
            done = deed(stage)
            if isinstance(done, Awaitable):
                await done
            await asyncio.sleep(1)
        await asyncio.sleep(1)
        seen.extend(in_force(stage))

    return seen, play(home, scene, prepare=prepare).warnings()


def lock(stage: Stage, *, until: datetime | None = None) -> None:
    stage.daemon.pipeline.post(LockRequested(at=LoopClock().now(), account_id=ACCOUNT, until=until))


def lock_for(seconds: float) -> Callable[[Stage], None]:
    return lambda stage: lock(stage, until=LoopClock().now() + timedelta(seconds=seconds))


def clear(stage: Stage) -> None:
    stage.daemon.pipeline.post(LockCleared(at=LoopClock().now(), account_id=ACCOUNT, rule="admin"))
