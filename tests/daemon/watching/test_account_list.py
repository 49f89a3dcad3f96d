import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    PositionUpdated,
)
from risk_manager.core.model.account import Account
from risk_manager.daemon.watching.account_list import account_events
from risk_manager.gateway.errors import GatewayUnavailable
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


class SlowList(FakeVenue):
    """A venue whose list is as it was when it was asked for, and takes a second to come."""

    async def accounts(self) -> tuple[Account, ...]:
        asked = await super().accounts()
        await asyncio.sleep(1)
        return asked


def account_of(stage: Stage) -> Account:
    state = stage.daemon.pipeline.state(ACCOUNT)
    assert state is not None
    return state.account


def test_the_balance_was_a_fill_too_high_when_the_list_had_been_asked_for_before_the_fill(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        lists = stage.venue.lists()
        await stage.until(lambda: stage.venue.lists() > lists)
        await asyncio.sleep(0.5)
        stage.venue.listed = [replace(stage.venue.listed[0], balance=Decimal("49998.89"), can_trade=False)]
        told = AccountUpdated(
            at=LoopClock().now(), account_id=ACCOUNT, balance=Decimal("49998.89"), can_trade=False, name="PRAC"
        )
        stage.venue.deliver(told)
        for _ in range(20):
            await asyncio.sleep(0.1)
            assert (account_of(stage).balance, account_of(stage).can_trade) == (Decimal("49998.89"), False)
        await asyncio.sleep(8)
        assert stage.venue.lists() > lists + 1, "what was overtaken is read again, soon"

    play(home_with(tmp_path), scene, open_venue=SlowList)


def test_the_balance_was_a_fill_too_high_when_the_fill_came_between_the_list_and_the_subscription(
    tmp_path: Path,
) -> None:
    def prepare(venue: FakeVenue) -> None:
        start = venue.start_streams

        def start_after_a_fill(*, accounts: Collection[int], deliver: Callable[[Event], None]) -> None:
            venue.listed = [replace(venue.listed[0], balance=Decimal("49998.89"), can_trade=False)]
            start(accounts=accounts, deliver=deliver)

        venue.start_streams = start_after_a_fill  # type: ignore[method-assign]  # the moment that is meant

    async def scene(stage: Stage) -> None:
        await stage.live()
        await stage.until(lambda: stage.daemon.health.daemon_status().state == "live")
        assert (account_of(stage).balance, account_of(stage).can_trade) == (Decimal("49998.89"), False)

    play(home_with(tmp_path), scene, prepare=prepare)


def test_what_the_account_became_while_the_stream_was_away_is_read_when_it_is_back(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(1)
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.USER))
        stage.venue.listed = [replace(stage.venue.listed[0], balance=Decimal("49998.89"), can_trade=False)]
        stage.venue.read_errors.append(GatewayUnavailable("away"))
        stage.venue.deliver(FeedRestored(at=LoopClock().now(), feed=Feed.USER))
        await stage.until(lambda: account_of(stage).can_trade is False, 6)
        assert account_of(stage).balance == Decimal("49998.89")

    play(home_with(tmp_path), scene)
