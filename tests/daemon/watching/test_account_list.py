import asyncio
from dataclasses import replace
from pathlib import Path

from risk_manager.core.events import AccountUpdated, AccountVanished, PositionUpdated
from risk_manager.core.model.account import Account
from risk_manager.daemon.watching.account_list import account_events
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import START, LoopClock


def test_wanted_accounts_are_told_and_a_known_one_that_is_missing_has_vanished() -> None:
    listed = [Account(account_id=1, can_trade=False), Account(account_id=9)]
    told = list(account_events(listed, wanted={1, 2, 3}, known={1, 2}, at=START))
    assert [type(one) for one in told] == [AccountUpdated, AccountVanished]
    assert [one.account_id for one in told] == [1, 2]
    assert isinstance(told[0], AccountUpdated)
    assert told[0].can_trade is False


def test_the_account_id_of_another_login_is_not_acted_upon(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await asyncio.sleep(5)
        stage.venue.net[ES] = 9
        told = replace(stage.venue.position(ES), account_id=ACCOUNT + 1)
        for position in (told, stage.venue.position(ES)):
            stage.venue.deliver(PositionUpdated(at=LoopClock().now(), position=position))
        await asyncio.sleep(60)
        assert stage.venue.requests == []

    def list_another(venue: FakeVenue) -> None:
        venue.listed = [replace(venue.listed[0], account_id=ACCOUNT + 1)]

    play(home_with(tmp_path), scene, prepare=list_another)
