"""A whole daemon that is told nothing: noticed, shown, journaled, bridged, and made good afterwards."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.core.events import Feed, FeedLost, FeedRestored
from risk_manager.daemon.watching.sleep_watch import LOOK_EVERY
from risk_manager.gateway.errors import GatewayRefused, GatewayUnavailable
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.stage import RULES, Stage, home_with, loss, play
from tests.daemon.virtual_time import START, LoopClock, PlayedMachine

FLATTENING = RULES + "feed: {flatten_after: 2m}\n"
ALL_IS_WELL = "rules: {max_contracts: {limit: 3}}\n"


def user(event: type[FeedLost] | type[FeedRestored]) -> FeedLost | FeedRestored:
    return event(at=LoopClock().now(), feed=Feed.USER)


def test_a_position_that_a_frozen_stream_swallowed_is_closed_within_seconds(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(47)
        swallowed_at = stage.clock.monotonic()
        stage.venue.net = {ES: 5}
        await stage.until(lambda: stage.venue.words("close"))
        assert stage.clock.monotonic() - swallowed_at < 6
        await stage.until(lambda: Feed.USER in stage.venue.restarted)
        assert stage.clock.monotonic() - swallowed_at < 15
        assert "frozen" in stage.warnings()
        assert "frozen" in stage.daemon.health.daemon_status().detail
        stage.venue.deliver(user(FeedLost))
        stage.venue.deliver(user(FeedRestored))
        (gap,) = [one for one in stage.journal("gap") if one["part"] == "user"]
        assert (gap["reason"], gap["accounts"]) == ("frozen", [ACCOUNT])
        assert "frozen" not in stage.daemon.health.daemon_status().detail

    play(home_with(tmp_path), scene)


def test_a_stream_that_is_a_little_late_is_not_frozen(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        for net in (1, 2, 3, 2, 1, 0):
            stage.venue.net = {ES: net}
            await asyncio.sleep(4.5)
            stage.says(net)
            await asyncio.sleep(7)
        assert stage.venue.restarted.count(Feed.USER) == 0

    play(home_with(tmp_path), scene)


def test_a_flat_account_costs_twenty_requests_a_minute_and_one_with_a_position_thirty_two(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        for net, most in ((0, 21), (1, 33)):
            stage.says(net)
            await asyncio.sleep(60)
            stage.venue.looks.clear()
            await asyncio.sleep(120)
            assert len(stage.venue.looks) / 2 <= most, Counter(kind for _, kind in stage.venue.looks)
            assert len(stage.venue.looks) / 2 >= most - 4

    play(home_with(tmp_path, rules=ALL_IS_WELL), scene)


def test_a_lost_stream_is_journaled_as_an_interval_with_what_bridged_it(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(5)
        lost = user(FeedLost)
        stage.venue.deliver(lost)
        await asyncio.sleep(25)
        stage.venue.deliver(user(FeedRestored))
        (gap,) = stage.journal("gap")
        assert gap["from"] == lost.at.isoformat().replace("+00:00", "Z")
        assert (gap["part"], gap["seconds"], gap["accounts"]) == ("user", 25.0, [ACCOUNT])
        assert gap["bridged_by"].startswith("REST, ")

    play(home_with(tmp_path), scene)


def test_the_time_that_no_daemon_lived_is_journaled(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def first(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(1)

    async def second(stage: Stage) -> None:
        await stage.live()
        (gap,) = stage.journal("gap")
        assert gap["reason"] == "the daemon was down"
        assert gap["bridged_by"] == "a full picture by REST"

    play(home, first)
    play(home, second)


def test_losses_taken_while_blind_count_as_if_nobody_had_looked_away(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(10)
        stage.venue.rest_is_down = GatewayUnavailable("away")
        stage.venue.deliver(user(FeedLost))
        await asyncio.sleep(20)
        assert "BLIND_WITH_EXPOSURE" in stage.warnings()
        stage.venue.trades_booked = [loss(120, minutes_ago=0), loss(130, trade_id=2, minutes_ago=0)]
        stage.venue.net = {}
        stage.venue.rest_is_down = None
        stage.venue.deliver(user(FeedRestored))
        await stage.until(stage.locks, 2)
        blind = [one for one in stage.journal("gap") if one["reason"] == "blind"]
        assert [one["accounts"] for one in blind] == [[ACCOUNT]]
        assert 15 < blind[0]["seconds"] < 30

    play(home_with(tmp_path), scene)


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=9)], ids=str)
def test_what_was_held_is_closed_when_no_login_succeeds_after_a_start(tmp_path: Path, ahead: timedelta) -> None:
    home = home_with(tmp_path, rules=FLATTENING)

    async def hold(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(1)

    def never(venue: FakeVenue) -> None:
        venue.net = {ES: 1}
        venue.login_errors.extend([GatewayRefused("no")] * 100)
        venue.rest_is_down = GatewayUnavailable("away")

    async def blind(stage: Stage) -> None:
        await asyncio.sleep(119)
        assert stage.venue.words() == []
        await asyncio.sleep(2)
        assert stage.venue.words() == [f"close {ES}"]
        assert "BLIND_WITH_EXPOSURE" in stage.warnings()
        assert stage.locks() == []
        await asyncio.sleep(60)
        assert stage.venue.words() == [f"close {ES}"]

    play(home, hold)
    play(home, blind, prepare=never, machine=PlayedMachine(ahead=ahead))


def test_what_nobody_saw_at_a_start_is_left_alone_once_it_is_seen(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=FLATTENING)

    async def hold(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(1)

    async def late(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(300)
        assert stage.venue.words() == []

    def slow(venue: FakeVenue) -> None:
        venue.net = {ES: 1}
        venue.login_errors.extend([GatewayUnavailable("no")] * 5)

    play(home, hold)
    play(home, late, prepare=slow)


def test_a_fight_for_the_session_alarms_and_rest_goes_on(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.user_state, stage.venue.user_reason = "session_fight", "another program keeps logging in"
        stage.venue.deliver(user(FeedLost))
        assert "SESSION_FIGHT" in stage.warnings()
        assert "another program keeps logging in" in stage.warnings()
        await asyncio.sleep(40)
        stage.venue.net = {ES: 5}
        await stage.until(lambda: stage.venue.words("close"), 6)
        assert stage.venue.restarted.count(Feed.USER) == 0

    play(home_with(tmp_path), scene)


def test_a_fight_that_begins_after_the_stream_was_lost_is_alarmed_once(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(user(FeedLost))
        assert "SESSION_FIGHT" not in stage.warnings()
        stage.venue.user_state, stage.venue.user_reason = "session_fight", "another program keeps logging in"
        await asyncio.sleep(30)
        assert stage.warnings().count("SESSION_FIGHT") == 1

    play(home_with(tmp_path), scene)


def test_after_sleep_both_streams_are_renewed_and_everything_is_read(tmp_path: Path) -> None:
    machine = PlayedMachine()

    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(20)
        machine.slept += 8 * 3600
        stage.venue.clock.ahead += timedelta(hours=8)
        stage.venue.net = {ES: 5}
        stage.venue.looks.clear()
        await stage.until(lambda: stage.venue.words("close"), LOOK_EVERY + 0.5)
        await stage.until(lambda: stage.venue.restarted == [Feed.USER, Feed.MARKET], LOOK_EVERY + 0.5)
        await asyncio.sleep(0.5)
        assert {"trades", "orders_since", "working_orders", "positions"} <= {kind for _, kind in stage.venue.looks}
        (gap,) = stage.journal("gap")
        assert (gap["part"], gap["reason"]) == ("machine", "sleep")
        assert abs(gap["seconds"] - 8 * 3600) < 2
        assert stage.clock.now() - START > timedelta(hours=8)

    play(home_with(tmp_path), scene, machine=machine)
