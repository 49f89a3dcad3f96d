"""The pipeline: one queue and one consumer, from an event to its plan, its stored intent and its first requests."""

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from risk_manager.core.decisions import Plan
from risk_manager.core.events import (
    ClockTicked,
    Event,
    Feed,
    FeedLost,
    QuoteUpdated,
    Reconciled,
    Restarted,
)
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.unfinished import plan_for
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.timer import Timer
from risk_manager.daemon.watched import Watched

log = EventLog("daemon")


class Keeper(Protocol):
    """Where facts and intents are kept; what it raises is told, and everything goes on in memory."""

    def intend(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Commit what is about to be done, before any request leaves."""

    def carried_out(self) -> None:
        """Make what was committed safer still, now that the requests have left."""

    def learned(self, event: Event) -> None:
        """Note a fact, to be stored soon."""


class Audience(Protocol):
    """Those who are told what happened; they are never waited for."""

    def happened(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Note an event and its plans, to be told soon."""

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        """Tell people of something amiss."""


class Pipeline:
    """Feeds the engines one event at a time, in the caller's own turn of the loop.

    An event that is posted while another is being handled waits for it. Every account has an engine of its own:
    what breaks for one is no matter of the others, and one that waits for its first picture judges nothing yet,
    not even the passing of time.
    """

    def __init__(self, *, clock: Clock, keeper: Keeper, audience: Audience) -> None:
        self.accounts: dict[int, Watched] = {}
        self._timer = Timer(clock=clock, tick=self._tick)
        self._clock = clock
        self._keeper = keeper
        self._audience = audience
        self._queue: deque[tuple[int | None, Event, float]] = deque()
        self._busy = False
        self._deadline_may_have_moved = True
        self.handled = 0
        self.failed = 0

    def post(self, event: Event) -> None:
        """Take an event in; unless another is being handled, its requests have left when this returns."""
        self.post_to(_account_of(event), event)

    def post_to(self, account_id: int | None, event: Event) -> None:
        """Take an event in that concerns one account only (None: every account)."""
        self._queue.append((account_id, event, self._clock.monotonic()))
        if self._busy:
            return
        self._busy = True
        try:
            while self._queue:
                self._take(*self._queue.popleft())
        finally:
            self._busy = False
        if self._deadline_may_have_moved:
            self._deadline_may_have_moved = False
            self._timer.arm(self._next_deadline())

    def begin_now(self, account_ids: Iterable[int]) -> None:
        """Let engines that have judged nothing begin at this instant: the wall clock may have been ahead of it."""
        for account_id in account_ids:
            watched = self.accounts[account_id]
            if watched.held is not None:
                watched.begin(self._clock.now())

    def go_live(self, picture: Reconciled) -> None:
        """Judge an account's first picture, then what was told of it meanwhile."""
        watched = self.accounts.get(picture.account_id)
        if watched is None:  # dismissed while it was read
            return
        now = self._clock.now()
        held, watched.held = [_not_later(event, now) for event in watched.held or ()], None
        if watched.is_restored:
            restarted = Restarted(at=picture.as_of or picture.at, taken_off=watched.taken_off)
            self._judge(restarted, watched, self._clock.monotonic())
        self.post(picture)
        for event in held:
            self.post_to(picture.account_id, event)  # what concerns everybody waits with each account by itself
        left, watched.unfinished = plan_for(watched.unfinished, watched.state, now), ()
        if left is not None:
            self._carry_out(picture, (left,), watched, self._clock.monotonic())

    def judge_unseen(self, account_id: int) -> None:
        """Let an account that was never seen in this life be blind for as long as its policy bears."""
        watched = self.accounts[account_id]
        lost_at, flatten_after = watched.state.memory.now, watched.state.policy.flatten_after
        if watched.make_engine is None or flatten_after is None:
            return
        watched.begin(lost_at)
        lost = FeedLost(at=lost_at, feed=Feed.USER, account_id=account_id)
        for event in (Restarted(at=lost_at), lost, ClockTicked(at=lost_at + flatten_after)):
            self._note(event, self._judge(event, watched, self._clock.monotonic()))

    def look_at_clock(self) -> None:
        """Let pass what passed while the machine slept."""
        self._timer.look()

    def state(self, account_id: int) -> AccountState | None:
        """Tell what is known of an account; None for one that is not watched."""
        watched = self.accounts.get(account_id)
        return None if watched is None else watched.state

    def is_live(self, account_id: int) -> bool:
        """Tell whether an account's first picture has been judged."""
        watched = self.accounts.get(account_id)
        return watched is not None and watched.held is None

    @property
    def waiting(self) -> int:
        """Events that wait for their turn, or for the first picture of their account."""
        return len(self._queue) + sum(len(watched.held or ()) for watched in self.accounts.values())

    def stop(self) -> None:
        """Tell the engines of no more deadlines."""
        self._timer.stop()

    def _next_deadline(self) -> datetime | None:
        deadlines = (one.engine.next_deadline() for one in self.accounts.values() if one.held is None)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def _tick(self, at: datetime) -> None:
        self.post(ClockTicked(at=at))

    def _take(self, account_id: int | None, event: Event, received_at: float) -> None:
        """Give one event to every account that it concerns."""
        if isinstance(event, QuoteUpdated):
            self._take_price(event, received_at)
            return
        if account_id is not None:
            concerned = [self.accounts[account_id]] if account_id in self.accounts else []
        else:
            concerned = list(self.accounts.values())
        plans: tuple[Plan, ...] = ()
        for watched in concerned:
            if watched.held is None:
                event = watched.own_orders.marked(event, watched.state.memory.orders.by_id.__contains__)
                plans += self._judge(event, watched, received_at)
            elif not isinstance(event, ClockTicked):
                watched.hold_back(event)
        self.handled += 1
        self._note(event, plans)

    def _take_price(self, event: QuoteUpdated, received_at: float) -> None:
        """Give a price to every account; it comes a thousand times a second, and as a rule moves no deadline."""
        plans: tuple[Plan, ...] = ()
        for watched in self.accounts.values():
            if watched.held is None:
                plans += self._judge(event, watched, received_at)
        self.handled += 1
        self._note(event, plans)

    def _judge(self, event: Event, watched: Watched, received_at: float) -> tuple[Plan, ...]:
        """Let one account judge and act; whatever breaks is told, and the next one has its turn."""
        try:
            plans = watched.engine.handle(event)
        except Exception as error:  # a rule that breaks must not stop the others, nor the daemon
            self.failed += 1
            log.exception("engine_broke", event_type=type(event).__name__)
            text = f"{type(event).__name__} could not be judged: {error!r}"
            self._alarm("ENGINE_BROKE", text, watched.enforcer.account_id)
            return ()
        if watched.engine.has_new_deadline:
            self._deadline_may_have_moved = True
        if plans:
            self._carry_out(event, plans, watched, received_at)
        return plans

    def _carry_out(self, event: Event, plans: tuple[Plan, ...], watched: Watched, received_at: float) -> None:
        """Store the intent, then let the requests leave: in this order, and without a wait between."""
        try:
            self._keeper.intend(event, plans)
        except Exception as error:  # protecting the account matters more than remembering it
            log.exception("intent_not_stored")
            self._alarm("STORE_FAILED", f"plans cannot be stored ({error}): going on in memory", plans[0].account_id)
        for plan in plans:
            if plan.shadow:
                continue
            try:
                watched.enforce(plan, now=self._clock.monotonic(), received_at=received_at)
            except Exception as error:  # one account's trouble is not that of the others
                log.exception("plan_not_begun", account_id=plan.account_id)
                self._alarm("ENFORCEMENT_BROKE", f"a plan could not be begun: {error!r}", plan.account_id)
        self._keeper.carried_out()

    def _note(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Tell the enforcer, the keeper and the audience; none of them may stop the next event."""
        try:
            if not isinstance(event, QuoteUpdated):
                if (watched := self.accounts.get(_account_of(event) or 0)) is not None:
                    watched.tell_enforcer(event, now=self._clock.monotonic())
                self._keeper.learned(event)
            self._audience.happened(event, plans)
        except Exception:  # nobody who is told may stop what is done
            log.exception("telling_broke", event_type=type(event).__name__)

    def _alarm(self, code: str, text: str, account_id: int | None) -> None:
        with suppress(Exception):  # the log has it already
            self._audience.alarm(code, text, account_id)


def _not_later(event: Event, now: datetime) -> Event:
    """Date an event back that was stamped by a wall clock ahead of the venue, before the venue had spoken."""
    return event if event.at <= now else replace(event, at=now)


def _account_of(event: Event) -> int | None:
    return getattr(event, "account_id", None)
