from contextlib import closing
from pathlib import Path

from risk_manager.config.files import Home
from risk_manager.core.events import TradeReported
from risk_manager.daemon.clock import SystemClock
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.store.database import open_for_daemon, open_in_memory
from risk_manager.store.reading import stored_state
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.lives import as_if_dead
from tests.daemon.stage import Stage, home_with, loss, play
from tests.daemon.virtual_time import LoopClock


def test_plan_and_lock_are_stored_when_the_first_request_leaves(tmp_path: Path) -> None:
    left: list[Home] = []

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        seen = stage.venue.close

        async def die_then_close(account_id: int, contract_id: str) -> object:
            if not left:
                left.append(as_if_dead(stage))
            return await seen(account_id, contract_id)

        stage.venue.close = die_then_close  # type: ignore[method-assign, assignment]  # a death in between
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=loss(250)))
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home_with(tmp_path / "home"), scene)
    open_for_daemon(left[0].database).close()
    with stored_state(left[0].database) as stored:
        assert "plan" in [entry.kind for entry in stored.journal(limit=5)]
        assert [lock["rule"] for lock in stored.rows(ACCOUNT, "lockouts").values()] == ["daily_realized_loss"]


def test_each_stage_of_an_enforcement_is_kept_with_its_milliseconds(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, scene)
    with closing(open_in_memory(knowing=home.database)) as database:
        started, proven = database.journal.enforcements(limit=9)
    assert (started.kind, proven.kind) == ("started", "proven")
    assert proven.body["first_request_ms"] is not None
    assert proven.body["proven_ms"] > proven.body["first_request_ms"]
    assert SystemClock().now() > proven.at


def test_what_a_life_had_begun_is_known_although_it_died_before_it_saved_what_it_knew() -> None:
    at = SystemClock().now()
    plan = {"actions": [{"do": "reduce", "contract_id": ES, "to": 2}], "positions": {ES: 4}, "orders": [7]}
    with closing(open_in_memory()) as database:
        keeper = StoreKeeper(database, clock=SystemClock(), failing=lambda _: None)
        assert (keeper.unfinished({}), keeper.exits({})) == ({}, {})
        database.journal.commit_plan(plan, at=at, account_id=ACCOUNT)
        assert [one.to for one in keeper.unfinished({})[ACCOUNT]] == [2]
        assert [call.size for call in keeper.exits({})[ACCOUNT]] == [2]
