from datetime import timedelta
from typing import cast

import pytest

from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watching.rounds import REQUESTS_PER_PICTURE, Rounds
from risk_manager.daemon.watching.watched_login import Polling, WatchedLogin
from risk_manager.gateway.port import Venue
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time

OFTEN = Polling(timedelta(seconds=5), timedelta(seconds=30))


class NothingHeld:
    """Stands where the pipeline stands; its accounts hold nothing."""

    def state(self, _: int) -> None:
        return None


def rounds(accounts: int = 1, polling: Polling = OFTEN) -> Rounds:
    watched = range(ACCOUNT, ACCOUNT + accounts)
    venue = cast("Venue", None)  # not asked
    login = WatchedLogin(username="t", venue=venue, polling=dict.fromkeys(watched, polling), since=START)
    login.known = set(watched)
    login.user_stream_is_live.set()
    return Rounds(login, pipeline=cast("Pipeline", NothingHeld()), clock=LoopClock())


def test_an_account_is_due_as_often_as_is_configured_and_in_full_on_the_slow_cycle() -> None:
    async def scene() -> None:
        clock, mine = LoopClock(), rounds()
        assert mine.is_due(ACCOUNT)
        assert mine.wants_everything(ACCOUNT)
        mine.looked(ACCOUNT)
        mine.read_in_full(ACCOUNT, asked_at=clock.monotonic())
        assert not mine.is_due(ACCOUNT)
        await mine.pause()
        assert mine.is_due(ACCOUNT)
        assert not mine.wants_everything(ACCOUNT)
        for _ in range(5):
            await mine.pause()
        assert mine.wants_everything(ACCOUNT)

    in_virtual_time(scene())


def test_what_is_wanted_ends_the_pause_and_is_read_in_full_at_once() -> None:
    async def scene() -> None:
        clock, mine = LoopClock(), rounds()
        mine.looked(ACCOUNT)
        mine.read_in_full(ACCOUNT, asked_at=clock.monotonic())
        began = clock.monotonic()
        mine.want({ACCOUNT})
        await mine.pause()
        assert clock.monotonic() == pytest.approx(began)
        assert mine.is_due(ACCOUNT)
        assert mine.wants_everything(ACCOUNT)

    in_virtual_time(scene())


def test_many_accounts_are_read_no_faster_than_the_budget_bears() -> None:
    async def scene() -> None:
        clock, mine = LoopClock(), rounds(accounts=20, polling=Polling(timedelta(seconds=1), timedelta(seconds=1)))
        mine.looked(ACCOUNT)
        mine.read_in_full(ACCOUNT, asked_at=clock.monotonic())
        for _ in range(12):
            await mine.pause()
        assert not mine.is_due(ACCOUNT)  # 20 requests at 1.5 a second
        await mine.pause()
        await mine.pause()
        assert mine.is_due(ACCOUNT)
        assert not mine.wants_everything(ACCOUNT)
        for _ in range(20 * REQUESTS_PER_PICTURE * 2):
            await mine.pause()
        assert mine.wants_everything(ACCOUNT)

    in_virtual_time(scene())
