"""Enforcement against a venue that hangs, refuses, loses answers and acts by itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from risk_manager.core.actions import Cancel, Close, PlaceStop
from risk_manager.core.model.order import OrderSide, OrderStatus, OrderType
from risk_manager.daemon.enforcement.case import Stage
from tests.daemon.fake_venue import ACCEPTED, ES, REFUSED, UNCLEAR
from tests.daemon.stand import Stand, play
from tests.daemon.virtual_time import START, until


def test_an_answer_that_hangs_does_not_delay_the_proof() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 5}
        stand.venue.answer_after = 5.0
        stand.plan(Close(ES))
        await until(stand.proven_after)
        assert (stand.proven_after() or 0) < 2000
        assert [event.contract_id for event in stand.finished()] == [ES]
        await stand.until_proven()
        assert stand.venue.words() == [f"close {ES}"]

    play(scene)


def test_a_position_opened_while_a_close_hangs_is_closed_only_when_its_fate_is_known() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 5}
        stand.venue.answer_after = 5.0
        stand.plan(Close(ES))
        await until(stand.proven_after)
        stand.venue.net = {ES: -2}
        stand.plan(Close(ES))
        await asyncio.sleep(2.5)
        assert stand.venue.words() == [f"close {ES}"]
        stand.venue.answer_after = 0.01
        await stand.until_proven()
        assert stand.venue.words() == [f"close {ES}"] * 2
        assert stand.venue.net[ES] == 0

    play(scene)


def test_a_close_that_hangs_and_was_never_taken_is_not_proven_by_silence() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 5}
        stand.venue.answer_after = 5.0
        stand.venue.script.append(UNCLEAR)
        stand.plan(Close(ES))
        await asyncio.sleep(4.9)
        assert stand.proven_after() is None
        assert stand.venue.words() == [f"close {ES}"]
        await stand.until_proven()
        assert stand.venue.net[ES] == 0

    play(scene)


def test_a_refusal_is_told_to_the_engine_once_for_each_reason() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1}
        stand.venue.script.extend([REFUSED, REFUSED, replace(REFUSED, code=10, text="account locked")])
        stand.plan(Close(ES))
        await stand.until_proven()
        assert stand.failed() == [ES, ES]
        assert stand.venue.net[ES] == 0

    play(scene)


def test_what_the_engine_decides_again_after_a_refusal_joins_the_case_that_failed() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1}
        stand.venue.script.append(REFUSED)
        stand.plan(Close(ES))
        await until(stand.failed)
        stand.plan(Close(ES))
        await stand.until_proven()
        assert stand.stages() == [Stage.STARTED, Stage.FAILED, Stage.PROVEN]
        assert stand.venue.words() == [f"close {ES}"] * 2

    play(scene)


def test_while_the_market_is_closed_a_refused_close_rests_and_at_its_opening_it_leaves_at_once() -> None:
    async def scene(stand: Stand) -> None:
        opening = START.replace(hour=22, minute=0)
        stand.clock.ahead = opening - START - timedelta(minutes=90)
        stand.venue.net = {ES: 1}
        stand.venue.script.extend([REFUSED] * 100)
        stand.plan(Close(ES))
        await asyncio.sleep(90 * 60)
        assert len(stand.venue.words("close")) < 30
        assert len(stand.venue.reads) < 90 * 7
        assert "opens at 17:00 CDT" in stand.reports[1].detail
        stand.venue.script.clear()
        await asyncio.sleep(4)
        assert stand.venue.net[ES] == 0
        await stand.until_proven()

    play(scene)


def test_an_account_that_may_trade_again_is_tried_at_once() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1}
        stand.venue.script.extend([REFUSED] * 7)
        stand.plan(Close(ES))
        stand.enforcer.account_told(can_trade=False)
        await until(lambda: len(stand.venue.words()) == 7, 300)
        await asyncio.sleep(2)
        stand.enforcer.account_told(can_trade=True)
        await stand.until_proven(1)
        assert stand.venue.net[ES] == 0

    play(scene)


@pytest.mark.parametrize("obeys", [True, False])
def test_a_stop_whose_answer_was_lost_is_looked_for_before_another_is_placed(obeys: bool) -> None:  # noqa: FBT001  a parameter of the test
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1}
        stand.venue.script.append(UNCLEAR)
        stand.venue.obeys_scripted = obeys
        order = PlaceStop(contract_id=ES, side=OrderSide.SELL, size=1, stop=stand.venue.position(ES).average_price)
        stand.plan(order)
        await asyncio.sleep(0.5)
        stand.plan(order)
        await asyncio.sleep(6)
        assert len(stand.venue.words("place_stop")) == 1
        assert stand.enforcer.is_under_way is not obeys
        await stand.until_proven()
        stand.plan(order)
        await stand.until_proven()
        assert len(stand.venue.words("place_stop")) == 2

    play(scene)


def test_a_stop_that_fires_after_the_close_is_closed_as_well() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stop = stand.venue.rest(OrderType.STOP, OrderSide.SELL, 2)
        stand.venue.script.extend([ACCEPTED, UNCLEAR])  # the close is taken, the cancel is lost
        stand.venue.obeys_scripted = False
        stand.plan(Close(ES), Cancel(stop.order_id))
        stand.venue.net = {ES: 0}
        await asyncio.sleep(0.5)
        stand.venue.net = {ES: -2}
        stand.venue.orders[stop.order_id] = replace(stop, status=OrderStatus.FILLED, filled_size=2)
        await stand.until_proven()
        assert stand.venue.net[ES] == 0
        assert stand.venue.words("close") == [f"close {ES}"] * 2

    play(scene)


def test_what_the_venue_liquidates_itself_is_not_closed_a_second_time() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 3}
        stand.venue.script.append(UNCLEAR)
        stand.plan(Close(ES))
        await asyncio.sleep(0.2)
        liquidation = stand.venue.rest(OrderType.MARKET, OrderSide.SELL, 3, tag=None)
        await asyncio.sleep(4)
        assert stand.venue.words() == [f"close {ES}"]
        stand.venue._fill(liquidation)
        await stand.until_proven()
        assert stand.venue.words() == [f"close {ES}"]

    play(scene)
