"""The logins and accounts that are watched: made at the start, and kept in line with the files."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from risk_manager.config.configuration import Configuration
from risk_manager.core.engine import Engine
from risk_manager.core.events import EnforcementFinished, Event, PolicyChanged
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.state.memory import Memory
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.case import Report
from risk_manager.daemon.enforcement.enforcer import Enforcer, Tasks
from risk_manager.daemon.enforcement.own_orders import Call, OwnOrders
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.daemon.pipeline import Audience, Pipeline
from risk_manager.daemon.rule_guard import RuleGuard
from risk_manager.daemon.startup import Startup
from risk_manager.daemon.watched import Watched
from risk_manager.daemon.watching.gaps import Gaps
from risk_manager.daemon.watching.quote_watch import QuoteWatch
from risk_manager.daemon.watching.reconciler import Reconciler
from risk_manager.daemon.watching.watched_login import LoginState, Polling, WatchedLogin
from risk_manager.gateway.port import Venue

MakeVenue = Callable[[Configuration, str, str, Clock], Venue]
"""Makes the venue of a login: configuration, username, key, clock."""


@dataclass(slots=True)
class Login:
    """One login with the parts that work for it."""

    watched: WatchedLogin
    reconciler: Reconciler
    startup: Startup
    quotes: QuoteWatch


@dataclass(slots=True, kw_only=True)
class Roster:
    """Who is watched, by which parts. `compose` makes all of it once; `take_on` follows changed files."""

    configuration: Configuration
    clock: Clock
    pipeline: Pipeline
    keeper: StoreKeeper
    guard: RuleGuard
    gaps: Gaps
    audience: Audience
    make_venue: MakeVenue
    report: Callable[[Report], None]
    venue_spoke: Callable[[], None]
    """Told whenever the venue has answered a login that it accepted."""
    login_taken: Callable[[str, frozenset[int]], None]
    """Told which accounts the venue lists for a username."""
    taken_off: Mapping[int, frozenset[str]]
    """Rules that an account has lost while the daemon was down, and whose locks end with them."""
    tag_key: bytes
    """What the tags of the daemon's own orders are sealed with."""
    logins: list[Login] = field(default_factory=list)
    _tasks: Tasks | None = None
    _contracts: list[Contract] = field(default_factory=list)
    _set_aside: dict[int, Memory] = field(default_factory=dict)

    def compose(self, tasks: asyncio.TaskGroup) -> None:
        """Make an engine and an enforcer for each account, and the parts of each login."""
        self._tasks = tasks
        enabled = self.configuration.enabled_accounts
        memories = self.keeper.memories(frozenset(one.account_id for one in enabled))
        exits = self.keeper.exits(memories)
        unfinished = self.keeper.unfinished(memories)
        self._contracts = self.keeper.contracts()
        for username, api_key in _keys(self.configuration).items():
            mine = [one.account_id for one in enabled if one.username == username]
            venue = self.make_venue(self.configuration, username, api_key, self.clock)
            for account_id in mine:
                self._watch(account_id, venue, memories.get(account_id), exits.get(account_id, ()))
                watched = self.pipeline.accounts[account_id]
                watched.unfinished = tuple(unfinished.get(account_id, ()))
                watched.taken_off = self.taken_off.get(account_id, frozenset())
            self.logins.append(self._login(username, venue, mine))

    def take_on(self, fresh: Configuration) -> tuple[str, ...]:
        """Follow changed files at once; return what of them waits for a restart, in words."""
        old, self.configuration = self.configuration, fresh
        waits = _wait_for_restart(old, fresh, {login.watched.username for login in self.logins})
        self.guard.forget()
        owners = {one.account_id: one.username for one in fresh.enabled_accounts}
        known, keys = _keys(old), _keys(fresh)
        for login in self.logins:
            username = login.watched.username
            if keys.get(username, known.get(username)) != known.get(username):
                login.watched.take_key(keys[username])
            mine = {account_id for account_id, owner in owners.items() if owner == username}
            kept = {one for one in login.watched.account_ids if one in owners and owners[one] != username}
            self._adjust(login, mine, kept)
        for account_id, policy in fresh.policies.items():
            if (watched := self.pipeline.accounts.get(account_id)) is not None:
                if watched.held is not None and account_id in old.policies:  # the engine begins with this policy
                    watched.taken_off |= old.policies[account_id].locks_ended_by(policy)
                    watched.taken_off -= {rule.name for rule in policy.rules}
                event = PolicyChanged(at=self.clock.now(), policies={account_id: policy})
                self.pipeline.post_to(account_id, event)
        return waits

    async def listed_for(self, username: str, api_key: str) -> frozenset[int]:
        """Log in anew, beside what is running, and list the accounts of the login; raise `GatewayError`."""
        venue = self.make_venue(self.configuration, username, api_key, self.clock)
        try:
            await venue.log_in()
            return frozenset(one.account_id for one in await venue.accounts())
        finally:
            await venue.aclose()

    def is_live(self) -> bool:
        """Tell whether any login is, so that the venue has told what day it is."""
        return any(login.watched.state is LoginState.LIVE for login in self.logins)

    def is_refused(self, username: str) -> bool:
        """Tell whether the venue refuses a login that is in use."""
        watched = [login.watched for login in self.logins]
        return any(one.username == username and one.state is LoginState.REFUSED for one in watched)

    def _adjust(self, login: Login, mine: set[int], kept: set[int]) -> None:
        """Let a login watch these accounts, as often as they want; those it keeps wait for a restart."""
        watched = login.watched
        for account_id in sorted(watched.account_ids - mine - kept):
            self._dismiss(watched, account_id)
        for account_id in sorted(mine - watched.account_ids):
            self._watch(account_id, watched.venue, self._memory_of(account_id), ())
        polling = {one: watched.polling[one] for one in kept}
        changed = watched.account_ids != mine | kept
        watched.polling = polling | self._polling(mine)
        if changed:
            login.reconciler.accounts_changed()

    def _watch(self, account_id: int, venue: Venue, memory: Memory | None, exits: Iterable[Call]) -> None:
        if self._tasks is None:
            raise RuntimeError("a roster is composed before it is changed")
        make = partial(self._engine, account_id, memory)
        own = OwnOrders(ids=set() if memory is None else set(memory.orders.own), tag_key=self.tag_key)
        for call in exits:
            own.remember(call)
        enforcer = Enforcer(
            account_id,
            venue=venue,
            tasks=self._tasks,
            clock=self.clock,
            own_orders=own,
            post=self._hear_enforcer,
            report=self.report,
            alarm=self.audience.alarm,
        )
        self.pipeline.accounts[account_id] = Watched(
            make(self.clock.now()), enforcer, own, is_restored=memory is not None, make_engine=make
        )

    def _hear_enforcer(self, event: Event) -> None:
        """Pass on what an enforcer tells; once all is proven, the account is looked at with fresh eyes."""
        self.pipeline.post(event)
        if isinstance(event, EnforcementFinished) and event.ok and event.contract_id is None:
            for login in self.logins:
                if event.account_id in login.watched.known:
                    login.reconciler.look_soon(event.account_id)

    def _dismiss(self, login: WatchedLogin, account_id: int) -> None:
        """Watch an account no more; what is being enforced is brought to its end, what is known is kept."""
        self.keeper.save()
        watched = self.pipeline.accounts.pop(account_id, None)
        if watched is not None:
            self._set_aside[account_id] = watched.state.memory
        login.forget(account_id)

    def _memory_of(self, account_id: int) -> Memory | None:
        known = self._set_aside.pop(account_id, None)
        return known or self.keeper.memories(frozenset({account_id})).get(account_id)

    def _engine(self, account_id: int, memory: Memory | None, at: datetime) -> Engine:
        return Engine(
            {account_id: self.configuration.policies[account_id]},
            at=at,
            accounts=[Account(account_id=account_id)],
            memories={} if memory is None else {account_id: memory},
            contracts=self._contracts,
            asking=self.guard,
        )

    def _login(self, username: str, venue: Venue, account_ids: list[int]) -> Login:
        watched = WatchedLogin(
            username=username,
            venue=venue,
            polling=self._polling(account_ids),
            since=self.clock.now(),
            listed=partial(self.login_taken, username),
        )
        reconciler = Reconciler(
            watched, pipeline=self.pipeline, clock=self.clock, audience=self.audience, gaps=self.gaps
        )
        startup = Startup(
            watched,
            pipeline=self.pipeline,
            reconciler=reconciler,
            clock=self.clock,
            audience=self.audience,
            venue_spoke=self.venue_spoke,
        )
        return Login(watched, reconciler, startup, QuoteWatch(watched, pipeline=self.pipeline, clock=self.clock))

    def _polling(self, account_ids: Iterable[int]) -> dict[int, Polling]:
        feeds = {one: self.configuration.account_settings[one].feed for one in account_ids}
        return {one: Polling(feed.poll_every, feed.slow_poll_every) for one, feed in feeds.items()}


def _keys(configuration: Configuration) -> dict[str, str]:
    """List the API keys by username."""
    return {one.username: one.api_key for one in configuration.enabled_accounts}


def _wait_for_restart(old: Configuration, fresh: Configuration, usernames: set[str]) -> tuple[str, ...]:
    """Word what a running daemon does not take on."""
    waits: list[str] = []
    if fresh.gateway != old.gateway:
        waits.append("the gateway's addresses")
    if fresh.settings.local_api.port != old.settings.local_api.port:
        waits.append("the port of the local API")
    if fresh.settings.metrics.port != old.settings.metrics.port:
        waits.append("the port of the metrics")
    if fresh.alerts != old.alerts:
        waits.append("the channels of alerts")
    before = {one.account_id: one for one in old.enabled_accounts}
    for one in fresh.enabled_accounts:
        known = before.get(one.account_id)
        if one.username not in usernames:
            waits.append(f"the login {one.username}")
        elif known is not None and known.username != one.username:
            waits.append(f"the move of account {one.account_id} to the login {one.username}")
    return tuple(dict.fromkeys(waits))
