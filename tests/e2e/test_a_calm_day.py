"""A trader who keeps his rules is left alone, from one morning to the next."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risk_manager.config.sample import sample_text
from risk_manager.core.model.order import OrderSide
from risk_manager.core.rules import RULES
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import Stage, home_with, play
from tests.daemon.virtual_time import START
from tests.e2e.calm_trader import CalmTrader

pytestmark = pytest.mark.e2e
MIDNIGHT = datetime(2026, 8, 20, 5, 0, tzinfo=UTC)
"""The first midnight of Chicago's day; the trader begins at nine."""
BUY, SELL = OrderSide.BUY, OrderSide.SELL


def all_thirteen_rules() -> str:
    text = sample_text("risk_config.yaml").replace("enabled: false", "enabled: true")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("local_api:"))


def chicago(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


async def win_by_the_target(trader: CalmTrader, side: OrderSide, *, parts: int = 1) -> None:
    stop, target = await trader.enter(side, parts, parts=parts)
    await trader.walk(side.sign * -4)
    await trader.walk(side.sign * 10)
    await trader.exit_by(target, instead_of=stop)


async def lose_by_the_stop(trader: CalmTrader, side: OrderSide) -> None:
    stop, target = await trader.enter(side, 1)
    await trader.walk(side.sign * -6)
    await trader.exit_by(stop, instead_of=target)


async def scale_in_and_out(trader: CalmTrader, side: OrderSide) -> None:
    stop, target = await trader.enter(side, 1)
    await trader.walk(side.sign * 3, every=20)
    second_stop, second_target = await trader.enter(side, 1)
    await trader.walk(side.sign * 6, every=20)
    await trader.move(stop, ticks=side.sign * 4)
    await trader.exit_by(second_target, instead_of=second_stop)
    await trader.walk(side.sign * -4, every=20)
    await trader.exit_by(stop, instead_of=target)


async def take_a_part_off_by_hand(trader: CalmTrader, side: OrderSide) -> None:
    stop, target = await trader.enter(side, 2)
    await trader.walk(side.sign * 4, every=20)
    await trader.take_off(1)
    await asyncio.sleep(3)
    await trader.resize(1, stop, target)
    await trader.walk(side.sign * -3, every=20)
    await trader.exit_by(stop, instead_of=target)


async def trade_for_a_morning(trader: CalmTrader, day: int) -> None:
    begin = 24 * day + 9.1
    await trader.until(chicago(begin))
    await win_by_the_target(trader, BUY)
    await trader.until(chicago(begin + 0.5))
    await lose_by_the_stop(trader, SELL)
    await trader.until(chicago(begin + 1))
    await scale_in_and_out(trader, BUY)
    await trader.until(chicago(begin + 1.7))
    await take_a_part_off_by_hand(trader, SELL)
    await trader.until(chicago(begin + 2.5))
    await win_by_the_target(trader, SELL, parts=2)


def test_a_trader_who_keeps_all_thirteen_rules_is_left_alone(tmp_path: Path) -> None:
    assert chicago(9) == START

    async def scene(stage: Stage) -> None:
        trader = CalmTrader(stage.venue)
        await stage.live()
        state = stage.daemon.pipeline.state(ACCOUNT)
        assert state is not None
        assert {rule.name for rule in state.policy.rules} == {rule.name for rule in RULES}
        await trade_for_a_morning(trader, 0)
        await trader.until(chicago(14.7))
        await lose_by_the_stop(trader, BUY)
        await trader.until(chicago(15.3))
        assert stage.locks() == ["session_block_outside"]
        await trader.until(chicago(17.2))
        assert stage.locks() == []
        await win_by_the_target(trader, SELL)
        await trade_for_a_morning(trader, 1)
        assert stage.venue.net[ES] == 0
        assert trader.fills > 25
        assert stage.locks() == []
        assert stage.venue.requests == []

    play(home_with(tmp_path, rules=all_thirteen_rules()), scene)


def test_the_same_trader_under_a_limit_that_he_breaks_is_not_left_alone(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        trader = CalmTrader(stage.venue)
        await stage.live()
        await scale_in_and_out(trader, BUY)
        assert stage.venue.words("reduce") or stage.venue.words("close")

    play(home_with(tmp_path, rules="rules: {max_contracts: {limit: 1}}\n"), scene)
