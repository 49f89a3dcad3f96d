import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from risk_manager.config.configuration import Configuration, load
from risk_manager.config.files import Home
from risk_manager.core.events import Feed, FeedLost, FeedRestored, PositionUpdated, TradeReported
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import OrderSide, OrderType
from risk_manager.core.model.trade import Trade
from risk_manager.daemon.conductor import Daemon
from risk_manager.gateway.errors import GatewayRefused, GatewayUnavailable
from risk_manager.store.database import Database, open_database, open_in_memory
from risk_manager.store.errors import StoreUnavailableError
from tests.daemon.fake_venue import ACCOUNT, ES, FakeVenue
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time, until

RULES = """
rules:
  max_contracts: {limit: 3, on_breach: close_all}
  daily_realized_loss: {loss_limit: 200, lockout: daily_reset}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def home_with(folder: Path, *, rules: str = RULES, accounts: tuple[int, ...] = (ACCOUNT,)) -> Home:
    home = Home(folder)
    home.create_folders()
    entries = "".join(
        f"  - {{account_id: {one}, username: trader, api_key: 'env:KEY', nickname: N{one}}}\n" for one in accounts
    )
    home.accounts.write_text(f"accounts:\n{entries}", encoding="utf-8")
    home.risk_config.write_text(f"local_api: {{port: {free_port()}}}\n{rules}", encoding="utf-8")
    return home


class Stage:
    """A whole daemon before a played venue, in virtual time."""

    def __init__(self, home: Home, database: Database, venue: FakeVenue) -> None:
        self.venue = venue
        self.database = database
        self.configuration: Configuration = load(home, environ={"KEY": "k"})
        self.daemon = Daemon(
            home, self.configuration, database=database, clock=LoopClock(), make_venue=lambda *_: venue
        )

    async def until(self, what: Callable[[], object], longest: float = 120) -> None:
        await until(what, longest)

    async def live(self, account_id: int = ACCOUNT) -> None:
        await self.until(lambda: self.daemon.pipeline.is_live(account_id))

    def says(self, net: int) -> None:
        """The venue's truth and its stream agree on a position."""
        self.venue.net[ES] = net
        self.venue.deliver(PositionUpdated(at=LoopClock().now(), position=self.venue.position(ES)))

    def is_quiet(self) -> bool:
        return not self.daemon.pipeline.accounts[ACCOUNT].enforcer.is_under_way

    def events(self, kind: str) -> list[str]:
        return [one.data.__str__() for one in self.daemon.publisher.recent if one.type == kind]

    def warnings(self) -> str:
        return b"".join(bytes(one.data) for one in self.daemon.publisher.recent if one.type == "warning").decode()

    def locks(self) -> list[str]:
        state = self.daemon.pipeline.state(ACCOUNT)
        return [] if state is None else [lock.rule for lock in state.lockouts.by_key.values()]


def play(
    home: Home,
    scene: Callable[[Stage], Awaitable[None]],
    *,
    prepare: Callable[[FakeVenue], None] = lambda _: None,
    open_store: Callable[[], Database] | None = None,
) -> Stage:
    async def run() -> Stage:
        venue = FakeVenue()
        prepare(venue)
        database = (open_store or (lambda: open_database(home.database)))()
        try:
            stage = Stage(home, database, venue)
            running = asyncio.create_task(stage.daemon.run())
            try:
                await scene(stage)
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
            return stage
        finally:
            database.close()

    return in_virtual_time(run())


def loss(dollars: int, *, trade_id: int = 1, minutes_ago: int = 5) -> Trade:
    return Trade(
        trade_id=trade_id,
        account_id=ACCOUNT,
        contract_id=ES,
        order_id=50 + trade_id,
        side=OrderSide.SELL,
        size=1,
        price=Decimal(6000),
        at=START - timedelta(minutes=minutes_ago),
        realized_pnl=Decimal(-dollars),
    )


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


def test_quotes_of_what_is_held_are_watched_and_a_bar_gives_the_first_mark(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await stage.until(lambda: stage.venue.watched)
        assert stage.venue.watched[-1] == [ES]
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        await stage.until(lambda: state.open_pnl(ES) == 0)
        stage.says(0)
        await stage.until(lambda: stage.venue.watched[-1] == [])

    play(home_with(tmp_path), scene)


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
