"""The reconciler of one login: REST beside the streams, slowly always, faster with exposure or without a stream."""

import asyncio
from datetime import datetime, timedelta

from risk_manager.core.events import AccountUpdated, AccountVanished, Event, Feed, FeedLost, FeedRestored
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.picture import read_everything, read_positions
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watched_login import WatchedLogin
from risk_manager.gateway.errors import GatewayError

FAST_REQUESTS_PER_SECOND = 1.5
"""What polling may use of the venue's 200 requests a minute; enforcement needs the rest."""
REQUESTS_PER_LOOK = 2
FROZEN_AFTER = timedelta(seconds=30)
"""Age of the quote of a held contract from which the market stream counts as frozen."""
RESTART_PAUSE = timedelta(minutes=2)

log = EventLog("daemon")


class Reconciler:
    """Takes the venue's word by both ways, and says when neither tells anything."""

    def __init__(self, login: WatchedLogin, *, pipeline: Pipeline, clock: Clock) -> None:
        self._login = login
        self._pipeline = pipeline
        self._clock = clock
        self._looked_at: dict[int, datetime] = {}
        self._full_at: dict[int, datetime] = {}
        self._verified_at = clock.now()
        self._restarted_at: datetime | None = None
        self._wanted_now: set[int] = set()
        self._wake = asyncio.Event()

    def receive(self, event: Event) -> None:
        """Take an event from a stream; the user stream's own comings and goings are judged here."""
        match event:
            case FeedLost(feed=Feed.USER):
                self._user_stream_lost(event)
            case FeedRestored(feed=Feed.USER):
                self._user_stream_restored()
            case _:
                self._pipeline.post(event)

    async def run(self) -> None:
        """Look at the accounts for as long as the daemon lives."""
        await self._login.streams_started.wait()
        while True:
            await self._pause()
            for account_id in sorted(self._login.known):
                if self._pipeline.is_live(account_id) and self._is_due(account_id):
                    await self.look(account_id)
            if self._clock.now() - self._verified_at >= self._verify_every():
                await self._verify()
            self._restart_frozen_quotes()

    async def look(self, account_id: int) -> bool:
        """Read one account and tell the engine; False when REST did not tell."""
        watched = self._pipeline.accounts[account_id]
        now = self._clock.now()
        self._looked_at[account_id] = now
        wants_everything = account_id in self._wanted_now or self._full_is_due(account_id, now)
        if watched.enforcer.is_under_way and not wants_everything:
            return True  # an enforcement reads more often than we would
        try:
            if wants_everything:
                picture = await read_everything(
                    self._login.venue,
                    account_id,
                    self._clock,
                    day_starts_at=watched.state.policy.calendar.day_of(now).starts_at,
                    own=watched.own_orders,
                )
            else:
                picture = await read_positions(self._login.venue, account_id, self._clock)
        except GatewayError as error:
            log.warning("account_unread", account_id=account_id, error=str(error))
            self.rest_is_silent(account_id)
            return False
        if wants_everything:
            self._wanted_now.discard(account_id)
            self._full_at[account_id] = now
        if watched.held is None:
            self._pipeline.post(picture)
        else:
            self._pipeline.go_live(picture)
        self._tells_again(account_id)
        return True

    def rest_is_silent(self, account_id: int) -> None:
        """Note that REST does not tell; without the stream too, the account is blind."""
        login = self._login
        if login.user_stream_is_live.is_set() or account_id in login.blind:
            return
        login.blind.add(account_id)
        at = login.told_at.get(account_id, self._clock.now())
        self._pipeline.post(FeedLost(at=at, feed=Feed.USER, account_id=account_id))

    def _tells_again(self, account_id: int) -> None:
        now = self._clock.now()
        self._login.told_at[account_id] = now
        if account_id in self._login.blind:
            self._login.blind.discard(account_id)
            self._pipeline.post(FeedRestored(at=now, feed=Feed.USER, account_id=account_id))

    def _user_stream_lost(self, event: FeedLost) -> None:
        """Look at once and keep looking: while REST tells, nobody is blind."""
        log.warning("user_stream_lost", account_id=event.account_id)
        if self._login.user_stream_is_live.is_set():
            self._login.told_at |= dict.fromkeys(self._login.known, event.at)
        self._login.user_stream_is_live.clear()
        self._ask_for(self._login.known)

    def _user_stream_restored(self) -> None:
        """Read what the stream did not tell while it was away; it has no replay."""
        log.info("user_stream_live")
        self._login.user_stream_is_live.set()
        self._ask_for(self._login.known)

    def _ask_for(self, account_ids: set[int]) -> None:
        self._wanted_now |= account_ids
        self._wake.set()

    async def _pause(self) -> None:
        shortest = min(polling.fast for polling in self._login.polling.values())
        try:
            async with asyncio.timeout(shortest.total_seconds()):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _is_due(self, account_id: int) -> bool:
        if account_id in self._wanted_now and self._login.user_stream_is_live.is_set():
            return True
        looked_at = self._looked_at.get(account_id)
        return looked_at is None or self._clock.now() - looked_at >= self._interval(account_id)

    def _interval(self, account_id: int) -> timedelta:
        polling = self._login.polling[account_id]
        exposed = [one for one in self._login.known if _is_exposed(self._pipeline.state(one))]
        is_fast = account_id in exposed or not self._login.user_stream_is_live.is_set()
        if not is_fast:
            return polling.slow
        looked_at_often = len(exposed) if self._login.user_stream_is_live.is_set() else len(self._login.known)
        affordable = timedelta(seconds=looked_at_often * REQUESTS_PER_LOOK / FAST_REQUESTS_PER_SECOND)
        return max(polling.fast - timedelta(milliseconds=50), affordable)

    def _full_is_due(self, account_id: int, now: datetime) -> bool:
        full_at = self._full_at.get(account_id)
        return full_at is None or now - full_at >= self._login.polling[account_id].slow

    def _verify_every(self) -> timedelta:
        """Tell how often the account list is read: as RULE-010 says, else on the slow cycle."""
        wishes = [polling.slow for polling in self._login.polling.values()]
        for account_id in self._login.known:
            rules = self._pipeline.accounts[account_id].state.policy.rules
            wishes += [rule.verify_every for rule in rules if hasattr(rule, "verify_every")]
        return min(wishes)

    async def _verify(self) -> None:
        """Read the account list: who may trade, who is gone."""
        self._verified_at = self._clock.now()
        try:
            accounts = await self._login.venue.accounts()
        except GatewayError as error:
            log.warning("accounts_unread", login=self._login.username, error=str(error))
            return
        now = self._clock.now()
        listed = {account.account_id: account for account in accounts}
        for account_id in sorted(self._login.account_ids):
            account = listed.get(account_id)
            if account is not None:
                self._login.known.add(account_id)
                self._pipeline.post(
                    AccountUpdated(
                        at=now,
                        account_id=account_id,
                        can_trade=account.can_trade,
                        balance=account.balance,
                        name=account.name,
                        simulated=account.simulated,
                    )
                )
            elif account_id in self._login.known:
                self._pipeline.post(AccountVanished(at=now, account_id=account_id))

    def _restart_frozen_quotes(self) -> None:
        """Reconnect the market stream when it lives, but the quotes of what is held have stopped."""
        now = self._clock.now()
        if self._restarted_at is not None and now - self._restarted_at < RESTART_PAUSE:
            return
        market = {feed.feed: feed for feed in self._login.venue.health()}.get(Feed.MARKET)
        if market is None or market.state != "live" or now - market.since < FROZEN_AFTER:
            return
        if any(self._has_frozen_quote(account_id, now) for account_id in self._login.known):
            log.warning("quotes_frozen", login=self._login.username)
            self._restarted_at = now
            self._login.venue.restart_stream(Feed.MARKET)

    def _has_frozen_quote(self, account_id: int, now: datetime) -> bool:
        state = self._pipeline.accounts[account_id].state
        quotes = (state.quotes.get(contract_id) for contract_id in state.holdings)
        return any(quote and quote.at is not None and now - quote.at >= FROZEN_AFTER for quote in quotes)


def _is_exposed(state: AccountState | None) -> bool:
    return state is not None and bool(state.holdings or state.working_orders)
