import pytest

from risk_manager.daemon.watching.stream_alarm import StreamAlarm
from risk_manager.daemon.watching.watched_login import WatchedLogin
from tests.daemon.fake_venue import FakeVenue
from tests.daemon.virtual_time import START, in_virtual_time


def told(*states: str) -> list[str]:
    async def scene() -> list[str]:
        venue = FakeVenue()
        alarms: list[str] = []
        login = WatchedLogin(username="trader", venue=venue, polling={}, since=START)
        alarm = StreamAlarm(login, alarm=lambda code, text: alarms.append(f"{code}: {text}"))
        venue.user_reason = "why"
        for state in states:
            venue.user_state = state
            alarm.look()
        return alarms

    return in_virtual_time(scene())


@pytest.mark.parametrize(
    ("state", "words"),
    [("session_fight", "SESSION_FIGHT: login trader: why"), ("refused", "STREAM_REFUSED: login trader: why")],
)
def test_a_stream_that_does_not_come_back_is_told_once(state: str, words: str) -> None:
    assert told("live", state, state) == [words]


def test_one_that_was_back_meanwhile_is_told_again() -> None:
    assert len(told("refused", "live", "refused")) == 2


def test_a_stream_that_is_being_connected_again_alarms_nobody() -> None:
    assert told("live", "connecting", "reconnecting", "live") == []
