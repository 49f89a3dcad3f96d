"""The channels out: a post to a service over TLS, or a notification on this desktop."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Protocol

import aiohttp

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.forms import WEB_FORMS, Body, telegram
from risk_manager.alerts.toasts import Desktop, desktop
from risk_manager.config.alerts import AlertChannel, ChannelKind

PATIENCE = 10.0
"""Seconds until a post counts as failed."""
TELEGRAM = "https://api.telegram.org"
LONGEST_WAIT = 3600.0
"""Seconds that a service may ask us to wait."""

_BAD_WORDS = frozenset({400, 413, 422})
"""What a service answers when it minds what is said, rather than who says it, or when."""


class Fate(Enum):
    """What became of a message."""

    TAKEN = "taken"
    AWAY = "away"
    """Not now: the network or the service is away, or does not know us; to be tried again."""
    REFUSED = "refused"
    """The service minds the words."""
    NOWHERE = "nowhere"
    """There is no such place on this machine."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message, why, and how many seconds the service wants to be left alone."""

    fate: Fate
    detail: str = ""
    wait: float = 0.0


class Channel(Protocol):
    """A way to tell people."""

    @property
    def name(self) -> str:
        """What the configuration calls it."""

    async def send(self, alert: Alert) -> Outcome:
        """Tell an alarm; whatever goes wrong is an outcome, and no secret is in it."""

    async def aclose(self) -> None:
        """Let connections go."""


@dataclass(slots=True)
class WebChannel:
    """A service that takes a post of JSON; its address is a secret."""

    name: str
    address: str = field(repr=False)
    form: Callable[[Alert], Body]
    patience: float = PATIENCE
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)

    async def send(self, alert: Alert) -> Outcome:
        """Post an alarm. Errors are named by their kind alone: the words of many of them contain the address."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.patience))
        try:
            async with self._session.post(self.address, json=self.form(alert), allow_redirects=False) as answer:
                return _outcome(answer.status, answer.headers.get("Retry-After", ""))
        except TimeoutError:
            return Outcome(Fate.AWAY, f"no answer within {self.patience:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(Fate.AWAY, f"cannot be reached ({type(error).__name__})")

    async def aclose(self) -> None:
        """Let connections go."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


@dataclass(slots=True)
class ToastChannel:
    """Notifications on this machine's desktop, where somebody sits before one."""

    name: str
    desktop: Desktop | None

    async def send(self, alert: Alert) -> Outcome:
        """Show an alarm; one that cannot be shown now is of no use later."""
        if self.desktop is None:
            return Outcome(Fate.NOWHERE, "there is no desktop here to show notifications on")
        trouble = await self.desktop.show(alert)
        return Outcome(Fate.NOWHERE, trouble) if trouble else Outcome(Fate.TAKEN)

    async def aclose(self) -> None:
        """There is nothing to let go."""


def opened(
    configured: Sequence[AlertChannel], *, telegram_at: str = TELEGRAM, patience: float = PATIENCE
) -> tuple[Channel, ...]:
    """Make the channels of a configuration; nothing is sent yet."""
    return tuple(_open(channel, telegram_at, patience) for channel in configured)


async def close_all(channels: Sequence[Channel]) -> None:
    """Let all connections go."""
    await asyncio.gather(*(channel.aclose() for channel in channels))


def _open(channel: AlertChannel, telegram_at: str, patience: float) -> Channel:
    if channel.kind is ChannelKind.TOAST:
        return ToastChannel(channel.name, desktop())
    if channel.kind is ChannelKind.TELEGRAM:
        address = f"{telegram_at}/bot{channel.token}/sendMessage"
        return WebChannel(channel.name, address, partial(telegram, chat_id=channel.chat_id), patience)
    return WebChannel(channel.name, channel.url, WEB_FORMS[channel.kind.value], patience)


def _outcome(status: int, retry_after: str) -> Outcome:
    if 200 <= status < 300:  # noqa: PLR2004  the range is HTTP's
        return Outcome(Fate.TAKEN)
    if status in _BAD_WORDS:
        return Outcome(Fate.REFUSED, f"refused with HTTP {status}: look at the address, or the chat")
    wait = float(retry_after) if retry_after.replace(".", "", 1).isdecimal() else 0.0
    return Outcome(Fate.AWAY, f"answered HTTP {status}", min(wait, LONGEST_WAIT))
