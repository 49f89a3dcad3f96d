"""A whole daemon on a machine whose clock is wrong, is set, or stood still: the venue's time decides."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.core.events import TradeReported
from risk_manager.core.model.order import OrderStatus, OrderType
from risk_manager.core.model.trade import Trade
from risk_manager.daemon.watching.sleep_watch import LOOK_EVERY
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import Stage, home_with, loss, play
from tests.daemon.virtual_time import LoopClock, PlayedMachine

COOLDOWN = """
rules:
  max_contracts: {limit: 3, on_breach: reduce_to_limit}
  cooldown_after_loss: {loss_thresholds: [{loss_amount: 100, cooldown: 15m}]}
"""
FIVE_MINUTES = timedelta(minutes=5)
SKEWS = [timedelta(), FIVE_MINUTES, -FIVE_MINUTES, timedelta(hours=11), timedelta(days=-700)]


def lose(stage: Stage) -> Trade:
    trade = replace(loss(150), at=LoopClock().now())
    stage.venue.trades_booked.append(trade)
    stage.venue.deliver(TradeReported(at=stage.clock.now(), trade=trade))
    return trade


@pytest.mark.parametrize("ahead", SKEWS, ids=str)
def test_a_cooldown_lasts_as_long_as_configured(tmp_path: Path, ahead: timedelta) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        lose(stage)
        assert stage.locks() == ["cooldown_after_loss"]
        await asyncio.sleep(14 * 60 + 59)
        assert stage.locks() == ["cooldown_after_loss"]
        await asyncio.sleep(3)
        assert stage.locks() == []

    play(home_with(tmp_path, rules=COOLDOWN), scene, machine=PlayedMachine(ahead=ahead))


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2)], ids=str)
def test_setting_the_clock_neither_ends_nor_lengthens_a_lock(tmp_path: Path, jump: timedelta) -> None:
    machine = PlayedMachine()

    async def scene(stage: Stage) -> None:
        await stage.live()
        lose(stage)
        machine.ahead += jump
        await asyncio.sleep(14 * 60)
        assert stage.locks() == ["cooldown_after_loss"]
        stage.says(1)
        await stage.until(lambda: stage.venue.net[ES] == 0 and stage.is_quiet())
        await asyncio.sleep(62)
        assert stage.locks() == []

    play(home_with(tmp_path, rules=COOLDOWN), scene, machine=machine)


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(hours=-3)], ids=str)
def test_a_restart_with_a_tampered_clock_ends_no_lock(tmp_path: Path, ahead: timedelta) -> None:
    home = home_with(tmp_path, rules=COOLDOWN)
    booked: list[Trade] = []

    async def first(stage: Stage) -> None:
        await stage.live()
        booked.append(lose(stage))
        await stage.until(stage.is_quiet)

    async def second(stage: Stage) -> None:
        stage.venue.trades_booked = booked
        await stage.live()
        assert stage.locks() == ["cooldown_after_loss"]
        await asyncio.sleep(13 * 60)
        assert stage.locks() == ["cooldown_after_loss"]
        await asyncio.sleep(3 * 60)
        assert stage.locks() == []

    play(home, first)
    play(home, second, machine=PlayedMachine(ahead=ahead))


def test_eight_hours_of_sleep_pass_for_a_lock_too(tmp_path: Path) -> None:
    machine = PlayedMachine()

    async def scene(stage: Stage) -> None:
        await stage.live()
        lose(stage)
        machine.slept += 8 * 3600
        stage.venue.clock.ahead += timedelta(hours=8)
        await asyncio.sleep(LOOK_EVERY + 0.5)
        assert stage.locks() == []

    play(home_with(tmp_path, rules=COOLDOWN), scene, machine=machine)


@pytest.mark.parametrize("ahead", SKEWS, ids=str)
def test_under_no_new_risk_a_held_position_keeps_its_ceiling(tmp_path: Path, ahead: timedelta) -> None:
    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(2)
        await asyncio.sleep(1)
        lose(stage)
        stage.says(3)
        await stage.until(lambda: stage.venue.words("reduce") and stage.is_quiet())
        assert stage.venue.net[ES] == 1  # the fill took one of the two away
        filled = [one for one in stage.venue.orders.values() if one.type is OrderType.MARKET]
        assert [one.status for one in filled] == [OrderStatus.FILLED]
        assert [one.account_id for one in filled] == [ACCOUNT]

    play(home_with(tmp_path, rules=COOLDOWN), scene, machine=PlayedMachine(ahead=ahead))
