"""What each account is held to: read at the start, settled with every change of the files, loosened when it is due."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from risk_manager.config.accounts import Gateway
from risk_manager.config.commitment import Commitment
from risk_manager.config.configuration import Configuration
from risk_manager.config.files import Home
from risk_manager.config.in_force import in_force, with_mode
from risk_manager.config.login_terms import Login, login_of
from risk_manager.config.problems import ConfigurationRefusedError, broken_words
from risk_manager.config.terms import Held
from risk_manager.config.writing import differences
from risk_manager.core.rule import RuleMode
from risk_manager.daemon.clock import Clock, VenueClock
from risk_manager.daemon.commitment.candidates import Candidate, candidates
from risk_manager.daemon.commitment.held_store import HeldStore
from risk_manager.daemon.commitment.ledger import Ledger
from risk_manager.daemon.commitment.notes import Body, Note, note, notes
from risk_manager.daemon.commitment.pending_view import pending_changes, pending_lines
from risk_manager.daemon.commitment.unheard import Unheard
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.timer import Timer
from risk_manager.local_api.pending import PendingChange
from risk_manager.store.database import Database

log = EventLog("daemon")


class Commitments:
    """Between the files and all parts that follow them: what is looser comes through when it is due.

    `changed` is told of every configuration that comes into force by itself, `alarm` what people have to know. Until
    the venue has told the time (`venue_spoke`), nothing that waits comes into force.
    """

    def __init__(self, home: Home, database: Database, *, clock: Clock, note: Note) -> None:
        self._clock = clock
        self._note = note
        self._store = HeldStore(home, database, trouble=self.trouble)
        self._ledger = Ledger(home, self._store, clock=clock)
        self.file = self._store.file
        self._timer = Timer(clock=clock, tick=lambda _: self._apply())
        self._unheard = Unheard(clock)
        self._commitment = Commitment()
        self._is_timed = False
        self._in_use: dict[str, Login] = {}
        self._keyless: frozenset[int] = frozenset()
        self._replaced: frozenset[int] = frozenset()
        self.to_be_seen = asyncio.Event()
        """Set when keys may have to be kept, and candidates tried."""
        self.taken_off: Mapping[int, frozenset[str]] = {}
        """Rules that were taken off while the daemon was down, with their locks: both copies knew of them."""
        self.troubles: list[tuple[str, str]] = []
        self._alarm: Callable[[str, str], None] | None = None
        self._changed: Callable[[Configuration], Collection[str]] = lambda _: ()

    def begin(self, written: Configuration) -> Configuration:
        """Read what an earlier life was held to; return the configuration in force, for which nothing was loosened.

        Where the files are broken, all that was held goes on as it is: nothing is tightened, nothing falls due.
        """
        record = self._ledger.load()
        self._gateway = record.gateway(written.gateway.addresses)
        last = record.venues.get(record.venue, {})
        wanted = frozenset(last if written.broken else written.policies)
        self._commitment.held = record.held_at(self._gateway, wanted)
        self._written = written
        before = dict(self._commitment.held)
        self._in_force = self._settle(None)
        if self._ledger.mended:
            self._note("commitment", {"state": "mended", **self._ledger.mended})
        else:  # a copy that somebody has changed ends no lock
            self.taken_off = {
                one: held.terms.policy.locks_ended_by(self._commitment.held[one].terms.policy)
                for one, held in before.items()
                if one in self._commitment.held
            }
        if self._ledger.is_to_be_written:
            self._keep()
        if written.broken:
            self.trouble("CONFIGURATION_BROKEN", broken_words(written.broken))
        return self._in_force

    @property
    def database_is_gone(self) -> bool:
        """Tell whether something was held when this life began, and the database knew nothing of it."""
        return self._store.database_is_gone

    @property
    def not_kept(self) -> str:
        """Tell why a later life may not believe what is agreed; empty while both of its places have it."""
        return self._store.failure

    def connect(
        self, *, changed: Callable[[Configuration], Collection[str]], alarm: Callable[[str, str], None]
    ) -> None:
        """Tell these from now on, and what has waited to be told; `changed` answers what waits for a restart."""
        self._changed, self._alarm = changed, alarm
        for code, text in self.troubles:
            alarm(code, text)

    def follow(self, written: Configuration) -> Configuration:
        """Take changed files; return the configuration in force.

        Raises `ConfigurationRefusedError` where the key of an account that nothing holds cannot be had.
        """
        missing = [problem for one, problem in written.keyless.items() if one not in self._commitment.held]
        if missing:
            raise ConfigurationRefusedError(missing)
        was_broken, self._written = self._written.broken, written
        self._in_force = self._settle(None if was_broken else self._now())
        if was_broken:
            self._apply()  # what fell due before the files were mended is told as it would have been
        return self._in_force

    def set_mode(self, mode: RuleMode) -> Configuration:
        """Follow a mode as if the files said so, until they are read again; return the configuration in force."""
        return self.follow(with_mode(self._written, mode))

    def venue_spoke(self) -> None:
        """Note that the venue has answered a login that it accepted: what is due comes into force."""
        if self._is_timed or (isinstance(self._clock, VenueClock) and not self._clock.is_anchored):
            return
        self._is_timed = True
        self._apply()

    def login_taken(self, username: str, listed: Collection[int]) -> None:
        """Note which accounts the venue lists for a login that is in use: they are held to it from now on."""
        login = self._in_use.get(username)
        instead = {one.account_id for one in self._written.enabled_accounts if one.username == username}
        held = {
            one: of
            for one, of in self._commitment.held.items()
            if of.terms.gateway.plain == self._gateway.plain
            and (of.terms.login.username == username or one in self._keyless & instead)
        }
        fresh = {one for one in held.keys() & set(listed) if not held[one].is_proven or held[one].terms.login != login}
        bound = {one for one, of in held.items() if of.is_proven and of.terms.login != login}
        if login is None or not fresh or not bound <= set(listed):
            return
        self._prove(fresh, login)

    def candidates(self) -> list[Candidate]:
        """List what the files ask for in the place of logins that hold."""
        return candidates(self._commitment.held, self._written.terms, set(self._in_use.values()))

    def key_of(self, login: Login) -> str | None:
        """Find the key of a login."""
        return self._ledger.key_of(login)

    def accept(self, candidate: Candidate) -> None:
        """Let a login that shows the same accounts take the place of the one that they are held to, at once."""
        if candidate in self.candidates():
            self._prove(candidate.account_ids, candidate.login)
            names = ", ".join(map(str, sorted(candidate.account_ids)))
            text = f"login {candidate.held} → {candidate.login} for account {names}: the venue shows the same accounts"
            self.trouble("LOGIN_CHANGED", text)

    def unwatched(self) -> str:
        """Name in words the accounts that are held and cannot be watched; empty where there are none."""
        gone = sorted(self._keyless - {one.account_id for one in self._in_force.enabled_accounts})
        return f"not watched, as their API key cannot be had: account {', '.join(map(str, gone))}" if gone else ""

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
            self._journal(one, note("cancelled", change))
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
        """Keep the keys of all logins that are held, and what stands in the clear: the files may change or break."""
        if await self._ledger.seal_keys(self._commitment.held):
            self._keep()
        if await self._ledger.seal_secrets(self._written):
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
        needed = self._changed(fresh)
        restart = f"; restart the daemon for: {', '.join(needed)}" if needed else ""
        for account_id, terms in before.items():
            held = self._commitment.held.get(account_id)
            changes = ["it is left alone"] if held is None else list(map(str, differences(terms, held.terms)))
            if changes and self._alarm is not None:
                self._alarm("LIMITS_LOOSENED", f"account {account_id}, in force now: {'; '.join(changes)}{restart}")

    def _prove(self, account_ids: Collection[int], login: Login) -> None:
        before = dict(self._commitment.held)
        self._commitment.prove(account_ids, login, self._gateway)
        for account_id, body in notes(before, self._commitment.held):
            self._journal(account_id, body)
        fresh = self._settle(self._now())
        self._keep()
        if fresh != self._in_force:
            self._in_force = fresh
            self._changed(fresh)

    def _settle(self, now: datetime | None) -> Configuration:
        self._ledger.learn(self._written)
        before = dict(self._commitment.held)
        held = before
        if not self._written.broken:
            held = self._commitment.wish(self._written.terms, now, self._unheard.over() if now is None else ())
        if held != before or not self._ledger.tells_all_of(self._written):
            for account_id, body in notes(before, held):
                self._journal(account_id, body)
            self._keep()
        self._unheard.follow(held if now is None else {})
        self._arm()
        self.to_be_seen.set()
        fresh = in_force(self._written, held, self._keys_of(held))
        if any(one.is_proven for one in held.values()):
            fresh = replace(fresh, gateway=Gateway(**asdict(self._gateway)))
        self._in_use = {one.username: login_of(one.username, one.api_key) for one in fresh.enabled_accounts}
        return fresh

    def _arm(self) -> None:
        now = self._now()
        if now is not None:
            self._timer.arm(self._commitment.next_due(now))
        elif (left := self._unheard.seconds_left()) is not None:
            self._timer.arm(self._clock.now() + timedelta(seconds=left))

    def _keep(self) -> None:
        self._ledger.keep(self._commitment.held, self._gateway, self._written)

    def _keys_of(self, held: Mapping[int, Held]) -> dict[int, str]:
        """Find the API keys of the accounts that are held; say of which there is none."""
        keys = self._ledger.keys_of(held)
        listed = {one.account_id for one in self._written.enabled_accounts if one.api_key}
        before, self._keyless = self._keyless, frozenset(one for one, key in keys.items() if key is None)
        for account_id in sorted(self._keyless - before):
            login = held[account_id].terms.login
            instead = "the one that the files name is tried" if account_id in listed else "it is not watched"
            store = f"store its key again: risk-manager admin accounts edit {account_id} --key, then restart the daemon"
            mend = f"mend the files first, then {store}" if self._written.broken else store
            why = self._ledger.why_not(login)
            gone = f"that key cannot be had ({why})" if why else "that key cannot be had"
            text = f"account {account_id} is held to the login {login}, and {gone}: {instead}; {mend}"
            self.trouble("COMMITMENT_KEY_GONE", text)
        found = {one: key for one, key in keys.items() if key is not None}
        self._tell_replaced(found.keys())
        return found

    def _tell_replaced(self, found: Collection[int]) -> None:
        """Say of which accounts the files name a key that cannot be had, where the one that was kept serves instead."""
        replaced = {one: problem for one, problem in self._written.keyless.items() if one in found}
        for account_id in sorted(replaced.keys() - self._replaced):
            serves = "the key that the daemon has kept serves in its place"
            store = f"store it again: risk-manager admin accounts edit {account_id} --key"
            self.trouble("KEPT_KEY_SERVES", f"account {account_id}: {replaced[account_id]}: {serves}; {store}")
        self._replaced = frozenset(replaced)

    def _journal(self, account_id: int, body: Body) -> None:
        self._note("commitment", body, account_id=account_id)
        log.info("commitment", account_id=account_id, **body)

    def trouble(self, code: str, text: str) -> None:
        """Tell people; before anybody listens, it waits."""
        log.error("commitment_trouble", code=code, text=text)
        if self._alarm is None:
            self.troubles.append((code, text))
        else:
            self._alarm(code, text)
