"""A test message to every channel, and what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.channels import Channel, Fate, close_all
from risk_manager.config.alerts import AlertKind


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the test message of one channel."""

    channel: str
    is_told: bool
    detail: str

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{'ok' if self.is_told else 'FAILED':7}{self.channel:20} {self.detail}".rstrip()


async def try_all(channels: Sequence[Channel], *, at: datetime) -> list[Trial]:
    """Send a test message over every channel, side by side, and let their connections go."""
    alert = Alert(
        kind=AlertKind.DAEMON,
        at=at,
        title="Risk manager: this is a test",
        text="This channel works. Alarms will look like this.",
        topic="test",
    )
    try:
        outcomes = await asyncio.gather(*(channel.send(alert) for channel in channels))
    finally:
        await close_all(channels)
    return [
        Trial(channel.name, outcome.fate is Fate.TAKEN, outcome.detail or "taken by the service")
        for channel, outcome in zip(channels, outcomes, strict=True)
    ]
