"""What happens in the daemon, turned into alarms after the requests have left; nobody here is ever waited for."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol

from risk_manager.alerts import wording
from risk_manager.alerts.alert import Alert
from risk_manager.config.alerts import AlertKind
from risk_manager.config.configuration import Configuration
from risk_manager.core.decisions import Plan
from risk_manager.core.events import Event, Feed, FeedRestored, LockCleared, QuoteUpdated
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.case import Report, Stage
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.life import BEAT_EVERY, Life
from risk_manager.daemon.telling.lock_changes import Cause, LockChanges

TELL_AFTER = 0.1
"""Seconds for which alarms wait before they are even worded: requests, answers and proofs go first."""
_KINDS = {
    "BLIND_WITH_EXPOSURE": AlertKind.BLIND,
    "ENGINE_BROKE": AlertKind.FAILED,
    "ENFORCEMENT_BROKE": AlertKind.FAILED,
    "RULE_BROKE": AlertKind.FAILED,
}
"""What the alarms of other parts are about; all others are about the daemon."""
_CAUSES = {
    Cause.EXPIRED: "its time is over",
    Cause.ADMIN: "an admin ended it",
    Cause.RULE: "its reason is gone",
}

log = EventLog("daemon")


class Out(Protocol):
    """The way to people."""

    def deliver(self, alert: Alert) -> None:
        """Take an alarm in, and return at once."""

    async def run(self) -> None:
        """Carry alarms out for as long as the daemon lives."""

    async def aclose(self) -> None:
        """Tell what can be told within a moment."""


class Alerting:
    """Hears what the publisher hears. Without a channel it does nothing at all."""

    def __init__(self, configuration: Configuration, *, mail: Out | None, life: Life, clock: Clock) -> None:
        self._mail = mail
        self._life = life
        self._clock = clock
        self._state_of: Callable[[int], AccountState | None] = lambda _: None
        self._nicknames: dict[int, str] = {}
        self.follow(configuration)
        self._pending: deque[Callable[[], Iterable[Alert]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._locks = LockChanges()
        self._blind: set[int] = set()
        self._failed: set[str] = set()

    def watch(self, states: Callable[[int], AccountState | None]) -> None:
        """Take the engines' states as what is told of."""
        self._state_of = states

    def follow(self, configuration: Configuration) -> None:
        """Take the accounts of the files."""
        self._nicknames = {one.account_id: one.nickname for one in configuration.enabled_accounts}

    async def run(self) -> None:
        """Say that the daemon is up, and carry alarms out, for as long as it lives."""
        if self._mail is None:
            return
        self.remember_locks()
        earlier, now = self._life.earlier(), self._clock.now()
        heard_at = None if earlier is None else earlier.heard_at
        stopped_at = heard_at if earlier is not None and earlier.stopped else None
        self._tell(wording.started(at=now, accounts=len(self._nicknames), stopped_at=stopped_at, heard_at=heard_at))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._mail.run())
            while True:
                self._life.beat()
                await asyncio.sleep(BEAT_EVERY)

    async def aclose(self) -> None:
        """Say that the daemon stops, as far as somebody can be told within a moment."""
        if self._mail is None:
            return
        self._flush()
        self._tell(wording.stopped(at=self._clock.now()))
        self._life.end()
        await self._mail.aclose()

    def remember_locks(self) -> None:
        """Take the locks of accounts that are new here as known: they are restored ones."""
        for account_id in self._nicknames:
            state = self._state_of(account_id)
            if state is not None:
                self._locks.remember(state)

    # what is heard; each of these only notes it

    def happened(self, event: Event, plans: tuple[Plan, ...]) -> None:
        """Note an event and its plans."""
        if plans or isinstance(event, LockCleared | FeedRestored):
            self._note(lambda: self._of_event(event, plans))
        elif not isinstance(event, QuoteUpdated):
            self._wake()  # a lock may have ended

    def reported(self, report: Report) -> None:
        """Note a stage of an enforcement."""
        stage, detail = report.stage, report.detail
        if stage is not Stage.STARTED:
            plan, case_id, at = report.case.plan, report.case.case_id, self._clock.now()
            self._note(lambda: self._of_stage(plan, case_id, stage, detail, at))

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        """Note an alarm of another part."""
        at = self._clock.now()
        self._note(lambda: self._of_alarm(code, text, account_id, at))

    def slept(self, seconds: float) -> None:
        """Note that the machine slept."""
        at = self._clock.now()
        self._note(lambda: [wording.slept(at=at, seconds=seconds)])

    # what is made of it

    def _note(self, word: Callable[[], Iterable[Alert]]) -> None:
        if self._mail is None:
            return
        self._pending.append(word)
        self._wake()

    def _wake(self) -> None:
        if self._mail is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TELL_AFTER, self._flush)

    def _flush(self) -> None:
        """Word everything that waits, and hand it on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._pending:
            self._tell_all(self._pending.popleft())
        self._tell_all(self._of_locks)

    def _tell_all(self, word: Callable[[], Iterable[Alert]]) -> None:
        try:
            for alert in word():
                if self._mail is not None:
                    self._mail.deliver(alert)
        except Exception:  # an alarm that cannot be told must not keep the others, nor the daemon
            log.exception("alarm_not_told")

    def _tell(self, alert: Alert) -> None:
        self._tell_all(lambda: [alert])

    def _of_event(self, event: Event, plans: tuple[Plan, ...]) -> Iterable[Alert]:
        for plan in plans:
            told = self._told(plan.account_id)
            for decision in plan.decisions:
                if decision.breach:
                    yield wording.breach(told, decision, plan.actions, at=plan.at, shadow=plan.shadow)
        match event:
            case LockCleared():
                self._locks.hear(event)
            case FeedRestored(at=at, feed=Feed.USER, account_id=account_id):
                for one in sorted(self._blind if account_id is None else self._blind & {account_id}):
                    self._blind.discard(one)
                    yield wording.sees_again(self._told(one), at=at)
            case _:
                return

    def _of_stage(self, plan: Plan, case_id: str, stage: Stage, detail: str, at: datetime) -> Iterable[Alert]:
        told, rules = self._told(plan.account_id), [decision.rule for decision in plan.decisions]
        if stage is Stage.FAILED:
            self._failed.add(case_id)
            yield wording.not_enforced(told, rules, at=at, detail=detail)
        elif case_id in self._failed:
            self._failed.discard(case_id)
            yield wording.enforced_after_all(told, rules, at=at)

    def _of_alarm(self, code: str, text: str, account_id: int | None, at: datetime) -> Iterable[Alert]:
        kind = _KINDS.get(code, AlertKind.DAEMON)
        if kind is AlertKind.BLIND and account_id is not None:
            self._blind.add(account_id)
        told = None if account_id is None else self._told(account_id)
        yield wording.trouble(told, code, text, kind=kind, at=at)

    def _of_locks(self) -> Iterable[Alert]:
        """Compare the locks with those that were told."""
        now = self._clock.now()
        for account_id in self._nicknames:
            state = self._state_of(account_id)
            if state is None:
                continue
            told = self._told(account_id)
            for change in self._locks.since_told(state, now=now):
                if change.ended is None:
                    yield wording.locked(told, change.lock, at=now)
                else:
                    yield wording.unlocked(told, change.lock, at=now, cause=_CAUSES[change.ended])

    def _told(self, account_id: int) -> wording.Told:
        state = self._state_of(account_id)
        zone = UTC if state is None else state.policy.calendar.zone
        return wording.Told(account_id, self._nicknames.get(account_id, ""), zone)
