import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from risk_manager.core.actions import Action, Cancel, CancelAll, Close, CloseAll, Lock, LockMode, PlaceStop, Reduce
from risk_manager.core.decisions import Plan
from risk_manager.core.events import EnforcementFinished, Event, Reconciled
from risk_manager.core.model.contract import root_of_id
from risk_manager.core.model.order import OrderSide, OrderStatus, OrderType
from risk_manager.daemon.case import Report, Stage
from risk_manager.daemon.enforcer import Enforcer
from risk_manager.daemon.goals import Reading
from risk_manager.daemon.own_orders import OwnOrders
from risk_manager.gateway.errors import GatewayUnavailable
from tests.daemon.fake_venue import ACCEPTED, ACCOUNT, ES, NQ, REFUSED, UNCLEAR, FakeVenue
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time, until


class Stand:
    """An enforcer before a played venue."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.venue = FakeVenue()
        self.clock = LoopClock()
        self.posted: list[Event] = []
        self.reports: list[Report] = []
        self.enforcer = Enforcer(
            ACCOUNT,
            venue=self.venue,
            tasks=tasks,
            clock=self.clock,
            own_orders=OwnOrders(),
            post=self.posted.append,
            report=self.reports.append,
        )

    def plan(self, *actions: Action) -> None:
        plan = Plan(at=self.clock.now(), account_id=ACCOUNT, decisions=(), actions=actions)
        seen = Reading(
            sent_at=self.clock.monotonic(),
            positions={one: self.venue.position(one) for one, net in self.venue.net.items() if net},
            orders=dict(self.venue.orders),
        )
        self.enforcer.begin(plan, seen=seen, root_of=root_of_id, received_at=self.clock.monotonic())

    async def until_proven(self, longest: float = 300) -> None:
        await until(lambda: not self.enforcer.is_under_way, longest)

    def stages(self) -> list[Stage]:
        return [report.stage for report in self.reports]

    def finished(self) -> list[EnforcementFinished]:
        return [event for event in self.posted if isinstance(event, EnforcementFinished) and event.ok]

    def failed(self) -> list[str | None]:
        events = (event for event in self.posted if isinstance(event, EnforcementFinished) and not event.ok)
        return [event.contract_id for event in events]

    def proven_after(self) -> float | None:
        """Milliseconds from the event to the proof."""
        return next((one.case.proven_ms for one in self.reports if one.stage is Stage.PROVEN), None)


def play(scene: Callable[[Stand], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            await scene(Stand(tasks))

    in_virtual_time(run())


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
def test_a_stop_whose_answer_was_lost_is_looked_for_before_another_is_placed(obeys: bool) -> None:  # noqa: FBT001
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
