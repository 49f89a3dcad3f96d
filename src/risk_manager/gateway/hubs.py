"""One hub, kept connected and subscribed for as long as it is wanted."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Final, NoReturn

from risk_manager.core.events import Event, Feed, FeedLost, FeedRestored
from risk_manager.gateway.errors import GatewayError, GatewayRefused
from risk_manager.gateway.hub_events import HubEvents
from risk_manager.gateway.login import Login
from risk_manager.gateway.port import FeedHealth, Heard
from risk_manager.gateway.reading import Misread
from risk_manager.gateway.session_fight import SessionFight
from risk_manager.gateway.subscriptions import Subscriptions
from risk_manager.signalr.backoff import backoff
from risk_manager.signalr.connection import DEFAULT_SETTINGS, Delivery, HubConnection, HubSettings, open_hub
from risk_manager.signalr.endings import ConnectFailed, HubError, UpgradeRefused
from risk_manager.signalr.messages import Invocation, Malformed

LASTING: Final = 30.0
"""Seconds after which a connection counts as one that held: the next attempt is a first one again."""


class HubState(Enum):
    """How a hub is doing, as `FeedHealth.state` tells it."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    REFUSED = "refused"
    SESSION_FIGHT = "session_fight"
    STOPPED = "stopped"


class Hub:
    """Connects, subscribes, listens, and comes back after every ending with the newest token."""

    def __init__(
        self,
        *,
        feed: Feed,
        url: str,
        login: Login,
        fight: SessionFight,
        subscriptions: Subscriptions,
        now: Callable[[], datetime],
        deliver: Callable[[Event], None],
        misread: Misread,
        settings: HubSettings = DEFAULT_SETTINGS,
        waits: Callable[[], Iterator[float]] = backoff,
        heard: Heard | None = None,
    ) -> None:
        self._feed = feed
        self._url = url
        self._login = login
        self._fight = fight
        self._subscriptions = subscriptions
        self._now = now
        self._deliver = deliver
        self._misread = misread
        self._settings = settings
        self._events = HubEvents(now=now, deliver=deliver, misread=misread, logged_out=self._logged_out, heard=heard)
        self._clock = asyncio.get_running_loop().time
        self._token = ""
        self._restart = asyncio.Event()
        self._new_waits = waits
        self._waits = waits()
        self._state = HubState.CONNECTING
        self._reason = ""
        self._since = now()
        self._heard_at: float | None = None
        self._connection: HubConnection | None = None
        self._told_lost = False

    async def run(self) -> NoReturn:
        """Keep the hub connected for ever."""
        try:
            while True:
                await self._keep_away()
                await self._connect_once()
                await self._rest(next(self._waits))
        finally:
            self._enter(HubState.STOPPED, "")

    def restart(self) -> None:
        """Drop the connection and connect anew at once."""
        self._restart.set()

    def health(self) -> FeedHealth:
        """Tell how it is doing."""
        heard_at = self._heard_at if self._connection is None else self._connection.heard_at
        age = None if heard_at is None else self._clock() - heard_at
        return FeedHealth(feed=self._feed, state=self._state.value, since=self._since, age=age, reason=self._reason)

    async def _connect_once(self) -> None:
        """Live through one connection, from the token to the ending."""
        self._restart.clear()
        try:
            self._token = await self._login.token()
            connection = await open_hub(
                self._url, access_token=self._newest_token, on_message=self._receive, settings=self._settings
            )
        except GatewayError as problem:
            self._lose(HubState.REFUSED if isinstance(problem, GatewayRefused) else HubState.LOST, str(problem))
            await self._rest(problem.retry_after or 0.0)
            return
        except ConnectFailed as problem:
            is_refused = await self._is_refused_alone(problem)
            self._lose(HubState.REFUSED if is_refused else HubState.LOST, str(problem))
            return
        started = self._clock()
        async with connection:
            self._connection = connection
            await self._listen(connection)
        self._connection = None
        if self._clock() - started >= LASTING or self._restart.is_set():
            self._waits = self._new_waits()

    async def _listen(self, connection: HubConnection) -> None:
        try:
            refused = await self._subscriptions.begin(connection)
        except HubError as problem:
            self._lose(HubState.LOST, str(problem))
            return
        self._tell_restored(refused)
        ending = await self._until_over(connection)
        self._subscriptions.end()
        self._lose(HubState.LOST, ending)

    async def _until_over(self, connection: HubConnection) -> str:
        ended = asyncio.ensure_future(connection.wait_ended())
        restarted = asyncio.ensure_future(self._restart.wait())
        try:
            await asyncio.wait({ended, restarted}, return_when=asyncio.FIRST_COMPLETED)
            return str(ended.result()) if ended.done() else "restarted"
        finally:
            ended.cancel()
            restarted.cancel()

    async def _newest_token(self) -> str:
        return self._token

    def _receive(self, message: Delivery) -> None:
        self._heard_at = self._clock()
        if isinstance(message, Invocation):
            self._events.receive(message)
        elif isinstance(message, Malformed):
            self._misread(message.record_excerpt, message.reason)

    def _tell_restored(self, refused: dict[int | None, str]) -> None:
        """Say that the stream tells again, and of which accounts it does not."""
        self._enter(HubState.LIVE, "; ".join(refused.values()))
        self._told_lost = False
        self._deliver(FeedRestored(at=self._now(), feed=self._feed))
        for account_id in refused:
            if account_id is not None:
                self._deliver(FeedLost(at=self._now(), feed=self._feed, account_id=account_id))

    def _lose(self, state: HubState, reason: str) -> None:
        self._enter(state, reason)
        if not self._told_lost:
            self._told_lost = True
            self._deliver(FeedLost(at=self._now(), feed=self._feed))

    def _enter(self, state: HubState, reason: str) -> None:
        if state is not self._state:
            self._since = self._now()
        self._state, self._reason = state, reason

    async def _is_refused_alone(self, problem: ConnectFailed) -> bool:
        """Tell whether the hub refuses a token that the venue otherwise takes; one that it does not is given up.

        It is asked rather than assumed: REST lives by the same token, and must not go without for the hub's sake.
        The market hub also refuses for want of a data licence.
        """
        is_unauthorized = isinstance(problem.ending, UpgradeRefused) and problem.ending.is_unauthorized
        if self._feed is not Feed.USER or not is_unauthorized or self._token != self._login.current:
            return False
        try:
            await self._login.renew()
        except GatewayError:
            return False  # whether the token is any good is not known
        return self._login.current is not None

    def _logged_out(self) -> None:
        """Take a GatewayLogout: both hubs say it, for one token it counts once."""
        if self._login.drop(self._token):
            self._fight.logged_out(self._clock())
        self._restart.set()

    async def _keep_away(self) -> None:
        while (pause := self._fight.pause(self._clock())) > 0:
            self._lose(
                HubState.SESSION_FIGHT,
                "another program keeps logging in as this user and ends our session: stop it; "
                f"the streams come back in {pause / 60:.0f} min",
            )
            self._restart.clear()
            await asyncio.sleep(pause)

    async def _rest(self, seconds: float) -> None:
        """Wait before the next attempt, unless somebody wants it now."""
        if self._restart.is_set() or seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._restart.wait()
        except TimeoutError:
            return
