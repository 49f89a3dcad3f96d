"""The venue's list of a login's accounts: who may trade, who is gone, who is new."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from risk_manager.core.events import AccountUpdated, AccountVanished, Event
from risk_manager.core.model.account import Account
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watching.watched_login import WatchedLogin
from risk_manager.gateway.errors import GatewayError

SLOWEST = timedelta(seconds=30)
"""How often the list is read where no account says otherwise."""

log = EventLog("daemon")


class AccountList:
    """Reads the list of a login as often as its accounts want, and keeps the user stream's subscriptions in line."""

    def __init__(self, login: WatchedLogin, *, pipeline: Pipeline, clock: Clock) -> None:
        self._login = login
        self._pipeline = pipeline
        self._clock = clock
        self._read_at = clock.monotonic()
        self._is_wanted = False
        self._reading = asyncio.Lock()
        self._told: Counter[int] = Counter()
        self._subscribed: set[int] = set()

    def begin(self) -> None:
        """Note that the streams have started with the accounts that are known."""
        self._subscribed = set(self._login.known)

    def want(self) -> None:
        """Want the list now."""
        self._is_wanted = True

    def streamed(self, event: Event) -> None:
        """Hear that a stream tells of an account: a list that was asked for before is older than that."""
        if isinstance(event, AccountUpdated):
            self._told[event.account_id] += 1

    def _is_due(self) -> bool:
        """Tell whether the list is to be read: as RULE-010 says, else on the slow cycle."""
        wishes = [polling.slow for polling in self._login.polling.values()]
        for account_id in self._login.known:
            rules = self._pipeline.accounts[account_id].state.policy.rules
            wishes += [rule.verify_every for rule in rules if hasattr(rule, "verify_every")]
        age = self._clock.monotonic() - self._read_at
        return self._is_wanted or age >= min(wishes, default=SLOWEST).total_seconds()

    async def read_if_due(self) -> set[int]:
        """Read the list and tell the engines; return the accounts that are known only now."""
        async with self._reading:
            return await self._read() if self._is_due() else set()

    async def _read(self) -> set[int]:
        login, told = self._login, self._told.copy()
        self._read_at = self._clock.monotonic()
        was_wanted, self._is_wanted = self._is_wanted, False
        try:
            listed = await login.venue.accounts()
        except GatewayError as error:
            log.warning("accounts_unread", login=login.username, error=str(error))
            self._is_wanted |= was_wanted
            return set()
        login.take_list(frozenset(account.account_id for account in listed))
        found = {account.account_id for account in listed} & login.account_ids - login.known
        login.known |= found
        self._pipeline.begin_now(found)
        overtaken = {one for one in login.known - found if self._told[one] != told[one]}
        self._is_wanted |= bool(overtaken)
        wanted = login.account_ids - overtaken
        for event in account_events(listed, wanted=wanted, known=login.known, at=self._clock.now()):
            self._pipeline.post(event)
        if login.known != self._subscribed:
            self._subscribed = set(login.known)
            login.venue.watch_accounts(sorted(login.known))
        return found


def account_events(
    listed: Iterable[Account], *, wanted: Iterable[int], known: Iterable[int], at: datetime
) -> Iterator[AccountUpdated | AccountVanished]:
    """Word the list for the accounts that are wanted; a known one that it lacks has vanished."""
    by_id = {account.account_id: account for account in listed}
    for account_id in sorted(wanted):
        account = by_id.get(account_id)
        if account is not None:
            yield AccountUpdated(
                at=at,
                account_id=account_id,
                can_trade=account.can_trade,
                balance=account.balance,
                name=account.name,
                simulated=account.simulated,
            )
        elif account_id in known:
            yield AccountVanished(at=at, account_id=account_id)
