"""The enforcer of one account: a closed loop from plans to requests to the venue's own proof."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from risk_manager.core.actions import MoveStop, PlaceStop
from risk_manager.core.decisions import Plan
from risk_manager.core.events import EnforcementFinished, Event, Reconciled
from risk_manager.core.model.trade import Trade
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.case import Case, Cases, Report, Stage
from risk_manager.daemon.enforcement.goals import Reading, goals_of
from risk_manager.daemon.enforcement.lookout import Lookout
from risk_manager.daemon.enforcement.own_orders import Call, OwnOrders
from risk_manager.daemon.enforcement.picture import ours_among
from risk_manager.daemon.enforcement.pursuit import Progress, Pursuit
from risk_manager.daemon.enforcement.refusals import Refusals
from risk_manager.daemon.enforcement.requests import (
    EXITS,
    Answering,
    MoveStopOrder,
    PlaceStopOrder,
    ReducePosition,
    Request,
)
from risk_manager.daemon.event_log import EventLog
from risk_manager.gateway.errors import GatewayError
from risk_manager.gateway.port import Answer, Urgency, Venue, Verdict

OVERDUE = 10.0
"""Seconds without proof from which people are told."""

log = EventLog("enforcement")


class Tasks(Protocol):
    """Where the enforcer's coroutines run: the daemon's task group."""

    def create_task(self, coro: Coroutine[Any, Any, None], /) -> asyncio.Task[None]:
        """Run a coroutine beside the others."""


class Enforcer:
    """Drives one account to what its plans want, and keeps at it until REST proves it.

    Pictures and outcomes go to `post`, what people should know of a plan to `report`, and of anything else to `alarm`.
    """

    def __init__(
        self,
        account_id: int,
        *,
        venue: Venue,
        tasks: Tasks,
        clock: Clock,
        own_orders: OwnOrders,
        post: Callable[[Event], None],
        report: Callable[[Report], None],
        alarm: Callable[[str, str, int], None],
    ) -> None:
        self.account_id = account_id
        self._venue = venue
        self._tasks = tasks
        self._clock = clock
        self._own_orders = own_orders
        self._post = post
        self._report = report
        self._alarm_people = alarm
        self._pursuit = Pursuit()
        self._cases = Cases()
        self._loop: asyncio.Task[None] | None = None
        self._refusals = Refusals(self._pursuit)
        self._lookout = Lookout(self._pursuit, self._refusals, clock)

    @property
    def is_under_way(self) -> bool:
        """Tell whether something is still to be proven."""
        return self._pursuit.is_under_way

    @property
    def trouble(self) -> str:
        """What keeps something from being proven, in words; empty when nothing does."""
        return "; ".join(dict.fromkeys(case.alarmed for case in self._cases.open if case.alarmed))

    async def until_proven(self) -> None:
        """Wait until nothing is left to prove."""
        if self._loop is not None and not self._loop.done():
            await asyncio.wait({self._loop})

    def begin(self, plan: Plan, *, seen: Reading, root_of: Callable[[str], str], received_at: float) -> None:
        """Take a plan over: its first requests leave with this call's turn of the loop."""
        goals = goals_of(plan.actions, seen, root_of)
        requests = self._pursuit.want(goals, seen) if goals else ()
        for single in _stop_requests(plan, self._own_orders.new_tag):
            requests += self._pursuit.want_once(single, seen)
        if not goals and not requests:
            return
        if not requests and self._cases.go_on(plan, goals):
            return
        sent_at = self._send(requests, seen)
        case = Case(uuid4().hex, plan, goals, received_at, seen.sent_at, first_request_at=sent_at)
        self._cases.open.append(case)
        self._report(Report(case=case, stage=Stage.STARTED))
        self._go_on_proving()

    def _go_on_proving(self) -> None:
        if self._loop is None or self._loop.done():
            self._loop = self._tasks.create_task(self._prove())
        self._lookout.wake()

    def position_told(self, seen: Reading) -> None:
        """Note a position that the stream told of: what an exit has left over is asked for at once."""
        self._cases.note_requests(self._send(self._pursuit.go_on(seen), seen))
        self.heard()

    def heard(self) -> None:
        """Note that the stream told of a position or order: a look may be worth it now."""
        if self._pursuit.is_under_way:
            self._lookout.wake()

    def account_told(self, *, can_trade: bool) -> None:
        """Note whether the account may trade: once it may again, what was refused is tried at once."""
        if self._refusals.account_told(can_trade=can_trade):
            self.heard()

    def filled(self, trade: Trade) -> None:
        """Note a fill of the daemon's own order; what it has opened is taken back."""
        self._pursuit.filled(trade.contract_id, trade.size)
        if trade.realized_pnl is None:
            self._pursuit.taking_back.note(trade.contract_id, trade.side.sign * trade.size, self._clock.monotonic())
            text = (
                f"an order of ours has opened {trade.size} of {trade.contract_id}, as another was quicker: taken back"
            )
            self._alarm_people("EXIT_OPENED", text, self.account_id)
            self._go_on_proving()
        self.heard()

    def _send(self, requests: tuple[Request, ...], seen: Reading) -> float | None:
        """Send requests, the venue writes them at once; tell when the first one left.

        All leave before anything else is done; their answers are waited for beside everything else.
        """
        sent: list[tuple[Request, float, Answering]] = []
        try:
            for request in requests:
                sent_at = self._clock.monotonic()
                sent.append((request, sent_at, request.send(self._venue, self.account_id)))
        finally:
            for request, sent_at, answering in sent:
                call = self._expect(request, seen)
                self._tasks.create_task(self._hear(request, answering, call, sent_at))
        return sent[0][1] if sent else None

    def _expect(self, request: Request, seen: Reading) -> Call | None:
        """Note whose market order will appear; in this turn of the loop it cannot have appeared yet."""
        position = seen.positions.get(request.contract_id) if isinstance(request, EXITS) else None
        if position is None:
            return None
        size = request.size if isinstance(request, ReducePosition) else position.size
        return self._own_orders.expect(
            position.contract_id, side=position.closing_side, size=size, at=self._clock.now()
        )

    async def _hear(self, request: Request, answering: Answering, call: Call | None, sent_at: float) -> None:
        """Wait for one answer and note it."""
        try:
            answer = await answering
        except Exception as error:  # whatever broke, the request may have left: read before repeating
            log.exception("request_broke", account_id=self.account_id, request=repr(request))
            answer = Answer(verdict=Verdict.UNCLEAR, text=str(error))
        if call is not None and answer.verdict in {Verdict.REFUSED, Verdict.DONE_ALREADY}:
            self._own_orders.withdraw(call)
        now = self._clock.monotonic()
        self._pursuit.answered(request, answer, now)
        self._lookout.wake()
        log.info(
            "request_answered",
            account_id=self.account_id,
            request=repr(request),
            verdict=answer.verdict.value,
            code=answer.code,
            text=answer.text,
            ms=round((now - sent_at) * 1000, 2),
        )

    async def _prove(self) -> None:
        """Read, judge and send until nothing is left to prove; nothing but cancellation ends it before."""
        self._lookout.begin()
        while self._pursuit.is_under_way:
            try:
                await self._lookout.wait()
                await self._look()
            except Exception:  # a broken judgement must not end the enforcement
                log.exception("enforcement_broke", account_id=self.account_id)
                await asyncio.sleep(1)

    async def _look(self) -> None:
        """Read the account and act on it."""
        as_of = self._clock.now()
        reading = await self._read(as_of)
        now = self._clock.monotonic()
        if reading is None:
            self._lookout.looked(moved=False, was_read=False)
            self._alarm_overdue(now)
            return
        self._refusals.mind_market_hours(self._clock.now())
        progress = self._pursuit.read(reading, now)
        self._cases.note_requests(self._send(progress.requests, reading))
        self._lookout.looked(moved=bool(progress.requests or progress.proven), was_read=True)
        self._conclude(progress, reading, now)

    async def _read(self, as_of: datetime) -> Reading | None:
        """Read orders, then positions: a fill between the two shows in the positions, never in neither."""
        sent_at = self._clock.monotonic()
        try:
            orders = await self._venue.working_orders(self.account_id, Urgency.ENFORCEMENT)
            positions = await self._venue.positions(self.account_id, Urgency.ENFORCEMENT)
        except GatewayError as error:
            log.warning("proof_unreadable", account_id=self.account_id, error=str(error))
            return None
        self._post(
            Reconciled(
                at=self._clock.now(),
                account_id=self.account_id,
                positions=positions,
                orders=orders,
                own_order_ids=ours_among(orders, self._own_orders, as_of),
                as_of=as_of,
            )
        )
        return Reading(
            sent_at=sent_at,
            positions={position.contract_id: position for position in positions},
            orders={order.order_id: order for order in orders},
        )

    def _conclude(self, progress: Progress, reading: Reading, now: float) -> None:
        """Tell engine and people what is proven, and what is not."""
        for case in self._cases.open:
            case.name_everything(reading)
        for case in self._cases.take_reached(self._pursuit.goals, now):
            self._report(Report(case=case, stage=Stage.PROVEN))
        at = self._clock.now()
        if progress.finished:
            self._post(EnforcementFinished(at=at, account_id=self.account_id, ok=True))
            return
        for contract_id in progress.proven:
            self._post(EnforcementFinished(at=at, account_id=self.account_id, ok=True, contract_id=contract_id))
        self._tell_refusals(reading)
        self._alarm_overdue(now)

    def _tell_refusals(self, reading: Reading) -> None:
        """Tell people and the engine of what the venue refuses, once for each reason; it is tried again later."""
        at = self._clock.now()
        refusal = self._refusals.news(reading, at)
        if refusal is None:
            return
        self._alarm(refusal.words)
        for contract_id in refusal.contracts:
            self._post(EnforcementFinished(at=at, account_id=self.account_id, ok=False, contract_id=contract_id))

    def _alarm_overdue(self, now: float) -> None:
        if any(now - case.received_at >= OVERDUE for case in self._cases.open):
            goals = self._pursuit.goals
            self._alarm(
                f"not proven after {OVERDUE:.0f} s: positions {sorted(goals.targets)}, orders {sorted(goals.cancels)}"
            )

    def _alarm(self, detail: str) -> None:
        """Tell people of every open case, once for each new reason."""
        for case in self._cases.open:
            if not case.alarmed:
                case.alarmed = detail
                log.error("enforcement_not_proven", account_id=self.account_id, case=case.case_id, detail=detail)
                self._report(Report(case=case, stage=Stage.FAILED, detail=detail))


def _stop_requests(plan: Plan, new_tag: Callable[[], str]) -> list[Request]:
    """List the stops that a plan places or moves, each under a tag that was never used before."""
    requests: list[Request] = []
    for action in plan.actions:
        match action:
            case PlaceStop(contract_id=contract_id, side=side, size=size, stop=stop):
                request = PlaceStopOrder(contract_id=contract_id, side=side, size=size, stop=stop, tag=new_tag())
                requests.append(request)
            case MoveStop(order_id=order_id, stop=stop, size=size):
                requests.append(MoveStopOrder(order_id=order_id, stop=stop, size=size))
            case _:
                continue
    return requests
