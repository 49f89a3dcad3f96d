"""The watch over the daemon's own health: changes are told and journaled, listeners hear of every part each second."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

from risk_manager.daemon.clock import Clock
from risk_manager.daemon.telling.health import Health
from risk_manager.local_api.messages import EventData
from risk_manager.local_api.part_status import PartsTold

EVERY = 1.0
"""Seconds between two looks, each as a second begins: what a listener is told comes then on the beat of his prices.

One who hears nothing for several of them knows that something is wrong.
"""
EVERY_UNHEARD = 2.5
"""Seconds between two looks while nobody listens; less than a listener who has just come takes for silence."""


async def watch_health(
    health: Health,
    *,
    clock: Clock,
    tell: Callable[[None, EventData], None],
    tell_latest: Callable[[str, Callable[[], EventData]], None],
    note: Callable[[str, object], None],
    has_listeners: Callable[[], bool],
) -> NoReturn:
    """Tell of feeds and of the daemon whenever their state has changed, and to listeners every part."""
    told: tuple[object, ...] = ()
    while True:
        status, feeds = health.daemon_status(), health.feed_statuses()
        now = (status, *((feed.name, feed.login, feed.state) for feed in feeds))
        if now != told:
            told = now
            tell(None, status)
            for feed in feeds:
                tell(None, feed)
            note("daemon_status", {"state": status.state, "detail": status.detail})
        is_heard = has_listeners()
        if is_heard:
            tell_latest("parts", lambda: PartsTold(at=clock.now(), parts=health.parts()))
        await asyncio.sleep(EVERY - clock.now().timestamp() % EVERY if is_heard else EVERY_UNHEARD)
