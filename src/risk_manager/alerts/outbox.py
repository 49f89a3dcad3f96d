"""What is still to be told, by channel and in order: kept on the shelf until a service has taken it."""

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import msgspec

from risk_manager.alerts.alert import Alert, digest, folded
from risk_manager.alerts.storm import CROWD, Window, restored
from risk_manager.config.alerts import AlertChannel, AlertKind

MOST_WAITING = 100
"""Alarms that wait for one channel; the oldest beyond that are told together."""


class Shelf(Protocol):
    """Where rows outlive the process; both writes return at once."""

    def load(self) -> Mapping[str, str]:
        """Read every row by its key."""

    def keep(self, key: str, body: str, *, at: datetime, account_id: int = 0) -> None:
        """Write a row, in place of an earlier one of its key."""

    def drop(self, key: str, *, at: datetime, account_id: int = 0) -> None:
        """Delete a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alarm for one channel. `crowd`: others may join until it is due; `bare`: the service refused its words."""

    id: int
    channel: str
    due_at: datetime
    alert: Alert
    crowd: bool = False
    bare: bool = False

    @property
    def key(self) -> str:
        """Its row on the shelf."""
        return f"entry {self.id:012d}"

    @property
    def place(self) -> tuple[datetime, int]:
        """Its place in the order."""
        return (self.due_at, self.id)


class Outbox:
    """The queues of all channels. What one is sending at the moment is left alone until it comes back."""

    def __init__(
        self,
        channels: Iterable[AlertChannel],
        *,
        shelf: Shelf,
        now: Callable[[], datetime],
        most: int = MOST_WAITING,
    ) -> None:
        self._wants: dict[str, frozenset[AlertKind]] = {channel.name: channel.on for channel in channels}
        self._queues: dict[str, list[Entry]] = {name: [] for name in self._wants}
        self._sending: dict[str, int] = {}
        self._shelf = shelf
        self._now = now
        self._most = most
        self.given_up = 0
        """Rows of an earlier life that nobody can be told: their channel is gone, or they are damaged."""
        self._storm = restored(self._load())

    def add(self, alert: Alert) -> None:
        """Put an alarm into the queue of every channel that wants its kind."""
        now = self._now()
        due_at = self._storm.due(alert.fold, now)
        crowd = due_at <= now and self._storm.is_crowded(now)
        self._shelf.keep(f"window {alert.fold}", _text(self._storm.windows[alert.fold]), at=now)
        for name, wanted in self._wants.items():
            if alert.kind in wanted:
                self._put(name, alert, now + CROWD if crowd else due_at, crowd=crowd)
        for fold in self._storm.forget(now):
            self._shelf.drop(f"window {fold}", at=now)

    def take(self, channel: str) -> Entry | None:
        """Find what a channel is to tell next; None while nothing is due."""
        queue = self._queues[channel]
        return self.take_early(channel) if queue and queue[0].due_at <= self._now() else None

    def take_early(self, channel: str) -> Entry | None:
        """Find what a channel is to tell next, due or not: for when there may be no later."""
        queue = self._queues[channel]
        if not queue:
            return None
        self._sending[channel] = queue[0].id
        return queue[0]

    def next_due(self, channel: str) -> datetime | None:
        """Tell when a channel has something to tell again."""
        queue = self._queues[channel]
        return queue[0].due_at if queue else None

    def told(self, entry: Entry) -> None:
        """Let go of what a service has taken."""
        self._sending.pop(entry.channel, None)
        self._remove(entry)

    def untold(self, entry: Entry) -> None:
        """Keep what could not be told, at its place."""
        self._sending.pop(entry.channel, None)
        self._fold_oldest(entry.channel)

    def strip(self, entry: Entry) -> None:
        """Keep what a service refused, with nothing in it but words that no service can mind."""
        alert = entry.alert
        text = f"The service refused the words of this alarm ({alert.kind.value}); the journal has them."
        plain = replace(alert, title="Risk manager alarm", text=text, account="")
        self._replace(entry, replace(entry, alert=plain, bare=True))
        self.untold(entry)

    def waiting(self, channel: str) -> tuple[Entry, ...]:
        """List what waits for a channel, in order."""
        return tuple(self._queues[channel])

    def _put(self, channel: str, alert: Alert, due_at: datetime, *, crowd: bool) -> None:
        held = self._held(channel, alert, crowd=crowd)
        if held is not None:
            joined = digest(held.alert, alert) if crowd else folded(held.alert, alert)
            self._replace(held, replace(held, alert=joined))
            return
        self._last_id += 1
        self._insert(Entry(id=self._last_id, channel=channel, due_at=due_at, alert=alert, crowd=crowd))
        self._fold_oldest(channel)

    def _held(self, channel: str, alert: Alert, *, crowd: bool) -> Entry | None:
        """Find what is not due yet and tells the same."""
        now = self._now()
        for entry in reversed(self._queues[channel]):
            if entry.due_at <= now:
                return None
            is_the_same = entry.crowd if crowd else not entry.crowd and entry.alert.fold == alert.fold
            if is_the_same and entry.id != self._sending.get(channel):
                return entry
        return None

    def _fold_oldest(self, channel: str) -> None:
        """Make one of the two oldest while there are too many; how many they stand for is kept."""
        queue = self._queues[channel]
        while len(queue) > self._most:
            free = [entry for entry in queue[:3] if entry.id != self._sending.get(channel)]
            if len(free) < 2:  # noqa: PLR2004  two make one
                return
            first, then = free[:2]
            self._remove(then)
            self._replace(first, replace(first, alert=digest(first.alert, then.alert), bare=False))

    def _insert(self, entry: Entry) -> None:
        insort(self._queues[entry.channel], entry, key=lambda one: one.place)
        self._shelf.keep(entry.key, _text(entry), at=self._now(), account_id=entry.alert.account_id)

    def _remove(self, entry: Entry) -> None:
        queue = self._queues[entry.channel]
        queue[:] = [one for one in queue if one.id != entry.id]
        self._shelf.drop(entry.key, at=self._now(), account_id=entry.alert.account_id)

    def _replace(self, entry: Entry, by: Entry) -> None:
        if entry.alert.account_id != by.alert.account_id:
            self._shelf.drop(entry.key, at=self._now(), account_id=entry.alert.account_id)
        queue = self._queues[entry.channel]
        queue[:] = [by if one.id == entry.id else one for one in queue]
        self._shelf.keep(by.key, _text(by), at=self._now(), account_id=by.alert.account_id)

    def _load(self) -> dict[str, Window]:
        """Take in what an earlier life left; return what it told lately."""
        windows: dict[str, Window] = {}
        self._last_id = 0
        for key, body in self._shelf.load().items():
            kind, _, name = key.partition(" ")
            try:
                if kind == "window":
                    windows[name] = msgspec.json.decode(body, type=Window)
                elif kind == "entry":
                    self._take_back(msgspec.json.decode(body, type=Entry))
            except msgspec.DecodeError:
                self.given_up += 1
                self._shelf.drop(key, at=self._now())
        return windows

    def _take_back(self, entry: Entry) -> None:
        self._last_id = max(self._last_id, entry.id)
        if entry.channel in self._queues:
            insort(self._queues[entry.channel], entry, key=lambda one: one.place)
        else:
            self.given_up += entry.alert.count
            self._shelf.drop(entry.key, at=self._now(), account_id=entry.alert.account_id)


def _text(value: Entry | Window) -> str:
    return msgspec.json.encode(value).decode()
