"""The courier: carries what waits in the outbox to the channels, for as long as it takes."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.channels import Channel, Fate, Outcome, close_all
from risk_manager.alerts.outbox import Entry, Outbox

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between attempts while a service is away."""
HOPELESS_PAUSE = 600.0
"""Seconds between attempts while a service refuses even the plainest words: somebody has to mend the channel."""
LONGEST_SLEEP = 60.0
"""Seconds after which the clock is looked at again, which may have been set."""

Note = Callable[[str, Outcome], None]
"""Is told of a channel, by name, whose latest outcome is of another kind than the one before."""


class Courier:
    """One queue after another would wait for the slowest: each channel is served on its own, in its own order."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Sequence[Channel],
        *,
        now: Callable[[], datetime],
        note: Note,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._outbox = outbox
        self._channels = tuple(channels)
        self._now = now
        self._note = note
        self._first_pause = first_pause
        self._wake = {channel.name: asyncio.Event() for channel in self._channels}
        self._fates: dict[str, Fate] = {}
        self._on_its_way: dict[str, asyncio.Task[Outcome]] = {}

    def deliver(self, alert: Alert) -> None:
        """Put an alarm into the outbox, and return at once."""
        self._outbox.add(alert)
        for wake in self._wake.values():
            wake.set()

    async def run(self) -> None:
        """Serve every channel until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for channel in self._channels:
                tasks.create_task(self._serve(channel))

    async def aclose(self, grace: float) -> None:
        """Tell what waits, due or not, as far as that is possible within so many seconds; the rest stays on its shelf.

        A stop that is told a minute later would be told by nobody.
        """
        try:
            async with asyncio.timeout(grace):
                await asyncio.gather(*(self._empty(channel) for channel in self._channels))
        except TimeoutError:
            pass
        finally:
            await close_all(self._channels)

    async def _serve(self, channel: Channel) -> None:
        pause = self._first_pause
        while True:
            entry = self._outbox.take(channel.name)
            if entry is None:
                await self._wait(channel.name)
                continue
            outcome = await self._send_whole(channel, entry)
            if outcome.fate in (Fate.TAKEN, Fate.NOWHERE) or (outcome.fate is Fate.REFUSED and not entry.bare):
                pause = self._first_pause
                continue
            least = HOPELESS_PAUSE if outcome.fate is Fate.REFUSED else 0.0
            await asyncio.sleep(max(pause, outcome.wait, least))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _send_whole(self, channel: Channel, entry: Entry) -> Outcome:
        """Send, and let the sending outlive a stop: what a service has taken must not be told to it again."""
        sending = self._on_its_way[channel.name] = asyncio.create_task(self._send(channel, entry))
        return await asyncio.shield(sending)

    async def _empty(self, channel: Channel) -> None:
        sending = self._on_its_way.get(channel.name)
        if sending is not None:
            await asyncio.wait([sending])
        while (entry := self._outbox.take_early(channel.name)) is not None:
            if (await self._send(channel, entry)).fate not in (Fate.TAKEN, Fate.NOWHERE):
                return

    async def _send(self, channel: Channel, entry: Entry) -> Outcome:
        outcome = await channel.send(entry.alert)
        match outcome.fate:
            case Fate.TAKEN | Fate.NOWHERE:
                self._outbox.told(entry)
            case Fate.REFUSED if not entry.bare:
                self._outbox.strip(entry)
            case _:
                self._outbox.untold(entry)
        if self._fates.get(channel.name, Fate.TAKEN) is not outcome.fate:
            self._note(channel.name, outcome)
        self._fates[channel.name] = outcome.fate
        return outcome

    async def _wait(self, name: str) -> None:
        """Wait for something to be due."""
        wake, due_at = self._wake[name], self._outbox.next_due(name)
        seconds = None if due_at is None else min(max((due_at - self._now()).total_seconds(), 0.0), LONGEST_SLEEP)
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return
        wake.clear()
