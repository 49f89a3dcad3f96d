"""The running daemon: all its parts, wired together."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any, NoReturn

from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.config.held_record import seal_key
from risk_manager.core.events import Event, OrderUpdated, PositionUpdated, QuoteUpdated, Reconciled
from risk_manager.core.rule import RuleMode
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.commands import Commands
from risk_manager.daemon.commitment.commitments import Commitments
from risk_manager.daemon.commitment.login_proof import LoginProof
from risk_manager.daemon.commitment.sealed_locks import SealedLocks
from risk_manager.daemon.compaction import Compaction
from risk_manager.daemon.enforcement.case import Report, Stage
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.daemon.life import Life
from risk_manager.daemon.logs import set_level
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.roster import MakeVenue, Roster
from risk_manager.daemon.rule_guard import RuleGuard
from risk_manager.daemon.telling.alerting import Alerting
from risk_manager.daemon.telling.api_door import ApiDoor
from risk_manager.daemon.telling.figures import Figures
from risk_manager.daemon.telling.health import Health
from risk_manager.daemon.telling.health_watch import watch_health
from risk_manager.daemon.telling.mail import mail_of
from risk_manager.daemon.telling.metrics_door import MetricsDoor
from risk_manager.daemon.telling.overshoot import past_limit
from risk_manager.daemon.telling.pnl_curve import PnlCurves
from risk_manager.daemon.telling.publisher import Publisher
from risk_manager.daemon.telling.stored_curves import StoredCurves
from risk_manager.daemon.telling.stored_history import stored_history
from risk_manager.daemon.telling.vitals import Vitals
from risk_manager.daemon.watching.gaps import Gaps
from risk_manager.daemon.watching.sleep_watch import SleepWatch
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.server import Server
from risk_manager.store.database import Database

log = EventLog("daemon")


class Daemon:
    """All parts of a running daemon; `run` ends only by cancellation."""

    def __init__(
        self,
        home: Home,
        configuration: Configuration,
        *,
        database: Database,
        clock: Clock,
        make_venue: MakeVenue,
        check_password: Callable[[str], bool] | None = None,
    ) -> None:
        self._home = home
        self._clock = clock
        self._check_password = check_password
        self._lasting = ""  # what is amiss with the store for all of this life
        self.keeper = StoreKeeper(database, clock=clock, failing=self._store_failed)
        self.commitments = Commitments(home, database, clock=clock, note=self.keeper.note)
        self.in_force = configuration = self.commitments.begin(configuration)
        self.locks = SealedLocks(home, database, clock=clock, note=self.keeper.note, trouble=self.commitments.trouble)
        self.locks.load(database_is_gone=self.commitments.database_is_gone)
        self.keeper.seal(self.locks)
        self.health = Health(
            clock=clock,
            unwatched=self.commitments.unwatched,
            not_kept=lambda: self.commitments.not_kept or self.locks.file.failure,
        )
        self.health.follow(configuration)
        stored_curves = StoredCurves(database)
        self.curves = PnlCurves(stored_curves.load(), stored_curves.keep)
        self.publisher = Publisher(
            clock=clock,
            nicknames={one.account_id: one.nickname for one in configuration.enabled_accounts},
            curves=self.curves,
        )
        self.publisher.recall(stored_history(database.journal))
        self.publisher.pending_of = self.commitments.pending_of
        self.pipeline = Pipeline(clock=clock, keeper=self.keeper, audience=self)
        self.figures = Figures()
        self.vitals = Vitals(self.pipeline, self.keeper, self.health, self.figures)
        self.guard = RuleGuard(self.alarm)
        self.publisher.measure = self.guard.utilization
        self.gaps = Gaps(self.keeper.note)
        self.roster = Roster(
            configuration=configuration,
            clock=clock,
            pipeline=self.pipeline,
            keeper=self.keeper,
            guard=self.guard,
            gaps=self.gaps,
            audience=self,
            make_venue=make_venue,
            report=self._reported,
            venue_spoke=self.commitments.venue_spoke,
            login_taken=self.commitments.login_taken,
            taken_off=self.commitments.taken_off,
            tag_key=seal_key(home) or secrets.token_bytes(32),
        )
        mail = mail_of(configuration, database, clock=clock)
        self.alerting = Alerting(configuration, mail=mail, life=Life(database, clock=clock), clock=clock)
        self.alerting.watch(self.pipeline.state)
        self.keeper.watch(self.pipeline.state)
        self.publisher.watch(self.pipeline.state)
        self.health.watched, self.health.broken_rules = self.pipeline.accounts, self.guard.broken
        self.api = ApiDoor(self._make_server, opened=self.publisher.speak_through, failing=self._api_failed)
        self.metrics = MetricsDoor(snapshot=self.snapshot, vitals=self.vitals.told, failing=self._metrics_failed)

    async def run(self) -> None:
        """Run every part until cancelled; then take everything down in order."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self.roster.compose(tasks)
                self.commitments.connect(changed=self._bring_into_force, alarm=self.alarm)
                tasks.create_task(LoginProof(self.commitments, self.roster).run())
                tasks.create_task(self.locks.run())
                for file in (self.commitments.file, self.locks.file):
                    tasks.create_task(file.run())
                self.health.logins = [login.watched for login in self.roster.logins]
                tasks.create_task(self.alerting.run())
                port = self.in_force.settings.local_api.port
                if not await self.api.open(port):
                    tasks.create_task(self.api.open_when_free(port))
                self.metrics.open(self.in_force.settings.metrics.port)
                for login in self.roster.logins:
                    tasks.create_task(login.startup.run())
                    tasks.create_task(login.reconciler.run())
                    tasks.create_task(login.startup.close_what_nobody_sees())
                    tasks.create_task(login.quotes.run())
                tasks.create_task(SleepWatch(clock=self._clock, woke=self._woke).run())
                tasks.create_task(self._watch_health())
                tasks.create_task(Compaction(self.keeper, clock=self._clock, is_live=self.roster.is_live).run())
                set_level(self.in_force.settings.logs.level)
                log.info("daemon_started", accounts=sorted(self.pipeline.accounts))
        finally:
            await self._close()

    async def until_proven(self) -> None:
        """Wait until no enforcement is under way: a stop must not leave a position half closed."""
        enforcers = [watched.enforcer for watched in self.pipeline.accounts.values()]
        if any(one.is_under_way for one in enforcers):
            log.info("stopping_after_enforcement")
        for one in enforcers:
            await one.until_proven()

    # what the pipeline tells (see pipeline.Audience)

    def happened(self, event: Event, plans: tuple[Any, ...]) -> None:
        """Pass on what happened, and see whose quotes are wanted now."""
        if log.keeps_details and not isinstance(event, QuoteUpdated):
            log.debug("happened", what=repr(event), plans=len(plans))
        if isinstance(event, PositionUpdated | OrderUpdated | Reconciled):
            for login in self.roster.logins:
                if event.account_id in login.watched.known:
                    login.quotes.look()
        self.keeper.log_shadows(plans)
        self.publisher.happened(event, plans)
        self.alerting.happened(event, plans)

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        """Tell people, and journal it."""
        self.publisher.alarm(code, text, account_id)
        self.alerting.alarm(code, text, account_id)
        self.keeper.note("alarm", {"code": code, "text": text}, account_id=account_id)

    def _woke(self, seconds: float) -> None:
        """Catch up with what passed while the machine slept."""
        log.warning("machine_slept", seconds=round(seconds, 1))
        self.alerting.slept(seconds)
        self.commitments.look()
        self.pipeline.look_at_clock()
        for login in self.roster.logins:
            login.reconciler.woke(seconds)

    def _reported(self, report: Report) -> None:
        """Note a stage of an enforcement; at the proof, how far past the limit it ended."""
        if report.stage is Stage.PROVEN:
            state = self.pipeline.state(report.case.plan.account_id)
            if state is not None:
                report.case.past_limit = past_limit(report.case.plan, state, self.guard.utilization)
        self.figures.reported(report)
        self.keeper.log_enforcement(report)
        self.publisher.reported(report)
        self.alerting.reported(report)

    # the local API

    def _make_server(self) -> Server:
        commands = Commands(
            home=self._home,
            take_on=self.take_on,
            set_mode=self.set_mode,
            in_force=lambda: self.in_force,
            commitments=self.commitments,
            pipeline=self.pipeline,
            keeper=self.keeper,
            health=self.health,
            vitals=self.vitals,
            clock=self._clock,
        )
        return Server(
            snapshot=self.snapshot,
            on_command=commands,
            check_password=self._check_password,
            seconds=lambda: self._clock.now().timestamp(),
        )

    def snapshot(self) -> Snapshot:
        """Tell everything that a screen needs."""
        self.publisher.flush()
        return Snapshot(
            at=self._clock.now(),
            daemon=self.health.daemon_status(),
            feeds=self.health.feed_statuses(),
            parts=self.health.parts(),
            accounts=self.publisher.accounts(),
            recent=tuple(self.publisher.recent),
        )

    def _watch_health(self) -> Coroutine[Any, Any, NoReturn]:
        return watch_health(
            self.health,
            clock=self._clock,
            tell=self.publisher.tell,
            tell_latest=self.publisher.tell_latest,
            note=self.keeper.note,
            has_listeners=lambda: self.api.has_listeners,
        )

    def take_on(self, fresh: Configuration) -> tuple[str, ...]:
        """Follow changed files, but for what must wait; return what of them waits for a restart, in words."""
        return self._bring_into_force(self.commitments.follow(fresh))

    def set_mode(self, mode: RuleMode) -> None:
        """Act, or only say what would be done, until the files are read again; the looser mode waits."""
        self._bring_into_force(self.commitments.set_mode(mode))

    def _bring_into_force(self, fresh: Configuration) -> tuple[str, ...]:
        self.in_force = fresh
        self.publisher.name({one.account_id: one.nickname for one in fresh.enabled_accounts})
        self.health.follow(fresh)
        self.alerting.follow(fresh)
        set_level(fresh.settings.logs.level)
        waits = self.roster.take_on(fresh)
        self.alerting.remember_locks()
        self.api.tell_anew()
        return waits

    def begin_in_trouble(self, lasting: Iterable[str], *, passing: str) -> None:
        """Tell people what is amiss with the store from the start on, for all of this life or until it works."""
        self._lasting = "; ".join(filter(None, lasting))
        if passing:
            self.keeper.begin_failing()
        if why := "; ".join(filter(None, (self._lasting, passing))):
            self.health.store_failure = why
            self.alarm("STORE_FAILED", why)

    def _api_failed(self, why: str) -> None:
        self.health.api_failure = why

    def _metrics_failed(self, why: str) -> None:
        self.health.metrics_failure = why

    def _store_failed(self, why: str) -> None:
        """Tell that the store fails; without a reason, that it works again."""
        self.health.store_failure = f"{why}: going on in memory" if why else self._lasting
        if why:
            self.publisher.alarm("STORE_FAILED", self.health.store_failure)
            self.alerting.alarm("STORE_FAILED", self.health.store_failure)

    async def _close(self) -> None:
        """Stop judging, say goodbye, leave the venue, and store what is left."""
        self.health.is_stopping = True
        self.pipeline.stop()
        self.commitments.stop()
        self.publisher.tell(None, self.health.daemon_status())
        await self.api.aclose()
        await self.metrics.aclose()
        for login in self.roster.logins:
            with suppress(OSError):
                await login.watched.venue.aclose()
        self.publisher.flush()
        self.curves.keep_all()
        self.keeper.save()
        self.locks.finish()
        self.commitments.file.finish()
        self.keeper.note("daemon_stopped", {})
        await self.alerting.aclose()  # the last, as it may take a moment
        log.info("daemon_stopped")
