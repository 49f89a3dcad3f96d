import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.config.configuration import load
from risk_manager.core.events import PositionUpdated, TradeReported
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import Order, OrderType
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.server import Server
from risk_manager.store.database import Database, open_database, open_in_memory
from risk_manager.store.errors import StoreUnavailableError
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.stage import AT_ONCE, RULES, Stage, home_with, loss, play
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time
from tests.local_api.canned import Commands


def test_a_breach_on_the_stream_is_closed_and_proven(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        assert stage.venue.words() == [] or stage.venue.words() == [f"close {ES}"]
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        assert stage.venue.words() == [f"close {ES}"]

    stage = play(home_with(tmp_path), scene)
    assert stage.venue.closed
    assert len(stage.events("enforcement_action")) == 2


def test_a_lock_outlives_the_process_and_a_position_opened_under_it_is_closed_again(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    async def lose(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=loss(250)))
        await stage.until(stage.is_quiet)

    async def come_back(stage: Stage) -> None:
        await stage.live()
        assert stage.locks() == ["daily_realized_loss"]
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert state.today.net == -250
        await stage.until(stage.is_quiet)
        stage.says(1)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())

    play(home, lose)
    play(home, come_back)


def test_a_store_that_fails_does_not_stop_the_protection(tmp_path: Path) -> None:
    def broken() -> Database:
        database = open_in_memory()

        def fail(*_: object, **__: object) -> None:
            raise StoreUnavailableError("disk full")

        database.journal.commit_plan = fail  # type: ignore[method-assign]  # a disk that is full, from now on
        return database

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        assert "disk full" in stage.daemon.health.daemon_status().detail

    play(home_with(tmp_path), scene, open_store=broken)


def test_a_port_in_use_takes_nothing_from_the_protection(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        home.risk_config.write_text(f"local_api: {{port: {holder.getsockname()[1]}}}\n{RULES}", encoding="utf-8")

        async def scene(stage: Stage) -> None:
            await stage.live()
            stage.says(5)
            await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
            assert "cannot listen" in stage.daemon.health.daemon_status().detail

        play(home, scene)


class Overheard(Server):
    """A server without a listener, that notes which accounts it would tell anew."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        super().__init__(snapshot=snapshot, on_command=Commands())
        self._told_by = snapshot
        self.told: list[list[int]] = []

    def broadcast_snapshot(self) -> None:
        self.told.append([account.id for account in self._told_by().accounts])


def test_a_reload_tells_screens_everything_anew_so_that_a_removed_account_leaves_them(tmp_path: Path) -> None:
    home = home_with(tmp_path, accounts=(ACCOUNT, ACCOUNT + 1), rules=RULES + AT_ONCE)

    async def scene(stage: Stage) -> None:
        await stage.live()
        await stage.daemon.api.aclose()
        server = stage.daemon.api.server = Overheard(stage.daemon.snapshot)
        home.accounts.write_text(
            f"accounts:\n  - {{account_id: {ACCOUNT}, username: trader, api_key: 'env:KEY'}}\n", encoding="utf-8"
        )
        stage.daemon.take_on(load(home, environ={"KEY": "k"}))
        assert server.told == [[ACCOUNT]]

    play(home, scene)


def test_fills_of_the_daemons_own_close_are_known_as_ours(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        (exit_order,) = stage.venue.orders.values()
        assert exit_order.type is OrderType.MARKET
        fill = replace(loss(10), order_id=exit_order.order_id, size=5, at=LoopClock().now())
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=fill))
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert state.memory.trades.own == {fill.trade_id}

    play(home_with(tmp_path), scene)


def test_the_traders_next_order_is_his_own_when_he_was_flat_before_the_daemons_close(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(5)
        stage.venue.net[ES] = 0  # he was quicker: the close finds nothing
        stage.venue.deliver(PositionUpdated(at=LoopClock().now(), position=stage.venue.position(ES)))
        await stage.until(stage.is_quiet)
        fill = replace(loss(10), order_id=900, size=2, at=LoopClock().now())
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=fill))
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert state.memory.trades.own == set()

    play(home_with(tmp_path), scene)


def test_the_snapshot_tells_everything_that_a_screen_needs(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(2)
        snapshot = stage.daemon.snapshot()
        (account,) = snapshot.accounts
        assert account.nickname == f"N{ACCOUNT}"
        assert account.positions[0].root == "ES"
        assert account.positions[0].size == 2
        assert {rule.name for rule in account.rules} == {"max_contracts", "daily_realized_loss"}
        assert snapshot.daemon.state in ("starting", "live")

    play(home_with(tmp_path), scene)


@pytest.mark.parametrize("name", ["PRAC", "Z"])
def test_events_of_an_account_that_is_not_configured_are_ignored(tmp_path: Path, name: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.venue.listed.append(Account(account_id=8, name=name))
        await stage.live()
        stranger = replace(stage.venue.position(ES), account_id=8, net_size=50)
        stage.venue.deliver(PositionUpdated(at=LoopClock().now(), position=stranger))
        await asyncio.sleep(1)
        assert stage.venue.words() == []

    play(home_with(tmp_path), scene)


def test_the_order_of_a_close_that_a_dead_daemon_sent_is_still_known_as_ours(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    closing: list[Order] = []

    async def die(stage: Stage) -> None:
        await stage.live()
        stage.venue.fill_after = 3600.0
        stage.says(5)
        await asyncio.sleep(0.001)
        assert stage.venue.words() == [f"close {ES}"]
        closing.extend(one for one in stage.venue.orders.values() if one.type is OrderType.MARKET)

    async def live_again(stage: Stage) -> None:
        await stage.live()
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert closing[0].order_id in stage.daemon.pipeline.accounts[ACCOUNT].own_orders.ids

    def still_there(venue: FakeVenue) -> None:
        venue.net = {ES: 5}
        venue.orders = {one.order_id: one for one in closing}

    play(home, die)
    play(home, live_again, prepare=still_there)


def test_what_is_older_than_seven_days_leaves_the_journal(tmp_path: Path) -> None:
    home = home_with(tmp_path)

    def old() -> Database:
        database = open_database(home.database)
        for days in (8, 6):
            database.journal.append("marker", {"days": days}, at=START - timedelta(days=days), account_id=None)
        database.writer.flush()
        return database

    async def scene(stage: Stage) -> None:
        await stage.live()
        assert len(stage.journal("marker")) == 2
        await asyncio.sleep(601)
        await stage.until(lambda: stage.journal("marker") == [{"days": 6}])

    play(home, scene, open_store=old)


def test_a_store_that_works_again_is_told() -> None:
    told: list[str] = []

    async def scene() -> None:
        database = open_in_memory()
        try:
            keeper = StoreKeeper(database, clock=LoopClock(), failing=told.append)
            keeper._tell("disk full")
            keeper.save()
            assert told == ["disk full"]
            await asyncio.sleep(30)
            keeper.save()
        finally:
            database.close()

    in_virtual_time(scene())
    assert told == ["disk full", ""]


def test_a_close_that_fills_slowly_behind_a_silent_stream_is_not_cancelled_by_the_daemon_itself(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=loss(250)))
        await stage.until(stage.is_quiet)
        stage.venue.fill_after = 1.5
        stage.venue.net[ES] = 3
        await stage.until(lambda: stage.venue.words() and stage.venue.net[ES] == 0 and stage.is_quiet())
        await asyncio.sleep(30)
        assert stage.venue.words() == [f"close {ES}"]

    play(home_with(tmp_path), scene)
