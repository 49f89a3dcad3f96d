"""What each account is held to: read at the start, settled with every change of the files, loosened when it is due."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from risk_manager.config.commitment import Commitment
from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.config.general_terms import write_general
from risk_manager.config.held_record import Record, venue_of
from risk_manager.config.in_force import in_force, with_mode
from risk_manager.config.problems import broken_words
from risk_manager.config.secrets import SecretUnavailableError
from risk_manager.config.terms import Change, Held
from risk_manager.config.writing import differences
from risk_manager.core.rule import RuleMode
from risk_manager.daemon.clock import Clock, VenueClock
from risk_manager.daemon.commitment.held_keys import fingerprint, forget_key, keep_keys, key_of
from risk_manager.daemon.commitment.held_store import HeldStore
from risk_manager.daemon.commitment.pending_view import pending_changes, pending_lines
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.timer import Timer
from risk_manager.local_api.pending import PendingChange
from risk_manager.store.database import Database

log = EventLog("daemon")


class Note(Protocol):
    """Journals something that happened."""

    def __call__(self, kind: str, body: object, *, account_id: int | None = None) -> None:
        """Journal it."""


class Commitments:
    """Between the files and all parts that follow them: what is looser comes through when it is due.

    `changed` is told of every configuration that comes into force by itself, `alarm` what people have to know. Until
    the venue has told the time (`venue_spoke`), nothing that waits comes into force.
    """

    def __init__(self, home: Home, database: Database, *, clock: Clock, note: Note) -> None:
        self._home = home
        self._clock = clock
        self._note = note
        self._store = HeldStore(home, database, trouble=self._trouble)
        self._timer = Timer(clock=clock, tick=lambda _: self._apply())
        self._commitment = Commitment()
        self._record = Record()
        self._is_timed = False
        self._keys: dict[str, str] = {}
        self._keys_changed = asyncio.Event()
        self._troubles: list[tuple[str, str]] = []
        self._alarm: Callable[[str, str], None] | None = None
        self._changed: Callable[[Configuration], object] = lambda _: None

    def begin(self, written: Configuration) -> Configuration:
        """Read what an earlier life was held to; return the configuration in force, for which nothing was loosened.

        Where the files are broken, all that was held goes on as it is: nothing is tightened, nothing falls due.
        """
        self._record = self._store.load()
        self._written = written
        self._venue = venue_of(written.gateway.api)
        self._commitment.held = self._record.held_at(self._venue, frozenset(written.policies))
        self._in_force = self._settle(None)
        if self._store.mended:
            self._note("commitment", {"state": "mended", **self._store.mended})
        if self._store.mended or self._record.revision == 0:
            self._keep()
        if written.broken:
            self._trouble("CONFIGURATION_BROKEN", broken_words(written.broken))
        return self._in_force

    def connect(self, *, changed: Callable[[Configuration], object], alarm: Callable[[str, str], None]) -> None:
        """Tell these from now on, and what has waited to be told."""
        self._changed, self._alarm = changed, alarm
        for code, text in self._troubles:
            alarm(code, text)

    def follow(self, written: Configuration) -> Configuration:
        """Take changed files; return the configuration in force."""
        # another venue is taken on with the next start, and so is what is held there
        was_broken, self._written = self._written.broken, replace(written, gateway=self._written.gateway)
        self._in_force = self._settle(None if was_broken else self._now())
        if was_broken:
            self._apply()  # what fell due before the files were mended is told as it would have been
        return replace(self._in_force, gateway=written.gateway)

    def set_mode(self, mode: RuleMode) -> Configuration:
        """Follow a mode as if the files said so, until they are read again; return the configuration in force."""
        return self.follow(with_mode(self._written, mode))

    def venue_spoke(self) -> None:
        """Note that the venue has answered a login that it accepted: what is due comes into force."""
        if self._is_timed or (isinstance(self._clock, VenueClock) and not self._clock.is_anchored):
            return
        self._is_timed = True
        self._apply()

    def look(self) -> None:
        """Look at the clock now: the machine has slept."""
        self._timer.look()

    def stop(self) -> None:
        """Let nothing come into force any more."""
        self._timer.stop()

    def cancel(self, account_id: int | None, what: str | None) -> list[str]:
        """Let waiting changes (None: all) never come; return them in words."""
        chosen = sorted(self._commitment.held) if account_id is None else [account_id]
        cancelled = [(one, change) for one in chosen for change in self._commitment.cancel(one, what)]
        for one, change in cancelled:
            self._journal(one, "cancelled", change)
        if cancelled:
            self._keep()
            self._arm()
            self._changed(self._in_force)
        return [f"{change} of account {one}" for one, change in cancelled]

    def pending_of(self, account_id: int) -> tuple[PendingChange, ...]:
        """Word what waits for an account."""
        return pending_changes(self._commitment.held.get(account_id))

    def lines(self) -> list[str]:
        """Tell in words all that waits."""
        return [line for one, held in self._commitment.held.items() for line in pending_lines(one, held)]

    async def keep_keys(self) -> None:
        """Keep what stands in the files in the clear: an account may be taken off with its key, a file may break."""
        while True:
            await self._keys_changed.wait()
            self._keys_changed.clear()
            known = self._record.keys
            new = {name: key for name, key in self._clear_secrets().items() if known.get(name) != fingerprint(key)}
            kept = await keep_keys(self._home, new)
            if kept:
                self._record = replace(self._record, keys={**self._record.keys, **kept})
                self._keep()

    def _now(self) -> datetime | None:
        return self._clock.now() if self._is_timed else None

    def _apply(self) -> None:
        """Bring into force what is due, and say so."""
        before = {one: held.terms for one, held in self._commitment.held.items()}
        fresh = self._settle(self._now())
        if fresh == self._in_force:
            return
        self._in_force = fresh
        for account_id, terms in before.items():
            held = self._commitment.held.get(account_id)
            changes = ["it is left alone"] if held is None else list(map(str, differences(terms, held.terms)))
            if changes and self._alarm is not None:
                self._alarm("LIMITS_LOOSENED", f"account {account_id}, in force now: {'; '.join(changes)}")
        self._changed(fresh)

    def _settle(self, now: datetime | None) -> Configuration:
        self._keys |= {one.username: one.api_key for one in self._written.enabled_accounts}
        before = dict(self._commitment.held)
        held = before if self._written.broken else self._commitment.wish(self._written.terms, now)
        if held != before or self._general() != self._record.general:
            for account_id in sorted(before.keys() | held.keys()):
                self._tell_journal(account_id, before.get(account_id), held.get(account_id))
            self._keep()
        self._arm()
        self._keys_changed.set()
        return in_force(self._written, held, dict(self._keys_of(held)))

    def _arm(self) -> None:
        now = self._now()
        if now is not None:
            self._timer.arm(self._commitment.next_due(now))

    def _keep(self) -> None:
        held, keys = self._commitment.held, dict(self._record.keys)
        if not self._written.broken:
            # a key is kept only for as long as it has no other place
            wanted = {one.terms.route.username for one in held.values() if not one.terms.route.key}
            for name in keys.keys() - wanted - self._clear_secrets().keys():
                forget_key(self._home, name)
                del keys[name]
        record = replace(self._record, keys=keys, general=self._general())
        self._record = record.with_held(self._venue, held)
        self._store.save(self._record, self._clock.now())

    def _general(self) -> Mapping[str, object]:
        return self._record.general if self._written.broken else write_general(self._written)

    def _keys_of(self, held: Mapping[int, Held]) -> Iterator[tuple[int, str]]:
        """Find the API keys of accounts that are held and that the files do not list any more."""
        watched = {one.account_id for one in self._written.enabled_accounts}
        for account_id in sorted(held.keys() - watched):
            route = held[account_id].terms.route
            try:
                key = self._keys.get(route.username) or key_of(self._home, route)
            except SecretUnavailableError as error:
                text = f"account {account_id} is still held, but cannot be watched without its key: {error}"
                self._trouble("COMMITMENT_KEY_GONE", text)
                continue
            self._keys[route.username] = key
            yield account_id, key

    def _clear_secrets(self) -> dict[str, str]:
        """Name what stands in the files in the clear."""
        found = {one.username: one.api_key for one in self._written.enabled_accounts if not one.key_reference}
        return found | {name: secret for one in self._written.alerts for name, secret in one.clear_secrets.items()}

    def _tell_journal(self, account_id: int, before: Held | None, after: Held | None) -> None:
        """Note every change of what holds, of what waits, and of what waits no more."""
        if before is None or after is None:
            self._note("commitment", {"state": "left alone" if after is None else "held"}, account_id=account_id)
            return
        changed = list(differences(before.terms, after.terms))
        for change in changed:
            self._journal(account_id, "in force", change)
        waited = {one.change for one in before.pending}
        for one in after.pending:
            if one.change not in waited:
                self._journal(account_id, "waits", one.change, one.due_at)
        over = waited - {one.change for one in after.pending} - set(after.cancelled)
        # of a list or a section the journal names the entries that have changed
        names = {change.what for change in changed} | {change.what.rpartition(".")[0] for change in changed}
        for change in sorted(over, key=str):
            if change.what not in names:
                self._journal(account_id, "taken back", change)

    def _journal(self, account_id: int, state: str, change: Change, due_at: datetime | None = None) -> None:
        body = {"state": state, "what": change.what, "old": change.old, "new": change.new}
        if due_at is not None:
            body["due_at"] = due_at.isoformat()
        self._note("commitment", body, account_id=account_id)
        log.info("commitment", account_id=account_id, **body)

    def _trouble(self, code: str, text: str) -> None:
        """Tell people; before anybody listens, it waits."""
        log.error("commitment_trouble", code=code, text=text)
        if self._alarm is None:
            self._troubles.append((code, text))
        else:
            self._alarm(code, text)
