import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from risk_manager.core.events import Feed, FeedLost, FeedRestored
from risk_manager.daemon.clock import VenueClock
from risk_manager.daemon.telling.parts import clock_part, rule_parts
from risk_manager.gateway.errors import GatewayRefused, GatewayUnavailable
from risk_manager.gateway.port import FeedHealth
from risk_manager.local_api.part_status import PartStatus
from tests.daemon.fake_venue import ACCOUNT, ES, REFUSED, FakeVenue
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import START, LoopClock, PlayedMachine, in_virtual_time


def part(stage: Stage, name: str) -> PartStatus:
    (found,) = [one for one in stage.daemon.snapshot().parts if one.name == name]
    return found


def test_with_everything_well_every_part_is_live_and_says_what_it_does(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(6)
        parts = stage.daemon.snapshot().parts
        assert {one.state for one in parts} == {"live"}
        of_the_venue = {"login", "user_feed", "market_feed", "rest", "account"}
        of_the_daemon = {"enforcement", "clock", "store", "local_api", "configuration"}
        assert {one.name for one in parts} == of_the_venue | of_the_daemon
        assert all(one.meaning for one in parts)
        assert all(one.since <= stage.clock.now() for one in parts)

    play(home_with(tmp_path), scene)


def test_a_part_tells_since_when_it_is_as_it_is(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(30)
        assert part(stage, "rest").state == "live"
        stage.venue.rest_is_down = GatewayUnavailable("no route to host")
        await asyncio.sleep(6)
        first = part(stage, "rest")
        await asyncio.sleep(20)
        later = part(stage, "rest")
        assert (first.state, later.state) == ("silent", "silent")
        assert later.since == first.since
        assert later.age is not None
        assert later.age > 20
        assert "no route to host" in later.meaning

    play(home_with(tmp_path), scene)


def test_a_stream_that_says_it_lives_is_silent_by_the_age_of_its_last_word(tmp_path: Path) -> None:
    class Mute(FakeVenue):
        age = 1.0

        def health(self) -> tuple[FeedHealth, ...]:
            return tuple(replace(one, age=self.age) for one in super().health())

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert part(stage, "user_feed").state == "live"
        Mute.age = 31.0
        assert part(stage, "user_feed").state == "silent"
        assert "read every 5 s instead" in part(stage, "user_feed").meaning

    play(home_with(tmp_path), scene, open_venue=Mute)


def test_a_blind_account_and_a_seeing_one(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.rest_is_down = GatewayUnavailable("away")
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.USER))
        await asyncio.sleep(6)
        assert part(stage, "account").state == "blind"
        stage.venue.rest_is_down = None
        stage.venue.deliver(FeedRestored(at=LoopClock().now(), feed=Feed.USER))
        await asyncio.sleep(6)
        assert part(stage, "account").state == "live"

    play(home_with(tmp_path), scene)


def test_a_refused_login_says_what_to_do(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await asyncio.sleep(1)
        assert part(stage, "login").state == "refused"
        assert part(stage, "account").state in ("unknown", "blind")

    play(home_with(tmp_path), scene, prepare=lambda venue: venue.login_errors.append(GatewayRefused("wrong key")))


def test_an_old_price_of_what_is_held_is_told_with_its_age(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(25)
        market = part(stage, "market_feed")
        assert market.state == "stale"
        assert "s old" in market.meaning

    play(home_with(tmp_path), scene)


def test_an_enforcement_that_is_refused_says_why(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.script.extend([REFUSED] * 5)
        stage.says(5)
        await asyncio.sleep(0.5)
        assert part(stage, "enforcement").state == "failing"
        assert "outside trading hours" in part(stage, "enforcement").meaning
        await stage.until(stage.is_quiet)
        assert part(stage, "enforcement").state == "live"
        assert stage.venue.net[ES] == 0

    play(home_with(tmp_path), scene)


def test_a_clock_that_is_wrong_is_told_and_ignored() -> None:
    async def scene() -> None:
        clock = VenueClock(PlayedMachine(ahead=timedelta(minutes=5)))
        assert clock_part(clock).state == "starting"
        for _ in range(2):
            clock.heard(START, within=1.1)
        assert "300 s ahead of" in clock_part(clock).meaning
        await asyncio.sleep(700)
        assert clock_part(clock).state == "running_free"

    in_virtual_time(scene())


def test_a_broken_rule_is_a_part_of_its_own() -> None:
    (broken,) = rule_parts([((ACCOUNT, "max_contracts"), "ZeroDivisionError()")])
    assert (broken.state, broken.account_id, broken.subject) == ("broken", ACCOUNT, "max_contracts")
