import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from risk_manager.config.files import Home
from risk_manager.core.state.lockouts import Lockout
from risk_manager.daemon.voluntary_lock import ACTS_LATER, MOST_WISHES
from risk_manager.gateway.errors import GatewayUnavailable
from risk_manager.local_api.commands import Result
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.lives import as_if_dead
from tests.daemon.stage import RULES, Stage, home_with, play
from tests.daemon.test_commands import commands_of
from tests.daemon.virtual_time import LoopClock


async def wish(stage: Stage, **wanted: Any) -> Result:
    return await commands_of(stage)("voluntary_lock", wanted)


def lock(stage: Stage) -> Lockout:
    state = stage.daemon.pipeline.state(ACCOUNT)
    assert state is not None
    (one,) = state.lockouts.by_key.values()
    return one


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KEY", "k")
    return home_with(tmp_path)


def test_a_wish_closes_what_is_held_and_locks_for_the_chosen_time(home: Any) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        before = LoopClock().now()
        assert await wish(stage, account_id=ACCOUNT, seconds=3600) == Result(ok=True, message=f"locked: {ACCOUNT}")
        assert lock(stage).until is not None
        assert timedelta(0) <= (lock(stage).until or before) - before - timedelta(hours=1) < timedelta(seconds=1)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        assert [one["command"] for one in stage.journal("command")] == ["voluntary_lock"]

    play(home, scene)


def test_a_second_wish_lengthens_and_never_shortens(home: Any) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        await wish(stage, account_id=ACCOUNT, seconds=3600)
        first = lock(stage).until
        assert "longer already" in (await wish(stage, account_id=ACCOUNT, seconds=60)).message
        assert lock(stage).until == first
        await wish(stage, account_id=ACCOUNT, seconds=7200)
        assert first is not None
        assert lock(stage).until is not None
        assert (lock(stage).until or first) > first

    play(home, scene)


def test_until_the_reset_is_the_end_of_the_accounts_day(home: Any) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert (await wish(stage, until="reset")).ok
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert lock(stage).until == state.day.ends_at

    play(home, scene)


@pytest.mark.parametrize(
    "wanted", [{}, {"seconds": 0}, {"seconds": -60}, {"seconds": 8 * 86_400}, {"seconds": "60"}, {"seconds": True}]
)
def test_a_length_that_may_not_be_chosen_locks_nothing(home: Any, wanted: dict[str, Any]) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        assert not (await wish(stage, account_id=ACCOUNT, **wanted)).ok
        assert stage.locks() == []

    play(home, scene)


@pytest.mark.parametrize("account_id", [1, "x", True])
def test_an_account_that_is_not_watched_is_named(home: Any, account_id: Any) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        answer = await wish(stage, account_id=account_id, seconds=60)
        assert (answer.ok, answer.message) == (False, f"no watched account {account_id}")

    play(home, scene)


@pytest.mark.parametrize("command", ["voluntary_lock", "lock_now"])
def test_a_lock_that_was_acknowledged_outlives_a_death_in_the_same_moment(home: Any, command: str) -> None:
    left: list[Home] = []

    async def scene(stage: Stage) -> None:
        await stage.live()
        await asyncio.sleep(1)
        until = (LoopClock().now() + timedelta(days=2)).isoformat()
        assert (await commands_of(stage)(command, {"account_id": ACCOUNT, "seconds": 7200, "until": until})).ok
        left.append(as_if_dead(stage))

    play(home, scene)

    async def after(stage: Stage) -> None:
        await stage.live()
        assert stage.locks() == ["admin"]

    play(left[0], after)


@pytest.mark.parametrize("has_lived", [True, False])
def test_a_lock_asked_for_while_the_venue_is_away_is_shown_at_once_and_outlives_a_death(
    home: Any, *, has_lived: bool
) -> None:
    left: list[Home] = []

    async def live(stage: Stage) -> None:
        await stage.live()

    if has_lived:
        play(home, live)

    def away(venue: FakeVenue) -> None:
        venue.login_errors.extend(GatewayUnavailable("away") for _ in range(100))

    async def scene(stage: Stage) -> None:
        await asyncio.sleep(30)
        assert ACTS_LATER in (await wish(stage, account_id=ACCOUNT, seconds=7200)).message
        assert stage.locks() == ["admin"]
        left.append(as_if_dead(stage))
        assert "longer already" in (await wish(stage, account_id=ACCOUNT, seconds=60)).message

    play(home, scene, prepare=away)

    def holding(venue: FakeVenue) -> None:
        venue.net[ES] = 1

    async def after(stage: Stage) -> None:
        await stage.live()
        assert stage.locks() == ["admin"]
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(left[0], after, prepare=holding)


def test_a_lock_asked_for_while_the_venue_is_away_closes_what_is_there_when_it_comes(home: Any) -> None:
    def late(venue: FakeVenue) -> None:
        venue.net[ES] = 1
        venue.login_errors.extend(GatewayUnavailable("away") for _ in range(3))

    async def scene(stage: Stage) -> None:
        await asyncio.sleep(0.1)
        assert ACTS_LATER in (await commands_of(stage)("lock_now", {})).message
        assert stage.locks() == ["admin"]
        await stage.live()
        assert stage.locks() == ["admin"]
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, scene, prepare=late)


def test_too_many_wishes_are_not_even_journaled(home: Any) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        commands = commands_of(stage)
        answers = [await commands("voluntary_lock", {"seconds": 60}) for _ in range(MOST_WISHES + 3)]
        assert [answer.ok for answer in answers] == [True] * MOST_WISHES + [False] * 3
        assert len(stage.journal("command")) == MOST_WISHES

    play(home, scene)


def test_in_shadow_it_says_that_nothing_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert "nothing is closed" in (await wish(stage, seconds=60)).message

    play(home_with(tmp_path, rules=f"mode: shadow\n{RULES}"), scene)
