import asyncio
from itertools import pairwise
from pathlib import Path

from risk_manager.core.model.account import Account
from risk_manager.gateway.errors import GatewayRefused, GatewayUnavailable
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.stage import Stage, home_with, loss, play


def test_what_the_streams_tell_before_the_first_picture_is_judged_after_it(tmp_path: Path) -> None:
    def prepare(venue: FakeVenue) -> None:
        venue.net = {ES: 2}

    async def scene(stage: Stage) -> None:
        told: list[int] = []

        def tell() -> None:
            if not told:
                told.append(1)
                stage.says(5)

        stage.venue.during_picture = tell
        await stage.until(lambda: stage.venue.words("close"))
        assert stage.daemon.pipeline.is_live(ACCOUNT)

    play(home_with(tmp_path), scene, prepare=prepare)


def test_a_loss_taken_while_the_daemon_was_down_counts_and_locks(tmp_path: Path) -> None:
    def prepare(venue: FakeVenue) -> None:
        venue.trades_booked = [loss(250)]

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert stage.locks() == ["daily_realized_loss"]

    play(home_with(tmp_path), scene, prepare=prepare)


def test_a_loss_of_the_day_before_that_nobody_saw_still_pauses_for_what_is_left_of_its_cooldown(tmp_path: Path) -> None:
    rules = "rules:\n  cooldown_after_loss: {loss_thresholds: [{loss_amount: 100, cooldown: 40h}]}\n"

    def prepare(venue: FakeVenue) -> None:
        venue.trades_booked = [loss(250, minutes_ago=30 * 60)]

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert stage.locks() == ["cooldown_after_loss"]

    play(home_with(tmp_path, rules=rules), scene, prepare=prepare)


def test_a_venue_that_is_down_at_start_is_retried_with_back_off_and_people_are_told(tmp_path: Path) -> None:
    def prepare(venue: FakeVenue) -> None:
        venue.login_errors.extend([GatewayUnavailable("no route to host")] * 4)

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: len(stage.venue.logins) == 2)
        status = stage.daemon.health.daemon_status()
        assert status.state == "degraded"
        assert "no route to host" in status.detail
        await stage.live()
        gaps = [round(b - a) for a, b in pairwise(stage.venue.logins)]
        assert gaps == [1, 2, 4, 8]

    play(home_with(tmp_path), scene, prepare=prepare)


def test_a_first_picture_that_came_at_the_second_attempt_leaves_no_trouble_behind(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(lambda: stage.venue.looks[-1:] and stage.venue.looks[-1][1] != "accounts")
        stage.venue.rest_is_down = GatewayUnavailable("too busy")
        await stage.until(lambda: "cannot be read yet" in stage.daemon.health.daemon_status().detail)
        stage.venue.rest_is_down = None
        await stage.live()
        await asyncio.sleep(60)
        status = stage.daemon.health.daemon_status()
        assert (status.state, status.detail) == ("live", "")

    play(home_with(tmp_path), scene)


def test_a_refused_key_is_not_hammered(tmp_path: Path) -> None:
    def prepare(venue: FakeVenue) -> None:
        venue.login_errors.extend([GatewayRefused("the API key is not valid")] * 9)

    async def scene(stage: Stage) -> None:
        await asyncio.sleep(3600)
        assert len(stage.venue.logins) <= 7
        assert "the API key is not valid" in stage.daemon.health.daemon_status().detail

    play(home_with(tmp_path), scene, prepare=prepare)


def test_an_account_that_the_login_does_not_have_is_named_and_the_others_are_watched(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert not stage.daemon.pipeline.is_live(99)
        assert "has no account 99" in stage.daemon.health.daemon_status().detail
        assert "ACCOUNT_NOT_IN_LOGIN" in stage.warnings()

    play(home_with(tmp_path, accounts=(ACCOUNT, 99)), scene)


def test_an_account_that_the_login_has_only_later_is_no_longer_told_as_missing(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.listed = [*stage.venue.listed, Account(account_id=99, can_trade=True)]
        await stage.live(99)
        status = stage.daemon.health.daemon_status()
        assert (status.state, status.detail) == ("live", "")

    play(home_with(tmp_path, accounts=(ACCOUNT, 99)), scene)
