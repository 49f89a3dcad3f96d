"""How the daemon is doing, in words for people: by what it last heard, not by what it hopes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from risk_manager import __version__
from risk_manager.config.configuration import Configuration
from risk_manager.config.problems import broken_words
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.telling.parts import Part, clock_part, enforcement_part, parts_of_login, rule_parts
from risk_manager.daemon.watched import Watched
from risk_manager.daemon.watching.watched_login import LoginState, WatchedLogin
from risk_manager.local_api.messages import DaemonStatus, FeedStatus
from risk_manager.local_api.part_status import PartStatus


@dataclass(slots=True, kw_only=True)
class Health:
    """The parts that can be amiss; the failures are empty while nothing is."""

    clock: Clock
    logins: list[WatchedLogin] = field(default_factory=list)
    mode: str = "enforce"
    strict: bool = False
    store_failure: str = ""
    api_failure: str = ""
    metrics_failure: str = ""
    configuration_failure: str = ""
    unwatched: Callable[[], str] = lambda: ""
    not_kept: Callable[[], str] = lambda: ""
    is_stopping: bool = False
    watched: Mapping[int, Watched] = field(default_factory=dict)
    broken_rules: Mapping[tuple[int, str], str] = field(default_factory=dict)
    _entered: dict[tuple[object, ...], tuple[str, datetime]] = field(default_factory=dict)
    _state: str = "starting"
    _since: datetime | None = None

    def daemon_status(self) -> DaemonStatus:
        """Tell the daemon's state, since when, and what is amiss."""
        details = [login.trouble for login in self.logins if login.trouble]
        details += [feed for login in self.logins for feed in _troubles(login)]
        details += [f"rule {rule} of account {one} broke: {why}" for (one, rule), why in self.broken_rules.items()]
        details += [
            f"account {one}: {watched.enforcer.trouble}"
            for one, watched in self.watched.items()
            if watched.enforcer.trouble
        ]
        details += [trouble for trouble in self._failures if trouble]
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

    def follow(self, configuration: Configuration) -> None:
        """Take the mode of a configuration, and whether it is what the files say."""
        self.mode, self.strict = configuration.settings.mode.value, configuration.settings.strict_mode
        self.configuration_failure = broken_words(configuration.broken)

    def feed_statuses(self) -> tuple[FeedStatus, ...]:
        """Tell of every stream, and of REST, by login."""
        return tuple(status for login in self.logins for status in _feeds(login, self.clock.now))

    def parts(self) -> tuple[PartStatus, ...]:
        """Tell of every part what it is, since when, and what that means."""
        now = self.clock.now()
        found = [part for login in self.logins for part in parts_of_login(login, now)]
        found += [enforcement_part(account_id, watched) for account_id, watched in sorted(self.watched.items())]
        found += rule_parts(self.broken_rules.items())
        found.append(clock_part(self.clock))
        kept = "locks and losses survive a restart"
        found.append(
            _service("store", self.store_failure, kept, "locks may be lost if the daemon stops before it is mended")
        )
        shown = "screens and commands reach the daemon"
        found.append(
            _service("local_api", self.api_failure, shown, "no screen or command reaches it; it protects all the same")
        )
        read = "what the files say is in force, but for what waits"
        found.append(_service("configuration", self.configuration_failure, read, "no edit of them holds until then"))
        if not_kept := self.not_kept():
            lost = "a database that is put back or lost meanwhile takes limits and locks with it"
            found.append(_service("commitment", not_kept, "", lost))
        return tuple(self._dated(part, now) for part in found)

    @property
    def _failures(self) -> tuple[str, ...]:
        failures = self.store_failure, self.api_failure, self.metrics_failure
        return self.configuration_failure, self.unwatched(), self.not_kept(), *failures

    def _dated(self, part: Part, now: datetime) -> PartStatus:
        """Add since when a part has been as it is."""
        key = (part.name, part.login, part.account_id, part.subject)
        state, since = self._entered.get(key, ("", now))
        if state != part.state:
            since = part.since or now
        self._entered[key] = (part.state, since)
        return PartStatus(
            name=part.name,
            state=part.state,
            since=part.since or since,
            meaning=part.meaning,
            age=None if part.age is None else round(part.age, 3),
            login=part.login,
            account_id=part.account_id,
            subject=part.subject,
        )

    def _judge(self, is_amiss: bool) -> str:  # noqa: FBT001  a private answer to one question
        if self.is_stopping:
            return "stopping"
        if any(login.state is LoginState.STARTING for login in self.logins):
            return "starting"
        return "degraded" if is_amiss else "live"


def _service(name: str, failure: str, well: str, meaning: str) -> Part:
    return (
        Part(name=name, meaning=well)
        if not failure
        else Part(name=name, state="failing", meaning=f"{failure}: {meaning}")
    )


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
