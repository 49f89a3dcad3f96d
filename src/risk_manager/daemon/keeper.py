"""The keeper: facts and intents on their way to the store, which may fail without stopping anything."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile

from risk_manager.core.decisions import Plan
from risk_manager.core.events import ContractLearned, Event, FeedLost, FeedRestored, LockCleared, LockRequested
from risk_manager.core.model.contract import Contract
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.memory import Memory
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.commitment.sealed_locks import SealedLocks
from risk_manager.daemon.enforcement.case import Report
from risk_manager.daemon.enforcement.own_orders import CALL_LIFETIME, Call
from risk_manager.daemon.enforcement.stored_exits import stored_exits
from risk_manager.daemon.enforcement.unfinished import Unfinished, unfinished_exits
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.telling.plan_words import deed_of, shadow_id, verdict_of
from risk_manager.store.database import Database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.journal import Entry
from risk_manager.store.memory import load_memory, parts_of, set_by
from risk_manager.store.rows import StateRow

LAST_MOMENTS = timedelta(minutes=1)
"""How long before an earlier life's last word its closes may still have been without an order."""
SAVE_AFTER = 0.02
"""Seconds for which changes wait for company before they are handed to the writer."""
MENDED_AFTER = 30.0
"""Seconds without a failure after which the store counts as mended."""

log = EventLog("daemon")


class StoreKeeper:
    """Writes what the engine knows: intents at once, facts soon.

    `failing` is told the first time it cannot, and (with an empty reason) when it can again.
    """

    def __init__(self, database: Database, *, clock: Clock, failing: Callable[[str], None]) -> None:
        self._database = database
        self._clock = clock
        self._failing = failing
        self._state_of: Callable[[int], AccountState | None] = lambda _: None
        self._sealed: SealedLocks | None = None
        self._dirty: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._told = False
        self._failed_at = float("-inf")

    def begin_failing(self) -> None:
        """Take it that people have been told of a store that does not work yet."""
        self._told, self._failed_at = True, self._clock.monotonic()

    @property
    def waiting(self) -> int:
        """Rows that are not written yet."""
        return self._database.writer.waiting

    def watch(self, states: Callable[[int], AccountState | None]) -> None:
        """Take the engines' states as what is to be kept."""
        self._state_of = states

    def seal(self, locks: SealedLocks) -> None:
        """Keep the locks in a sealed list too, and take back from there what the database has lost of them."""
        self._sealed = locks

    def memories(self, account_ids: frozenset[int]) -> dict[int, Memory]:
        """Read what an earlier life remembered; an account whose rows cannot be read begins anew."""
        found: dict[int, Memory] = {}
        for account_id in account_ids:
            memory = None
            try:
                memory = load_memory(self._database.snapshots, account_id)
            except StoreUnavailableError as error:
                self._tell(str(error))
            except (ValueError, ArithmeticError) as error:
                log.exception("memory_unreadable", account_id=account_id, why=str(error))
            if self._sealed is not None:
                memory = self._sealed.restored(account_id, memory)
            if memory is not None:
                found[account_id] = memory
        for row in self._database.snapshots.unreadable:
            log.error("row_unreadable", row=row)
        self._database.snapshots.unreadable.clear()
        return found

    def contracts(self) -> list[Contract]:
        """Read the contracts that the venue has ever told of."""
        try:
            return self._database.snapshots.contracts()
        except StoreUnavailableError as error:
            self._tell(str(error))
            return []

    def exits(self, memories: Mapping[int, Memory]) -> dict[int, list[Call]]:
        """Read what closes and reductions may have been under way when an earlier life ended."""
        found: dict[int, list[Call]] = {}
        for account_id, call in stored_exits(self._last_moments(memories)):
            found.setdefault(account_id, []).append(call)
        return found

    def unfinished(self, memories: Mapping[int, Memory]) -> dict[int, list[Unfinished]]:
        """Read around which exits an earlier life may have left orders that it was about to cancel or change."""
        found: dict[int, list[Unfinished]] = {}
        for account_id, one in unfinished_exits(self._last_moments(memories)):
            found.setdefault(account_id, []).append(one)
        return found

    def _last_moments(self, memories: Mapping[int, Memory]) -> list[Entry]:
        """Read what was journaled last; a life that ended before it had saved any memory may still have made a plan."""
        try:
            known = [memory.now for memory in memories.values()]
            last = min(known) if known else self._database.journal.last_plan_at()
            return [] if last is None else self._database.journal.entries(since=last - LAST_MOMENTS)
        except StoreUnavailableError as error:
            self._tell(str(error))
            return []

    def intend(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Commit plans with the locks that they set; on failure people are told, and the plans go ahead."""
        for plan in plans:
            body: dict[str, object] = {
                "event": type(event).__name__,
                "decisions": [verdict_of(decision) for decision in plan.decisions],
                "actions": [deed_of(action) for action in plan.actions],
                "shadow": plan.shadow,
            }
            state = self._state_of(plan.account_id)
            rows: list[StateRow] = []
            try:
                if state is not None:
                    body["strangers"] = _strangers(state.memory, plan.at)
                    body["orders"] = list(state.working_orders)
                    body["positions"] = {one: holding.position.net_size for one, holding in state.holdings.items()}
                    for part, found in set_by(plan.actions, state.memory).items():
                        rows += self._database.snapshots.changes_among(plan.account_id, part, found, at=plan.at)
                self._database.journal.commit_plan(body, at=plan.at, account_id=plan.account_id, state=rows)
            except StoreUnavailableError as error:
                self._tell(str(error))
            self._dirty.add(plan.account_id)

    def carried_out(self) -> None:
        """Let plans be made safe against the loss of power too, and sealed, as their requests have left."""
        self._wake_writer()
        self._save_soon()

    def learned(self, event: Event) -> None:
        """Let what an event changed be written soon."""
        match event:
            case ContractLearned(contract=contract):
                self._database.snapshots.remember_contract(contract, at=event.at)
            case FeedLost() | FeedRestored():
                self.note(type(event).__name__, {"feed": event.feed.value}, account_id=event.account_id)
            case LockCleared() | LockRequested():
                self._keep_word(event)
            case _:
                pass
        account_id = getattr(event, "account_id", None)
        if account_id is not None:
            self._dirty.add(account_id)
        self._save_soon()

    def _keep_word(self, event: LockCleared | LockRequested) -> None:
        """Commit a lock that somebody asked for or cleared, with its account as it is now, before he is answered."""
        at, account_id = self._clock.now(), event.account_id
        state, rows = self._state_of(account_id), list[StateRow]()
        if state is not None and self._sealed is not None:
            rows += self._sealed.follow_now(account_id, state.lockouts)
        try:
            if state is not None:
                rows += self._database.snapshots.changes(account_id, parts_of(state.memory), at=at)
            self._database.journal.commit(type(event).__name__, event, at=at, account_id=account_id, state=rows)
        except StoreUnavailableError as error:
            self._tell(str(error))
        self._wake_writer()

    def note(self, kind: str, body: object, *, account_id: int | None = None) -> None:
        """Journal something that happened."""
        self._database.journal.append(kind, body, at=self._clock.now(), account_id=account_id)

    def log_enforcement(self, report: Report) -> None:
        """Keep a stage of an enforcement, before it is told: a death of the daemon must not take it back."""
        case = report.case
        body = {
            "case": case.case_id,
            "rules": [decision.rule for decision in case.plan.decisions],
            "decisions": [verdict_of(decision) for decision in case.plan.decisions],
            "actions": [deed_of(action) for action in case.plan.actions],
            "first_request_ms": case.first_request_ms,
            "proven_ms": case.proven_ms,
            "past_limit": case.past_limit,
            "detail": report.detail,
        }
        self._commit_step(report.stage.value, body, at=self._clock.now(), account_id=case.plan.account_id)

    def log_shadows(self, plans: tuple[Plan, ...]) -> None:
        """Keep the plans of which nothing was done."""
        for plan in plans:
            if plan.shadow:
                body = {
                    "case": shadow_id(plan),
                    "decisions": [verdict_of(decision) for decision in plan.decisions],
                    "actions": [deed_of(action) for action in plan.actions],
                }
                self._commit_step("shadow", body, at=plan.at, account_id=plan.account_id)

    def _commit_step(self, kind: str, body: object, *, at: datetime, account_id: int) -> None:
        try:
            self._database.journal.log_enforcement(kind, body, at=at, account_id=account_id)
        except StoreUnavailableError as error:
            self._tell(str(error))
        self._wake_writer()

    def _save_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SAVE_AFTER, self.save)

    def _wake_writer(self) -> None:
        """Let the writer's thread work in the next turn of the loop: in this one requests leave."""
        asyncio.get_running_loop().call_soon(self._database.writer.wake)

    async def compact(self, before: datetime) -> None:
        """Delete the journal's rows that are older, beside everything else."""
        try:
            deleted = await asyncio.to_thread(self._database.journal.compact, before)
        except StoreUnavailableError as error:
            self._tell(str(error))
        else:
            log.info("journal_compacted", before=before, deleted=deleted)

    def save(self) -> None:
        """Hand everything that changed to the writer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        dirty, self._dirty = self._dirty, set()
        now = self._clock.now()
        for account_id in dirty:
            state = self._state_of(account_id)
            if state is None:
                continue
            if self._sealed is not None:
                self._sealed.follow(account_id, state.lockouts)
            try:
                self._database.snapshots.save(account_id, parts_of(state.memory), at=now)
            except StoreUnavailableError as error:
                self._tell(str(error))
        failure = self._database.writer.failure
        if failure is not None:
            self._tell(failure)
        elif self._told and self._clock.monotonic() - self._failed_at >= MENDED_AFTER:
            self._told = False
            self._failing("")
            log.info("store_works_again")

    def _tell(self, why: str) -> None:
        self._failed_at = self._clock.monotonic()
        if self._told:
            return
        self._told = True
        log.error("store_failed", why=why)
        self._failing(why)


def _strangers(memory: Memory, at: datetime) -> list[int]:
    """List the orders that filled lately: after a death none of them may pass for an exit of the plan made now."""
    since = at - CALL_LIFETIME
    lately = takewhile(lambda trade: trade.at > since, reversed(memory.trades.by_id.values()))
    return sorted({trade.order_id for trade in lately})
