from collections.abc import Callable
from datetime import timedelta

from risk_manager.daemon.telling.health import Health
from risk_manager.daemon.watching.watched_login import LoginState, Polling, WatchedLogin
from tests.daemon.fake_venue import ACCOUNT, FakeVenue
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time


class Failing:
    """A watched account whose enforcement fails."""

    class enforcer:  # noqa: N801  it stands for the attribute
        trouble = "the venue refuses ClosePosition: code 5"
        is_under_way = True


def look(what: Callable[[Health, WatchedLogin], None]) -> None:
    async def scene() -> None:
        polling = {ACCOUNT: Polling(timedelta(seconds=5), timedelta(seconds=30))}
        login = WatchedLogin(username="trader", venue=FakeVenue(), polling=polling, since=START)
        what(Health(clock=LoopClock(), logins=[login]), login)

    in_virtual_time(scene())


def test_it_is_starting_then_live_then_stopping() -> None:
    def scene(health: Health, login: WatchedLogin) -> None:
        assert health.daemon_status().state == "starting"
        login.enter(LoginState.LIVE, START)
        assert health.daemon_status().state == "live"
        health.is_stopping = True
        assert health.daemon_status().state == "stopping"

    look(scene)


def test_what_is_amiss_degrades_it_and_is_said() -> None:
    def scene(health: Health, login: WatchedLogin) -> None:
        login.enter(LoginState.LIVE, START)
        login.streams_started.set()
        login.blind.add(ACCOUNT)
        health.store_failure = "disk full"
        status = health.daemon_status()
        assert status.state == "degraded"
        assert "disk full" in status.detail
        assert f"account {ACCOUNT}: neither stream nor REST tells of it" in status.detail

    look(scene)


def test_rest_is_as_old_as_its_last_word() -> None:
    def scene(health: Health, login: WatchedLogin) -> None:
        login.told_at[ACCOUNT] = START - timedelta(seconds=4)
        rest = health.feed_statuses()[-1]
        assert (rest.name, rest.age, rest.login) == ("rest", 4.0, "trader")

    look(scene)


def test_an_enforcement_that_fails_is_in_the_headline() -> None:
    def scene(health: Health, login: WatchedLogin) -> None:
        login.enter(LoginState.LIVE, START)
        health.watched = {ACCOUNT: Failing()}  # type: ignore[dict-item]  # of a watched account this is all that is asked
        status = health.daemon_status()
        assert status.state == "degraded"
        assert f"account {ACCOUNT}: the venue refuses" in status.detail

    look(scene)
