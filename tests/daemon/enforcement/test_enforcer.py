import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from risk_manager.core.actions import CancelAll, Close, CloseAll, Lock, LockMode, PlaceStop, Reduce
from risk_manager.core.events import EnforcementFinished, Reconciled
from risk_manager.core.model.order import OrderSide, OrderType
from risk_manager.daemon.enforcement.case import Stage
from risk_manager.gateway.errors import GatewayUnavailable
from tests.daemon.fake_venue import ES, NQ, REFUSED, UNCLEAR
from tests.daemon.stage import loss
from tests.daemon.stand import Stand, play


def test_close_and_cancels_leave_at_once_and_side_by_side_and_the_venue_proves_it() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stop = stand.venue.rest(OrderType.STOP, OrderSide.SELL, 2)
        stand.plan(Close(ES))
        await stand.until_proven()
        assert stand.venue.requests == [(1000.0, f"close {ES}"), (1000.0, f"cancel {stop.order_id}")]
        assert stand.venue.net[ES] == 0
        assert stand.stages() == [Stage.STARTED, Stage.PROVEN]
        assert stand.finished()[-1].ok
        assert stand.finished()[-1].contract_id is None

    play(scene)


def test_the_proof_reaches_the_engine_before_the_word_that_it_is_finished() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stand.plan(CloseAll(), CancelAll())
        await stand.until_proven()
        assert isinstance(stand.posted[-2], Reconciled)
        assert stand.posted[-2].positions == ()
        assert isinstance(stand.posted[-1], EnforcementFinished)

    play(scene)


@pytest.mark.parametrize("was_taken", [True, False])
def test_an_unanswered_close_is_repeated_only_when_a_reading_a_second_later_still_shows_the_position(
    *, was_taken: bool
) -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stand.venue.script.append(UNCLEAR)
        stand.venue.obeys_scripted = was_taken
        stand.plan(Close(ES))
        await stand.until_proven()
        closes = stand.venue.times("close")
        assert len(closes) == (1 if was_taken else 2)
        assert all(at >= 1.0 for at in closes[1:])
        assert stand.venue.net[ES] == 0

    play(scene)


def test_a_position_list_that_lags_behind_the_fill_brings_no_second_close() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stand.venue.fill_after = 0.9
        stand.plan(Close(ES))
        await stand.until_proven()
        assert stand.venue.words("close") == [f"close {ES}"]

    play(scene)


def test_a_refused_close_alarms_once_and_is_retried_ever_more_slowly_until_it_is_done() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1}
        stand.venue.script.extend([REFUSED] * 8)
        stand.plan(Close(ES))
        await stand.until_proven(600)
        times = stand.venue.times("close")
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert len(times) == 9
        assert all(gap >= 0.9 for gap in gaps)
        assert max(gaps) <= 36
        assert gaps[-1] >= 29
        assert stand.stages() == [Stage.STARTED, Stage.FAILED, Stage.PROVEN]
        assert "outside trading hours" in stand.reports[1].detail
        assert stand.venue.net[ES] == 0

    play(scene)


def test_a_reduction_whose_answer_was_lost_does_not_close_too_much() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 5}
        stand.venue.script.append(UNCLEAR)
        stand.venue.obeys_scripted = True
        stand.plan(Reduce(ES, 2))
        await stand.until_proven()
        assert stand.venue.words("reduce") == [f"reduce {ES} 3"]
        assert stand.venue.net[ES] == 2

    play(scene)


def test_a_stop_larger_than_what_remains_is_made_smaller_beside_the_reduction() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: -5}
        stop = stand.venue.rest(OrderType.STOP, OrderSide.BUY, 5)
        stand.plan(Reduce(ES, 2))
        await stand.until_proven()
        assert stand.venue.words() == [f"reduce {ES} 3", f"modify {stop.order_id} size=2 stop=None"]

    play(scene)


def test_a_second_plan_joins_the_first_without_a_second_close_in_flight() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2, NQ: 1}
        stand.venue.answer_after = 0.5
        stand.plan(Reduce(ES, 1))
        await asyncio.sleep(0.1)
        stand.plan(CloseAll(), CancelAll())
        await stand.until_proven()
        assert stand.venue.words() == [f"reduce {ES} 1", f"close {NQ}", f"close {ES}"]
        assert stand.venue.net == {ES: 0, NQ: 0}
        assert stand.stages().count(Stage.PROVEN) == 2

    play(scene)


def test_an_order_that_appears_between_close_and_proof_is_swept() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stand.plan(Close(ES))
        late = stand.venue.rest(OrderType.LIMIT, OrderSide.BUY, 1)
        await stand.until_proven()
        assert stand.venue.words("cancel") == [f"cancel {late.order_id}"]

    play(scene)


def test_a_reading_that_fails_is_no_proof_of_flat() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 2}
        stand.venue.rest_is_down = GatewayUnavailable("no route")
        stand.plan(Close(ES))
        await asyncio.sleep(15)
        assert stand.enforcer.is_under_way
        assert Stage.FAILED in stand.stages()
        assert stand.finished() == []
        stand.venue.rest_is_down = None
        await stand.until_proven()
        assert stand.stages()[-1] is Stage.PROVEN

    play(scene)


def test_closing_everything_finds_what_the_stream_has_not_told_of() -> None:
    async def scene(stand: Stand) -> None:
        stand.plan(CloseAll(), CancelAll())
        stand.venue.net = {NQ: -1}
        await stand.until_proven()
        assert stand.venue.words() == [f"close {NQ}"]

    play(scene)


def test_a_refusal_in_one_contract_does_not_keep_the_other_from_being_reported() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1, NQ: 1}
        stand.venue.script.extend([REFUSED])
        stand.plan(Close(ES), Close(NQ))
        await stand.until_proven()
        assert [event.contract_id for event in stand.finished()] == [NQ, None]

    play(scene)


def test_a_lock_alone_asks_nothing_of_the_venue() -> None:
    async def scene(stand: Stand) -> None:
        stand.plan(Lock(rule="x", code="X", mode=LockMode.FLAT, until=None))
        assert not stand.enforcer.is_under_way
        assert stand.reports == []

    play(scene)


def test_a_stop_is_placed_once_under_a_tag_of_ours() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: 1}
        stand.venue.script.append(REFUSED)
        stop = stand.venue.position(ES).average_price - 10
        stand.plan(PlaceStop(contract_id=ES, side=OrderSide.SELL, size=1, stop=stop))
        await stand.until_proven()
        assert stand.venue.words() == [f"place_stop {ES} sell 1 5990 srm-"]

    play(scene)


def test_what_a_fill_of_our_own_has_opened_is_taken_back_and_people_are_told() -> None:
    async def scene(stand: Stand) -> None:
        stand.venue.net = {ES: -1}
        stand.enforcer.filled(replace(loss(0), side=OrderSide.SELL, size=1, realized_pnl=None))
        await stand.until_proven()
        assert stand.venue.net[ES] == 0
        assert [code for code, _, _ in stand.alarms] == ["EXIT_OPENED"]
        stand.enforcer.filled(loss(0))
        assert not stand.enforcer.is_under_way

    play(scene)
