"""Every part of the daemon with its state, by what it last heard, and what that means for the trader."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from risk_manager.daemon.clock import Clock, VenueClock
from risk_manager.daemon.watched import Watched
from risk_manager.daemon.watching.watched_login import LoginState, WatchedLogin
from risk_manager.gateway.port import FeedHealth
from risk_manager.local_api.part_status import WELL

SILENT_AFTER = 30.0
"""Seconds without a word from which a stream counts as silent, whatever it says of itself."""
REST_CYCLES = 3
"""Slow cycles without a picture after which REST counts as silent."""
CLOCK_AGE = 600.0
"""Seconds after which the venue's word on the time is old."""
SKEWED = 5.0
"""Seconds by which the PC's clock may be off without being mentioned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as it is now. `since` is set where the part itself knows when it came to be so."""

    name: str
    state: str = WELL
    meaning: str = ""
    since: datetime | None = None
    age: float | None = None
    login: str | None = None
    account_id: int | None = None
    subject: str = ""


def parts_of_login(login: WatchedLogin, now: datetime) -> Iterator[Part]:
    """Tell of a login, its streams and REST, and each of its accounts but for the enforcement."""
    yield Part(
        name="login",
        state=WELL if login.state is LoginState.LIVE else login.state.value,
        since=login.since,
        meaning=login.trouble or _LOGIN_MEANS[login.state],
        login=login.username,
    )
    for feed in login.venue.health():
        yield _user_feed(login, feed) if feed.feed.value == "user" else _market_feed(login, feed, now)
    yield _rest(login, now)
    for account_id in sorted(login.account_ids):
        yield _account(login, account_id, now)


_LOGIN_MEANS = {
    LoginState.STARTING: "logging in; nothing is watched yet",
    LoginState.LIVE: "logged in",
    LoginState.UNAVAILABLE: "the venue cannot be reached; tried again and again",
    LoginState.REFUSED: "the venue refuses the login; correct accounts.yaml",
}


def _user_feed(login: WatchedLogin, feed: FeedHealth) -> Part:
    state, meaning = feed.state, "fills, orders and positions are seen as they happen"
    if state == WELL and feed.age is not None and feed.age > SILENT_AFTER:
        state = "silent"
    if state == WELL and login.frozen_since is not None:
        state = "frozen"
    if state != WELL:
        fast = min((polling.fast.total_seconds() for polling in login.polling.values()), default=5.0)
        meaning = f"positions are read every {fast:.0f} s instead, so a breach may be seen that much later"
        meaning = f"{feed.reason}; {meaning}" if feed.reason else meaning
    since = login.frozen_since if state == "frozen" else feed.since
    return Part(name="user_feed", state=state, since=since, age=feed.age, meaning=meaning, login=login.username)


def _market_feed(login: WatchedLogin, feed: FeedHealth, now: datetime) -> Part:
    state, since, meaning = feed.state, feed.since, "open profit and loss is followed quote by quote"
    if state != WELL:
        meaning = "open profit and loss is not followed; limits on realized losses and sizes are"
        meaning = f"{feed.reason}; {meaning}" if feed.reason else meaning
    elif login.quotes_stale_since is not None:
        state, since = "stale", login.quotes_stale_since
        age = (now - since).total_seconds()
        meaning = f"the price of something you hold is {age:.0f} s old, and so is its open profit and loss"
    return Part(name="market_feed", state=state, since=since, age=feed.age, meaning=meaning, login=login.username)


def _rest(login: WatchedLogin, now: datetime) -> Part:
    told = max(login.told_at.values(), default=None)
    age = None if told is None else (now - told).total_seconds()
    slow = max((polling.slow.total_seconds() for polling in login.polling.values()), default=30.0)
    state, meaning = WELL, "positions and orders are checked against TopstepX's own lists"
    if told is None:
        state, meaning = "starting", "nothing was read yet"
    elif login.rest_failure or (age is not None and age > slow * REST_CYCLES):
        state = "silent"
        meaning = "positions cannot be checked, and closing may not get through; close by hand if you have to"
        meaning = f"{login.rest_failure}; {meaning}" if login.rest_failure else meaning
    return Part(name="rest", state=state, age=age, meaning=meaning, login=login.username)


def _account(login: WatchedLogin, account_id: int, now: datetime) -> Part:
    told = login.told_at.get(account_id)
    age = None if told is None else (now - told).total_seconds()
    state, meaning = WELL, "watched"
    if account_id in login.blind:
        state, meaning = "blind", "neither stream nor REST tells of it: its limits are not enforced now"
    elif account_id not in login.known:
        state, meaning = "unknown", "not in the list of this login: not watched"
    elif told is None:
        state, meaning = "starting", "not read yet: nothing is enforced"
    return Part(name="account", state=state, age=age, meaning=meaning, login=login.username, account_id=account_id)


def enforcement_part(account_id: int, watched: Watched) -> Part:
    """Tell whether something is being enforced on an account, and what keeps it from being done."""
    enforcer = watched.enforcer
    state, meaning = WELL, "nothing to enforce"
    if enforcer.trouble:
        state, meaning = "failing", enforcer.trouble
    elif enforcer.is_under_way:
        state, meaning = "enforcing", "closing or cancelling, until TopstepX confirms it"
    return Part(name="enforcement", state=state, meaning=meaning, account_id=account_id)


def rule_parts(broken: Iterable[tuple[tuple[int, str], str]]) -> Iterator[Part]:
    """Tell of the rules that broke."""
    for (account_id, rule), why in broken:
        meaning = f"{why}: this rule does not protect, the others do; reload or restart after mending"
        yield Part(name="rule", state="broken", meaning=meaning, account_id=account_id, subject=rule)


def clock_part(clock: Clock) -> Part:
    """Tell whose time it is."""
    if not isinstance(clock, VenueClock):
        return Part(name="clock", meaning="time is given")
    if not clock.is_anchored or clock.heard_at is None:
        return Part(name="clock", state="starting", meaning="the PC's clock serves until TopstepX has told the time")
    age = clock.monotonic() - clock.heard_at
    skew = clock.skew.total_seconds()
    meaning = "TopstepX's time decides when locks end"
    if abs(skew) > SKEWED:
        where = "ahead of" if skew > 0 else "behind"
        meaning = f"the PC's clock is {abs(skew):.0f} s {where} TopstepX's, which decides when locks end; set the PC's"
    if age > CLOCK_AGE:
        return Part(name="clock", state="running_free", age=age, meaning=f"{meaning}; not heard for {age / 60:.0f} min")
    return Part(name="clock", age=age, meaning=meaning)
