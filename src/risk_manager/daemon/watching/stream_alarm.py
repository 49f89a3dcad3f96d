"""The alarm over a user stream that will not come back by itself."""

from collections.abc import Callable

from risk_manager.core.events import Feed
from risk_manager.daemon.watching.watched_login import WatchedLogin

ALARMING_STATES = {"session_fight": "SESSION_FIGHT", "refused": "STREAM_REFUSED"}
"""States of the user stream that a person has to know of, with the code of the alarm."""


class StreamAlarm:
    """Tells people of it once for each time; `alarm` takes a code and the words."""

    def __init__(self, login: WatchedLogin, *, alarm: Callable[[str, str], None]) -> None:
        self._login = login
        self._alarm = alarm
        self._told = ""

    def look(self) -> None:
        """Look at the state of the stream."""
        health = {feed.feed: feed for feed in self._login.venue.health()}.get(Feed.USER)
        code = "" if health is None else ALARMING_STATES.get(health.state, "")
        if health is not None and code not in {"", self._told}:
            self._alarm(code, f"login {self._login.username}: {health.reason}")
        self._told = code
