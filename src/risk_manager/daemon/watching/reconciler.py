"""The reconciler of one login: REST beside the streams, slowly always, faster with exposure or without a stream."""

from datetime import timedelta

from risk_manager.core.events import (
    AccountUpdated,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    TradeReported,
)
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.enforcement.picture import read_everything, read_positions
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.pipeline import Audience, Pipeline
from risk_manager.daemon.watching.account_list import AccountList
from risk_manager.daemon.watching.frozen_stream import FrozenStream, is_news
from risk_manager.daemon.watching.gaps import Gap, Gaps
from risk_manager.daemon.watching.quote_age import QuoteAge
from risk_manager.daemon.watching.rounds import Rounds
from risk_manager.daemon.watching.stream_alarm import StreamAlarm
from risk_manager.daemon.watching.watched_login import LoginState, WatchedLogin
from risk_manager.gateway.errors import GatewayError

RESTART_PAUSE = 120.0
"""Seconds between two restarts of a stream that seems frozen."""

log = EventLog("daemon")


class Reconciler:
    """Takes the venue's word by both ways, and says when neither tells anything."""

    def __init__(
        self, login: WatchedLogin, *, pipeline: Pipeline, clock: Clock, audience: Audience, gaps: Gaps
    ) -> None:
        self._login = login
        self._pipeline = pipeline
        self._clock = clock
        self._audience = audience
        self._gaps = gaps
        self._stream = FrozenStream()
        self._quotes = QuoteAge(login, pipeline=pipeline, clock=clock, gaps=gaps)
        self._rounds = Rounds(login, pipeline=pipeline, clock=clock)
        self.account_list = AccountList(login, pipeline=pipeline, clock=clock)
        self._restarted_at = float("-inf")
        self._stream_alarm = StreamAlarm(login, alarm=audience.alarm)

    def receive(self, event: Event) -> None:
        """Take an event from a stream; the streams' own comings and goings are judged here."""
        match event:
            case QuoteUpdated():  # the first, as it comes a thousand times a second
                self._pipeline.post(event)
            case PositionUpdated() | OrderUpdated() | TradeReported() | AccountUpdated():
                self._pipeline.post(event)
                self._stream.streamed(event.account_id, self._clock.monotonic())
                self.account_list.streamed(event)
            case FeedLost(feed=Feed.USER):
                self._user_stream_lost(event)
            case FeedRestored(feed=Feed.USER):
                self._user_stream_restored(event)
            case FeedLost() | FeedRestored():
                self._quotes.stream_changed(event)
                self._pipeline.post(event)
            case _:
                self._pipeline.post(event)

    async def run(self) -> None:
        """Look at the accounts for as long as the daemon lives."""
        await self._login.streams_started.wait()
        while True:
            await self._rounds.pause()
            for account_id in sorted(self._login.known):
                if self._may_look(account_id) and self._rounds.is_due(account_id):
                    await self._look_or_peek(account_id)
            self.ask_for(await self.account_list.read_if_due())
            self._stream_alarm.look()
            self._restart_frozen_stream()
            self._quotes.look()

    def accounts_changed(self) -> None:
        """Find accounts that are watched from now on, and read them; of others the streams need not tell."""
        self.account_list.want()
        self._rounds.hurry()

    def _may_look(self, account_id: int) -> bool:
        """Tell whether an account is read here: its first picture is a matter of the start, while that lasts."""
        if account_id not in self._login.known:  # dismissed while another one was read
            return False
        return self._pipeline.is_live(account_id) or self._login.state is LoginState.LIVE

    def woke(self, seconds: float) -> None:
        """Come back from sleep: the streams' connections are dead, whatever they say, and nothing is known."""
        if not self._login.streams_started.is_set():
            return
        now = self._clock.now()
        gap = Gap(since=now - timedelta(seconds=seconds), accounts=tuple(sorted(self._login.known)), reason="sleep")
        self._gaps.ended("machine", self._login.username, gap, at=now, bridged_by="a full picture by REST")
        self._login.venue.restart_stream(Feed.USER)
        self._login.venue.restart_stream(Feed.MARKET)
        self._stream.forget()
        self.ask_for(self._login.known)
        self._rounds.begin_anew()

    async def _look_or_peek(self, account_id: int) -> bool:
        """Look at an account; of one that is flat before a living stream, the positions tell whether to."""
        if self._rounds.wants_everything(account_id) or self._rounds.is_exposed(account_id) or not self._stream_is_live:
            return await self.look(account_id)
        self._rounds.looked(account_id)
        try:
            positions = await self._login.venue.positions(account_id)
        except GatewayError as error:
            self._unread(account_id, error)
            return False
        state = self._pipeline.state(account_id)
        if state is not None and is_news(state, positions):
            return await self.look(account_id)
        self._tells_again(account_id)
        return True

    async def look(self, account_id: int) -> bool:
        """Read one account and tell the engine; False when REST did not tell. One that was dismissed is done with."""
        watched = self._pipeline.accounts.get(account_id)
        if watched is None:
            return True
        now = self._clock.monotonic()
        self._rounds.looked(account_id)
        wants_everything = self._rounds.wants_everything(account_id)
        if watched.enforcer.is_under_way and not wants_everything:
            return True  # an enforcement reads more often than we would
        try:
            if wants_everything:
                policy = watched.state.policy
                picture = await read_everything(
                    self._login.venue,
                    account_id,
                    self._clock,
                    day_starts_at=policy.calendar.day_of(self._clock.now()).starts_at,
                    looks_back=max((rule.looks_back for rule in policy.rules), default=timedelta(0)),
                    own=watched.own_orders,
                )
            else:
                picture = await read_positions(self._login.venue, account_id, self._clock, own=watched.own_orders)
        except GatewayError as error:
            self._unread(account_id, error)
            return False
        if self._pipeline.accounts.get(account_id) is not watched:
            return True
        if wants_everything:
            self._rounds.read_in_full(account_id, asked_at=now)
        if watched.held is not None:
            self._note_absence(account_id)
            self._pipeline.go_live(picture)
        else:
            if self._stream_is_live and is_news(watched.state, picture.positions, picture.orders):
                self._stream.revealed(account_id, self._clock.monotonic())
                self._rounds.hurry()
            self._pipeline.post(picture)
        self._tells_again(account_id)
        return True

    def _note_absence(self, account_id: int) -> None:
        """Journal how long no daemon lived that watched the account."""
        watched = self._pipeline.accounts[account_id]
        if watched.is_restored:
            gap = Gap(since=watched.state.memory.now, accounts=(account_id,), reason="the daemon was down")
            key = f"daemon for {account_id}"
            self._gaps.ended(key, self._login.username, gap, at=self._clock.now(), bridged_by="a full picture by REST")

    def rest_is_silent(self, account_id: int) -> None:
        """Note that REST does not tell; without the stream too, the account is blind."""
        login = self._login
        if login.user_stream_is_live.is_set() or account_id in login.blind or account_id not in login.account_ids:
            return
        login.blind.add(account_id)
        at = login.told_at.get(account_id, self._clock.now())
        self._gaps.begin((f"account {account_id}", login.username), since=at, accounts=[account_id], reason="blind")
        self._pipeline.post(FeedLost(at=at, feed=Feed.USER, account_id=account_id))
        if self._rounds.is_exposed(account_id):
            text = "neither stream nor REST tells of this account, which holds or may come to hold something"
            self._audience.alarm("BLIND_WITH_EXPOSURE", text, account_id)

    def _unread(self, account_id: int, error: GatewayError) -> None:
        log.warning("account_unread", account_id=account_id, error=str(error))
        self._login.rest_failure = str(error)
        self.rest_is_silent(account_id)

    def _tells_again(self, account_id: int) -> None:
        now, login = self._clock.now(), self._login
        login.rest_failure = ""
        if account_id in login.known:
            login.told_at[account_id] = now
        if not self._stream_is_live:
            self._gaps.read_instead(login.username)
        if account_id in login.blind:
            login.blind.discard(account_id)
            self._gaps.end((f"account {account_id}", login.username), at=now, bridged_by="a picture by REST")
            self._pipeline.post(FeedRestored(at=now, feed=Feed.USER, account_id=account_id))

    @property
    def _stream_is_live(self) -> bool:
        return self._login.user_stream_is_live.is_set()

    def _user_stream_lost(self, event: FeedLost) -> None:
        """Look at once and keep looking: while REST tells, nobody is blind."""
        log.warning("user_stream_lost", account_id=event.account_id)
        login = self._login
        if self._stream_is_live:
            login.told_at |= dict.fromkeys(login.known, event.at)
        login.user_stream_is_live.clear()
        health = {feed.feed: feed for feed in login.venue.health()}.get(Feed.USER)
        reason = "lost" if health is None else health.reason or health.state
        self._gaps.begin(("user", login.username), since=event.at, accounts=login.known, reason=reason)
        self._stream_alarm.look()
        self.ask_for(login.known)

    def _user_stream_restored(self, event: FeedRestored) -> None:
        """Read what the stream did not tell while it was away; it has no replay."""
        log.info("user_stream_live")
        self._login.user_stream_is_live.set()
        self._login.frozen_since = None
        self._stream.forget()
        self._gaps.end(("user", self._login.username), at=event.at)
        self.account_list.want()
        self.ask_for(self._login.known)

    def look_soon(self, account_id: int) -> None:
        """Look at an account now: what came up while an enforcement was being proven was not judged for itself."""
        self._rounds.look_soon(account_id)

    def ask_for(self, account_ids: set[int]) -> None:
        """Want a full picture of some accounts now."""
        self._rounds.want(account_ids)

    def _restart_frozen_stream(self) -> None:
        """Reconnect the user stream when it lives, but does not tell what REST has revealed."""
        now = self._clock.monotonic()
        frozen = [one for one in sorted(self._login.known) if self._stream.is_frozen(one, now)]
        if not frozen or not self._stream_is_live:
            return
        names = ", ".join(map(str, frozen))
        text = f"the user stream of login {self._login.username} is frozen (accounts {names}): REST is read instead"
        if self._login.frozen_since is None:
            self._login.frozen_since = self._clock.now()
            self._audience.alarm("STREAM_FROZEN", text)
        if now - self._restarted_at < RESTART_PAUSE:
            return
        log.warning("user_stream_frozen", login=self._login.username, accounts=frozen)
        self._restarted_at = now
        self._gaps.begin(
            ("user", self._login.username), since=self._login.frozen_since, accounts=frozen, reason="frozen"
        )
        self._login.venue.restart_stream(Feed.USER)
