"""The pipeline: one queue and one consumer, from an event to its plan, its stored intent and its first requests."""

from collections import deque
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import ClockTicked, Event, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcer import Enforcer
from risk_manager.daemon.goals import Reading
from risk_manager.daemon.own_orders import OwnOrders
from risk_manager.daemon.timer import Timer

log = structlog.get_logger("daemon")


class Keeper(Protocol):
    """Where facts and intents are kept; what it raises is told, and everything goes on in memory."""

    def intend(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Commit what is about to be done, before any request leaves."""

    def learned(self, event: Event) -> None:
        """Note a fact, to be stored soon."""


class Audience(Protocol):
    """Those who are told what happened; they are never waited for."""

    def happened(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Note an event and its plans, to be told soon."""

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        """Tell people of something amiss."""


class Pipeline:
    """Feeds the engine one event at a time, in the caller's own turn of the loop.

    An event that is posted while another is being handled waits for it. Accounts on hold keep their events until
    their first picture is there.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        keeper: Keeper,
        audience: Audience,
    ) -> None:
        self.engine = engine
        self.enforcers: dict[int, Enforcer] = {}
        self.own_orders: dict[int, OwnOrders] = {}
        self.timer = Timer(clock=clock, tick=self._tick)
        self._clock = clock
        self._keeper = keeper
        self._audience = audience
        self._queue: deque[tuple[Event, float]] = deque()
        self._held: dict[int | None, deque[tuple[Event, float]]] = {}
        self._busy = False
        self.handled = 0
        self.failed = 0

    def post(self, event: Event) -> None:
        """Take an event in; unless another is being handled, its requests have left when this returns."""
        self._queue.append((event, self._clock.monotonic()))
        if self._busy:
            return
        self._busy = True
        try:
            while self._queue:
                self._take(*self._queue.popleft())
        finally:
            self._busy = False
        self.timer.arm(self.engine.next_deadline())

    def receive(self, event: Event) -> None:
        """Take an event from a stream: while its account is on hold it waits for the picture."""
        held = self._held.get(_account_of(event)) if self._held else None
        if held is not None:
            held.append((event, self._clock.monotonic()))
            return
        self.post(event)

    def hold(self, account_id: int) -> None:
        """Keep an account's stream events until `release`."""
        self._held.setdefault(account_id, deque())

    def release(self, account_id: int) -> None:
        """Handle what was kept, oldest first, and go live."""
        for event, _ in self._held.pop(account_id, ()):
            self.post(event)

    def is_held(self, account_id: int) -> bool:
        """Tell whether an account still waits for its first picture."""
        return account_id in self._held

    def _tick(self, at: datetime) -> None:
        self.post(ClockTicked(at=at))

    def _take(self, event: Event, received_at: float) -> None:
        """Handle one event; whatever breaks is told, and the next one has its turn."""
        try:
            event = self._with_owner(event)
            plans = self.engine.handle(event)
        except Exception as error:  # a rule that breaks must not stop the others, nor the daemon
            self.failed += 1
            log.exception("engine_broke", event_type=type(event).__name__)
            self._alarm("ENGINE_BROKE", f"{type(event).__name__} could not be judged: {error!r}", _account_of(event))
            return
        self.handled += 1
        if plans:
            self._carry_out(event, plans, received_at)
        self._note(event, plans)

    def _carry_out(self, event: Event, plans: tuple[Plan, ...], received_at: float) -> None:
        """Store the intent, then let the requests leave: in this order, and without a wait between."""
        try:
            self._keeper.intend(event, plans)
        except Exception as error:  # protecting the account matters more than remembering it
            log.exception("intent_not_stored")
            self._alarm("STORE_FAILED", f"plans cannot be stored ({error}): going on in memory", plans[0].account_id)
        for plan in plans:
            enforcer = self.enforcers.get(plan.account_id)
            if plan.shadow or enforcer is None:
                continue
            try:
                self._enforce(plan, enforcer, received_at)
            except Exception as error:  # one account's trouble is not that of the others
                log.exception("plan_not_begun", account_id=plan.account_id)
                self._alarm("ENFORCEMENT_BROKE", f"a plan could not be begun: {error!r}", plan.account_id)

    def _enforce(self, plan: Plan, enforcer: Enforcer, received_at: float) -> None:
        state = self.engine.state.accounts[plan.account_id]
        seen = Reading(sent_at=self._clock.monotonic(), positions=state.positions, orders=dict(state.working_orders))
        enforcer.begin(plan, seen=seen, root_of=state.root, received_at=received_at)

    def _with_owner(self, event: Event) -> Event:
        """Mark orders and fills that the daemon itself caused."""
        match event:
            case OrderUpdated(order=order):
                own = self.own_orders.get(order.account_id)
                return replace(event, ours=True) if own and own.claims_order(order, event.at) else event
            case TradeReported(trade=trade):
                own = self.own_orders.get(trade.account_id)
                state = self.engine.state.accounts.get(trade.account_id)
                if own is None or state is None:
                    return event
                known = state.memory.orders.by_id
                return replace(event, ours=True) if own.claims_trade(trade, known.__contains__) else event
            case _:
                return event

    def _note(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Tell the enforcer, the keeper and the audience; none of them may stop the next event."""
        try:
            self._tell_enforcer(event)
            if not isinstance(event, QuoteUpdated):
                self._keeper.learned(event)
            self._audience.happened(event, plans)
        except Exception:  # nobody who is told may stop what is done
            log.exception("telling_broke", event_type=type(event).__name__)

    def _tell_enforcer(self, event: Event) -> None:
        match event:
            case TradeReported(ours=True, trade=trade):
                enforcer, own = self.enforcers.get(trade.account_id), self.own_orders.get(trade.account_id)
                if enforcer is not None and own is not None and own.is_new_fill(trade):
                    enforcer.filled(trade.contract_id, trade.size)
            case PositionUpdated() | OrderUpdated():
                enforcer = self.enforcers.get(event.account_id)
                if enforcer is not None:
                    enforcer.heard()
            case _:
                return

    def _alarm(self, code: str, text: str, account_id: int | None) -> None:
        with suppress(Exception):  # the log has it already
            self._audience.alarm(code, text, account_id)


def _account_of(event: Event) -> int | None:
    return getattr(event, "account_id", None)
