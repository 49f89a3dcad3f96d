"""The publisher: what happened, told to those who listen, after the requests have left and never awaited."""

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from risk_manager.core.decisions import Plan
from risk_manager.core.events import (
    AccountUpdated,
    Event,
    FeedLost,
    FeedRestored,
    LockCleared,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    TradeReported,
)
from risk_manager.core.model.order import Order
from risk_manager.core.model.position import Position
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.case import Report
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.telling.account_view import (
    Measure,
    account_status,
    figures_of,
    graces_of,
    held_position,
    lock_ended,
    lock_status,
    measure_plainly,
    rule_statuses,
    trade_seen,
    working_order,
)
from risk_manager.daemon.telling.calendar_view import calendar_status
from risk_manager.daemon.telling.lock_changes import LockChanges
from risk_manager.daemon.telling.nearness import Nearness
from risk_manager.daemon.telling.plan_words import shadow_action, stage_action
from risk_manager.daemon.telling.pnl_curve import PnlCurves
from risk_manager.daemon.telling.quote_view import market_quote
from risk_manager.local_api.frames import Message, remembered
from risk_manager.local_api.messages import (
    AccountRules,
    AccountStatus,
    DayReset,
    EnforcementAction,
    Envelope,
    EventData,
    LockEnded,
    LockStatus,
    RuleStatus,
    Warned,
)
from risk_manager.local_api.pending import PendingChange
from risk_manager.local_api.server import Server

TELL_AFTER = 0.005
"""Seconds for which events wait before they are told: requests go first."""
TELL_NOBODY_AFTER = 0.02
"""And while nobody listens: then it is done when the keeper saves, and costs an idle machine no waking of its own."""
RULES_EVERY = 0.5
"""Seconds between two words on the limits that follow prices."""
REMEMBERED = 200
"""Events worth reading that a later snapshot brings."""

_Rows = tuple[dict[str, Position], dict[int, Order]]
"""Positions and working orders of an account."""

log = EventLog("daemon")


class Publisher:
    """Turns events and plans into messages. Without a server it still remembers what is worth reading."""

    def __init__(self, *, clock: Clock, nicknames: Mapping[int, str], curves: PnlCurves) -> None:
        self._clock = clock
        self._nicknames = dict(nicknames)
        self._state_of: Callable[[int], AccountState | None] = lambda _: None
        self._server: Server | None = None
        self._pending: deque[tuple[Event, tuple[Plan, ...]]] = deque()
        self._reports: deque[Report] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._locks = LockChanges()
        self._days: dict[int, str] = {}
        self._rows: dict[int, _Rows] = {}
        self._nearness = Nearness()
        self._curves = curves
        self.recent: deque[Envelope] = deque(maxlen=REMEMBERED)
        self.feeds_changed: Callable[[], None] = lambda: None
        self.measure: Measure = measure_plainly
        self.pending_of: Callable[[int], tuple[PendingChange, ...]] = lambda _: ()

    def watch(self, states: Callable[[int], AccountState | None]) -> None:
        """Take the engines' states as what is told of."""
        self._state_of = states

    def name(self, nicknames: Mapping[int, str]) -> None:
        """Take on which accounts are told of, and how they are called."""
        self._nicknames = dict(nicknames)

    def speak_through(self, server: Server) -> None:
        """Tell those who listen to the server."""
        self._server = server

    def happened(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Note an event and its plans, to be told soon."""
        if isinstance(event, QuoteUpdated) and not plans:
            self._quote(event)
            return
        self._pending.append((event, plans))
        self._wake()

    def reported(self, report: Report) -> None:
        """Note a stage of an enforcement, to be told soon."""
        self._reports.append(report)
        self._wake()

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        """Tell people of something amiss."""
        self.tell(account_id, Warned(at=self._clock.now(), code=code, text=text))

    def tell(self, account_id: int | None, data: EventData) -> None:
        """Tell everyone who listens, and remember what is worth reading later."""
        message = Message(account_id, data)
        if isinstance(data, EnforcementAction | LockStatus | LockEnded | DayReset | Warned):
            self.recent.append(remembered(message))
        if self._server is not None:
            self._server.broadcast(message)

    def tell_latest(self, key: str, make: Callable[[], EventData]) -> None:
        """Tell everyone who listens soon, together with the prices, and make it only then."""
        if self._server is not None:
            self._server.broadcast_latest(key, lambda: Message(None, make()))

    def accounts(self) -> tuple[AccountStatus, ...]:
        """Word every account that is watched."""
        return tuple(
            replace(
                account_status(state, self._nicknames[state.account_id], self.measure),
                pnl_curve=self._curves.of(state),
                calendar=calendar_status(state),
                pending=self.pending_of(state.account_id),
            )
            for state in self._states()
        )

    def recall(self, earlier: Iterable[Envelope]) -> None:
        """Remember what an earlier life had told."""
        self.recent.extendleft(reversed(tuple(earlier)))

    def _states(self) -> Iterator[AccountState]:
        """Go through what is known of each watched account."""
        for account_id in self._nicknames:
            state = self._state_of(account_id)
            if state is not None:
                yield state

    def _wake(self) -> None:
        if self._timer is None:
            after = TELL_AFTER if self._server is not None and self._server.listeners else TELL_NOBODY_AFTER
            self._timer = asyncio.get_running_loop().call_later(after, self.flush)

    def flush(self) -> None:
        """Tell everything that waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        touched: set[int] = set()
        pictured: set[int] = set()
        while self._pending:
            event, plans = self._pending.popleft()
            touched |= self._tell_event(event)
            if isinstance(event, Reconciled):
                pictured.add(event.account_id)
            for plan in plans:
                if plan.shadow:  # one that is carried out tells itself by its stages
                    self.tell(plan.account_id, shadow_action(plan))
        while self._reports:
            report = self._reports.popleft()
            self.tell(report.case.plan.account_id, stage_action(report, self._clock.now()))
        for account_id in touched:
            state = self._state_of(account_id)
            if state is not None:
                self._tell_account(state)
                self._tell_rows(state, is_pictured=account_id in pictured)

    def _tell_event(self, event: Event) -> set[int]:
        """Tell an event; return the accounts whose figures it may have changed."""
        if isinstance(event, FeedLost | FeedRestored):
            self.feeds_changed()
        account_id = getattr(event, "account_id", None)
        if account_id is None:
            return set(self._nicknames)
        state = self._state_of(account_id)
        if state is None:
            return set()
        match event:
            case TradeReported(trade=trade):
                self.tell(account_id, trade_seen(state, trade))
                self._tell_price(trade.contract_id)
            case PositionUpdated(position=position):
                self.tell(account_id, held_position(state, position))
            case OrderUpdated(order=order):
                self.tell(account_id, working_order(state, order))
                self._tell_price(order.contract_id)
            case LockCleared():
                self._locks.hear(event)
            case AccountUpdated() | Reconciled():
                pass  # what changed by them is among the figures
        return {account_id}

    def _tell_account(self, state: AccountState) -> None:
        rules = rule_statuses(state, self.measure)
        self._curves.note(state)
        if self._server is not None and self._server.listeners:
            self.tell(state.account_id, figures_of(state))
            self.tell(state.account_id, AccountRules(rules=rules, graces=graces_of(state)))
        self._tell_locks(state)
        self._tell_day(state)
        self._warn_of_nearness(state, rules)

    def _tell_rows(self, state: AccountState, *, is_pictured: bool) -> None:
        """Tell everything anew where a full picture shows positions or orders that nobody has told of."""
        if self._server is None or not self._server.listeners:
            return
        before, now = self._rows.get(state.account_id), (state.positions, dict(state.working_orders))
        self._rows[state.account_id] = now
        if is_pictured and before != now:
            self._server.broadcast_snapshot()
            return
        if is_pictured:
            for contract_id in state.holdings:
                self._tell_price(contract_id)

    def _tell_locks(self, state: AccountState) -> None:
        """Tell which locks began, were lengthened, or ended."""
        now = self._clock.now()
        for change in self._locks.since_told(state, now=now):
            lock, cause = change.lock, change.ended
            self.tell(state.account_id, lock_status(lock) if cause is None else lock_ended(lock, cause, at=now))

    def _tell_day(self, state: AccountState) -> None:
        day = state.day.key.isoformat()
        if self._days.setdefault(state.account_id, day) != day:
            self._days[state.account_id] = day
            reset = DayReset(at=state.day.starts_at, trading_day=day, next_reset=state.day.ends_at)
            self.tell(state.account_id, reset)
            if self._server is not None:
                self._server.broadcast_snapshot()  # the day's course, its sessions and holidays are new too

    def _warn_of_nearness(self, state: AccountState, rules: Sequence[RuleStatus]) -> None:
        for status in self._nearness.passed(state, rules):
            subject = f" {status.subject}" if status.subject else ""
            text = f"{status.name}{subject}: {status.measured} of {status.limit}"
            warned = Warned(at=self._clock.now(), code="NEAR_LIMIT", text=text, rule=status.name)
            self.tell(state.account_id, warned)

    def _quote(self, event: QuoteUpdated) -> None:
        """Tell the latest price, and only when it is listened for."""
        if self._curves.is_due(event.at):
            for state in self._states():
                self._curves.note(state)
        self._tell_price(event.contract_id)

    def _tell_price(self, contract_id: str) -> None:
        """Tell soon what the latest prices make of a contract: a fill may have made something else of it."""
        if self._server is not None and self._server.listeners:
            self._server.broadcast_latest(("quote", contract_id), lambda: self._quote_message(contract_id))

    def _quote_message(self, contract_id: str) -> Message | None:
        quote = market_quote(contract_id, self._states(), now=self._clock.now())
        if quote is None or self._server is None:
            return None
        for marked in quote.positions:
            tell_rules = functools.partial(self._rules_message, marked.account_id)
            self._server.broadcast_latest(("rules", marked.account_id), tell_rules, every=RULES_EVERY)
        return Message(None, quote)

    def _rules_message(self, account_id: int) -> Message | None:
        """Tell how near the limits are that follow prices."""
        state = self._state_of(account_id)
        if state is None:
            return None
        rules = rule_statuses(state, self.measure)
        self._warn_of_nearness(state, rules)
        return Message(account_id, AccountRules(rules=rules, graces=graces_of(state)))
