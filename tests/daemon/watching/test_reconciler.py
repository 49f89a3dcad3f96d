import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from risk_manager.config.configuration import load
from risk_manager.core.events import Feed, FeedLost, FeedRestored
from risk_manager.core.model.account import Account
from risk_manager.gateway.errors import GatewayUnavailable
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.lives import OTHER
from tests.daemon.stage import AT_ONCE, Stage, home_with, loss, play
from tests.daemon.virtual_time import LoopClock


def test_while_the_user_stream_is_down_rest_finds_the_breach(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(40)
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.USER))
        await asyncio.sleep(1)
        stage.venue.net = {ES: 5}
        await stage.until(lambda: stage.venue.words("close"), 6)
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert state.memory.blind_since is None

    play(home_with(tmp_path), scene)


def test_an_account_is_blind_only_when_stream_and_rest_are_silent(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        stage.venue.rest_is_down = GatewayUnavailable("away")
        await asyncio.sleep(40)
        assert state.memory.blind_since is None
        lost_at = LoopClock().now()
        stage.venue.deliver(FeedLost(at=lost_at, feed=Feed.USER))
        await asyncio.sleep(10)
        assert state.memory.blind_since == lost_at
        stage.venue.rest_is_down = None
        await asyncio.sleep(10)
        assert state.memory.blind_since is None

    play(home_with(tmp_path), scene)


def test_what_the_stream_missed_is_read_when_it_is_back(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(1)
        stage.venue.trades_booked = [loss(300, minutes_ago=0)]
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.USER))
        stage.venue.deliver(FeedRestored(at=LoopClock().now(), feed=Feed.USER))
        await stage.until(stage.locks, 2)

    play(home_with(tmp_path), scene)


def test_can_trade_false_in_the_account_list_is_noticed(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.listed = [replace(stage.venue.listed[0], can_trade=False)]
        await asyncio.sleep(40)
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert state.account.can_trade is False

    play(home_with(tmp_path), scene)


def test_quotes_that_stopped_while_the_stream_lives_restart_the_stream(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(40)
        assert stage.venue.restarted == [Feed.MARKET]
        await asyncio.sleep(60)
        assert stage.venue.restarted == [Feed.MARKET]

    play(home_with(tmp_path), scene)


def test_without_exposure_rest_is_asked_slowly_and_with_it_faster(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(61)
        slow = len(stage.venue.reads)
        stage.says(1)
        await asyncio.sleep(60)
        fast = len(stage.venue.reads) - slow
        assert slow <= 5
        assert 9 <= fast <= 14

    play(home_with(tmp_path), scene)


def test_an_account_that_vanished_from_the_list_is_told_to_the_engine(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.listed = []
        await asyncio.sleep(40)
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert state.memory.vanished

    play(home_with(tmp_path), scene)


@pytest.mark.parametrize("held", [0, 1])
@pytest.mark.parametrize("removed", [ACCOUNT, OTHER])
@pytest.mark.parametrize("before", [0, 7])
@pytest.mark.parametrize("error", [None, GatewayUnavailable("away")])
def test_an_account_that_is_taken_out_while_rest_is_read_does_not_end_the_daemon(
    tmp_path: Path, held: int, removed: int, before: float, error: GatewayUnavailable | None
) -> None:
    home = home_with(tmp_path, rules=f"{AT_ONCE}rules: {{}}\n", accounts=(ACCOUNT, OTHER))
    kept = ({ACCOUNT, OTHER} - {removed}).pop()

    def prepare(venue: FakeVenue) -> None:
        venue.listed = [Account(account_id=one, can_trade=True) for one in (ACCOUNT, OTHER)]
        venue.net[ES] = held
        venue.stream_comes_up = error is None
        venue.during_picture = lambda: take_out() if LoopClock().monotonic() >= 1000 + before else None

    def take_out() -> None:
        (stage,) = playing
        stage.venue.during_picture = lambda: None
        lines = home.accounts.read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if f"account_id: {removed}," not in line]
        home.accounts.write_text("\n".join(lines), encoding="utf-8")
        stage.daemon.take_on(load(home, environ={"KEY": "k"}))
        if error is not None:
            raise error

    async def scene(stage: Stage) -> None:
        playing.append(stage)
        await stage.until(lambda: removed not in stage.daemon.pipeline.accounts)
        await asyncio.sleep(60)
        assert stage.daemon.pipeline.is_live(kept)
        (login,) = stage.daemon.roster.logins
        assert login.watched.told_at.keys() | login.watched.blind == {kept}
        assert max(at for at, _ in stage.venue.looks) > LoopClock().monotonic() - 30

    playing: list[Stage] = []
    play(home, scene, prepare=prepare)
