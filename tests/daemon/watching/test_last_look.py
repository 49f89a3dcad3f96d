"""The last look before a deadline."""

import asyncio
from datetime import timedelta
from pathlib import Path

from risk_manager.core.engine import Engine
from risk_manager.core.events import Feed, FeedLost
from risk_manager.core.model.order import OrderSide, OrderType
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from risk_manager.daemon.watched import Watched
from risk_manager.daemon.watching.last_look import BEFORE_DEADLINE, is_near_deadline
from tests.builders import AT
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import LoopClock

GRACE = "rules:\n  no_stop_loss_grace: {grace_period: 12s}\n"


def test_a_deadline_is_near_a_moment_before_it(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        watched = stage.daemon.pipeline.accounts[ACCOUNT]
        deadline = watched.engine.next_deadline()
        assert deadline is not None
        assert is_near_deadline(watched, deadline - timedelta(seconds=BEFORE_DEADLINE))
        assert not is_near_deadline(watched, deadline - timedelta(seconds=BEFORE_DEADLINE + 0.1))

    play(home_with(tmp_path), scene)


def test_who_has_no_deadline_is_never_near_one() -> None:
    engine = Engine({}, at=AT)
    assert engine.next_deadline() is None
    assert not is_near_deadline(Watched(engine, None, OwnOrders(ids=set())), AT)  # type: ignore[arg-type] # not asked


def test_by_rest_alone_a_stop_placed_between_two_reads_is_seen_before_the_grace_ends(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.USER))
        await asyncio.sleep(1)
        stage.venue.net = {ES: 1}
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        await stage.until(lambda: state.holdings, 6)
        (holding,) = state.holdings.values()
        ends = holding.since + timedelta(seconds=12)
        await asyncio.sleep((ends - LoopClock().now()).total_seconds() - BEFORE_DEADLINE - 0.2)
        stage.venue.rest(OrderType.STOP, OrderSide.SELL, 1)
        await asyncio.sleep(5)
        assert not stage.venue.words("close")

    play(home_with(tmp_path, rules=GRACE), scene)
