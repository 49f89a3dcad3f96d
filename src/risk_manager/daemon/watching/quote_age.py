"""How old the quotes of a login's positions are; a market stream that lives without them is restarted."""

from datetime import datetime, timedelta

from risk_manager.core.events import Feed, FeedLost, FeedRestored
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.market_hours import closed_until
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watching.gaps import Gaps
from risk_manager.daemon.watching.watched_login import WatchedLogin

FROZEN_AFTER = timedelta(seconds=30)
"""Age of the quote of a held contract from which the market stream counts as frozen."""
RESTART_PAUSE = 120.0
"""Seconds between two restarts: a market may be that quiet."""

log = EventLog("daemon")


class QuoteAge:
    """Follows the age of the quotes that open P&L rests on."""

    def __init__(self, login: WatchedLogin, *, pipeline: Pipeline, clock: Clock, gaps: Gaps) -> None:
        self._login = login
        self._pipeline = pipeline
        self._clock = clock
        self._gaps = gaps
        self._restarted_at = float("-inf")

    def stream_changed(self, event: FeedLost | FeedRestored) -> None:
        """Note that the market stream came or went."""
        key = ("market", self._login.username)
        if isinstance(event, FeedLost):
            self._gaps.begin(key, since=event.at, accounts=self._login.known, reason="lost")
        else:
            self._gaps.end(key, at=event.at, bridged_by="open P&L rests on older marks")

    def look(self) -> None:
        """Note old quotes of what is held; where they have stopped, reconnect the stream."""
        now = self._clock.now()
        stale = [at for one in self._login.known for at in self._quoted_at(one) if now - at >= self._stale_after(one)]
        if not stale:
            self._login.quotes_stale_since = None
        elif self._login.quotes_stale_since is None:
            self._login.quotes_stale_since = min(stale)
        missed = (at for one in self._login.known if not self._rests(one, now) for at in self._quoted_at(one))
        if now - min(missed, default=now) >= FROZEN_AFTER:
            self._restart(now)

    def _restart(self, now: datetime) -> None:
        elapsed = self._clock.monotonic()
        market = {feed.feed: feed for feed in self._login.venue.health()}.get(Feed.MARKET)
        if market is None or market.state != "live" or now - market.since < FROZEN_AFTER:
            return
        if elapsed - self._restarted_at < RESTART_PAUSE:
            return
        log.warning("quotes_frozen", login=self._login.username)
        self._restarted_at = elapsed
        self._login.venue.restart_stream(Feed.MARKET)

    def _rests(self, account_id: int, now: datetime) -> bool:
        """Tell whether the market is closed, by the hours and by the holidays that an account's file knows."""
        return closed_until(now, self._pipeline.accounts[account_id].state.policy.holidays) is not None

    def _stale_after(self, account_id: int) -> timedelta:
        return self._pipeline.accounts[account_id].state.policy.stale_after

    def _quoted_at(self, account_id: int) -> list[datetime]:
        state = self._pipeline.accounts[account_id].state
        quotes = (state.quotes.get(contract_id) for contract_id in state.holdings)
        return [quote.at for quote in quotes if quote is not None and quote.at is not None]
