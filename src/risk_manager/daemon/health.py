"""How the daemon is doing, in words for people: by what it last heard, not by what it hopes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from risk_manager import __version__
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.watched_login import LoginState, WatchedLogin
from risk_manager.local_api.messages import DaemonStatus, FeedStatus


@dataclass(slots=True, kw_only=True)
class Health:
    """The parts that can be amiss; `store_failure` and `api_failure` are empty while nothing is."""

    clock: Clock
    logins: list[WatchedLogin] = field(default_factory=list)
    mode: str = "enforce"
    strict: bool = False
    store_failure: str = ""
    api_failure: str = ""
    is_stopping: bool = False
    _state: str = "starting"
    _since: datetime | None = None

    def daemon_status(self) -> DaemonStatus:
        """Tell the daemon's state, since when, and what is amiss."""
        details = [login.detail for login in self.logins if login.detail]
        details += [feed for login in self.logins for feed in _troubles(login)]
        details += [trouble for trouble in (self.store_failure, self.api_failure) if trouble]
        state = self._judge(bool(details))
        if state != self._state or self._since is None:
            self._state, self._since = state, self.clock.now()
        return DaemonStatus(
            state=state,
            since=self._since,
            version=__version__,
            mode=self.mode,
            strict=self.strict,
            detail="; ".join(details),
        )

    def feed_statuses(self) -> tuple[FeedStatus, ...]:
        """Tell of every stream, and of REST, by login."""
        return tuple(status for login in self.logins for status in _feeds(login, self.clock.now))

    def _judge(self, is_amiss: bool) -> str:  # noqa: FBT001  a private answer to one question
        if self.is_stopping:
            return "stopping"
        if any(login.state is LoginState.STARTING for login in self.logins):
            return "starting"
        return "degraded" if is_amiss else "live"


def _troubles(login: WatchedLogin) -> Iterable[str]:
    if not login.streams_started.is_set():
        return
    for feed in login.venue.health():
        if feed.state not in ("live", "connecting"):
            meaning = (
                "REST is asked instead" if feed.feed.value == "user" else "open P&L is not followed until it is back"
            )
            yield f"{feed.feed.value} stream {feed.state}: {meaning}"
    if login.frozen_since is not None:
        yield "user stream frozen: it lives, but does not tell what happens; REST is asked instead"
    for account_id in sorted(login.blind):
        yield f"account {account_id}: neither stream nor REST tells of it"


def _feeds(login: WatchedLogin, now: Callable[[], datetime]) -> Iterable[FeedStatus]:
    for feed in login.venue.health():
        yield FeedStatus(name=feed.feed.value, state=feed.state, since=feed.since, age=feed.age, login=login.username)
    told = max(login.told_at.values(), default=None)
    age = None if told is None else (now() - told).total_seconds()
    yield FeedStatus(name="rest", state=login.state.value, since=login.since, age=age, login=login.username)
