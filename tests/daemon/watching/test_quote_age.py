import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.core.events import Feed, FeedLost, FeedRestored, QuoteUpdated
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import LoopClock


def test_old_quotes_of_a_position_are_shown_and_forgotten_with_a_fresh_one(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        (login,) = stage.daemon.health.logins
        await asyncio.sleep(8)
        assert login.quotes_stale_since is None
        await asyncio.sleep(8)
        assert login.quotes_stale_since is not None
        stage.venue.deliver(QuoteUpdated(at=LoopClock().now(), contract_id=ES, last=Decimal(6001)))
        await asyncio.sleep(6)
        assert login.quotes_stale_since is None

    play(home_with(tmp_path), scene)


@pytest.mark.parametrize(("holidays", "restarts"), [("", 1), ("- {date: '2026-08-20'}\n", 0)])
def test_quotes_that_stop_have_the_stream_restarted_unless_the_market_rests(
    tmp_path: Path, holidays: str, restarts: int
) -> None:
    home = home_with(tmp_path)
    home.holidays.write_text(holidays, encoding="utf-8")

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(1)
        await asyncio.sleep(60)
        assert stage.venue.restarted.count(Feed.MARKET) == restarts

    play(home, scene)


def test_the_absence_of_the_market_stream_is_journaled(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(FeedLost(at=LoopClock().now(), feed=Feed.MARKET))
        await asyncio.sleep(3)
        stage.venue.deliver(FeedRestored(at=LoopClock().now(), feed=Feed.MARKET))
        (gap,) = stage.journal("gap")
        assert (gap["part"], gap["seconds"], gap["accounts"]) == ("market", 3.0, [ACCOUNT])

    play(home_with(tmp_path), scene)
