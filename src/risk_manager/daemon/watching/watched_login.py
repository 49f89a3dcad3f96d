"""One login at the venue with the accounts that are watched through it, and how it is doing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from risk_manager.gateway.port import Venue


class LoginState(Enum):
    """How far the daemon has come with a login."""

    STARTING = "starting"
    LIVE = "live"
    UNAVAILABLE = "unavailable"
    """The venue is away; retried with back-off."""
    REFUSED = "refused"
    """The key or the user is wrong; retried rarely, somebody has to mend it."""


@dataclass(frozen=True, slots=True)
class Polling:
    """How often REST is asked about an account: with exposure or without the stream, and always."""

    fast: timedelta
    slow: timedelta


@dataclass(slots=True, kw_only=True)
class WatchedLogin:
    """A login. `account_ids` are those configured; `known` those that the venue has listed."""

    username: str
    venue: Venue
    polling: Mapping[int, Polling]
    since: datetime
    listed: Callable[[frozenset[int]], None] = lambda _: None
    """Told which accounts the venue lists, each time that it is asked."""
    key_changed: asyncio.Event = field(default_factory=asyncio.Event)
    state: LoginState = LoginState.STARTING
    detail: str = ""
    known: set[int] = field(default_factory=set)
    at_venue: frozenset[int] | None = None
    """The accounts that the venue has listed last; None before it was asked."""
    user_stream_is_live: asyncio.Event = field(default_factory=asyncio.Event)
    streams_started: asyncio.Event = field(default_factory=asyncio.Event)
    told_at: dict[int, datetime] = field(default_factory=dict)
    """When stream or REST last told of an account."""
    blind: set[int] = field(default_factory=set)
    """Accounts of which neither tells."""
    frozen_since: datetime | None = None
    """Since when the user stream has been swallowing what happens, though it lives; None while it does not."""
    rest_failure: str = ""
    """Why REST did not tell when it was last asked; empty when it did."""
    quotes_stale_since: datetime | None = None
    """Since when the quotes of something that is held have been old; None while none is."""

    @property
    def account_ids(self) -> frozenset[int]:
        """The accounts that are configured for this login."""
        return frozenset(self.polling)

    @property
    def trouble(self) -> str:
        """Tell in words what keeps it from being live, and which accounts it cannot watch; empty where nothing does."""
        missing = sorted(self.account_ids - self.known)
        if self.at_venue is None or not missing:
            return self.detail
        names, has = ", ".join(map(str, missing)), ", ".join(map(str, sorted(self.at_venue))) or "none"
        text = f"login {self.username} has no account {names} (it has {has})"
        text = f"{text}: not watched; correct account_id in accounts.yaml"
        return f"{self.detail}; {text}" if self.detail else text

    def take_list(self, account_ids: frozenset[int]) -> None:
        """Note which accounts the venue lists."""
        self.at_venue = account_ids
        self.listed(account_ids)

    def take_key(self, api_key: str) -> None:
        """Log in with another key from now on; a refusal of the one before counts no more."""
        self.venue.take_key(api_key)
        self.key_changed.set()

    def forget(self, account_id: int) -> None:
        """Watch an account no more."""
        self.known.discard(account_id)
        self.blind.discard(account_id)
        self.told_at.pop(account_id, None)

    def enter(self, state: LoginState, at: datetime, detail: str = "") -> bool:
        """Note a state; tell whether it is another one."""
        changed = state is not self.state
        if changed:
            self.since = at
        self.state, self.detail = state, detail
        return changed
