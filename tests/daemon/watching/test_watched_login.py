from datetime import timedelta

from risk_manager.daemon.watching.watched_login import LoginState, Polling, WatchedLogin
from tests.daemon.virtual_time import START, in_virtual_time


def test_a_state_keeps_its_beginning_until_another_one_comes() -> None:
    async def scene() -> None:
        from tests.daemon.fake_venue import ACCOUNT, FakeVenue  # noqa: PLC0415  it needs the running loop

        polling = {ACCOUNT: Polling(timedelta(seconds=5), timedelta(seconds=30))}
        login = WatchedLogin(username="t", venue=FakeVenue(), polling=polling, since=START)
        later = START + timedelta(seconds=9)
        assert login.enter(LoginState.UNAVAILABLE, later, "away")
        assert not login.enter(LoginState.UNAVAILABLE, later + timedelta(seconds=9), "still away")
        assert (login.since, login.detail) == (later, "still away")
        assert login.account_ids == {ACCOUNT}

    in_virtual_time(scene())
