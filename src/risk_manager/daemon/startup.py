"""The road from nothing to live for one login; a start is a recovery, whatever was there before."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from risk_manager.core.events import ContractLearned
from risk_manager.core.model.account import Account
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.pipeline import Audience, Pipeline
from risk_manager.daemon.watching.account_list import account_events
from risk_manager.daemon.watching.reconciler import Reconciler
from risk_manager.daemon.watching.watched_login import LoginState, WatchedLogin
from risk_manager.gateway.errors import GatewayError, GatewayRefused

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between attempts while the venue is away."""
REFUSED_PAUSE = 600.0
"""Seconds between attempts after a definite no: somebody has to mend it, and hammering may lock the login."""
STREAM_PATIENCE = 5.0
"""Seconds to wait for the user stream before the first picture is read without it."""

Result = TypeVar("Result")
log = EventLog("daemon")


class Startup:
    """Logs in, finds the accounts, connects the streams, and reads the first picture of each account.

    What the streams tell meanwhile is kept, and handled after the picture.
    """

    def __init__(
        self,
        login: WatchedLogin,
        *,
        pipeline: Pipeline,
        reconciler: Reconciler,
        clock: Clock,
        audience: Audience,
        venue_spoke: Callable[[], None] = lambda: None,
    ) -> None:
        self._login = login
        self._pipeline = pipeline
        self._reconciler = reconciler
        self._clock = clock
        self._audience = audience
        self._venue_spoke = venue_spoke
        self._flattened_unseen: set[int] = set()

    async def run(self) -> None:
        """Come to live; returns when every account that the venue lists has its first picture."""
        venue = self._login.venue
        await self._persist(venue.log_in)
        accounts = await self._persist(venue.accounts)
        self._venue_spoke()  # the time is known now, and with it the rules that are due
        self._login.take_list(frozenset(account.account_id for account in accounts))
        self._admit(accounts)
        await self._learn_contracts()
        self._reconciler.account_list.begin()
        venue.start_streams(accounts=sorted(self._login.known), deliver=self._reconciler.receive)
        self._login.streams_started.set()
        await self._wait_for_stream()
        await self._first_pictures()
        # no stream has told what became of an account between its listing and the subscription
        self._reconciler.ask_for(await self._reconciler.account_list.read_if_due())
        self._venue_spoke()
        self._login.enter(LoginState.LIVE, self._clock.now())
        log.info("login_live", login=self._login.username, accounts=sorted(self._login.known))

    async def close_what_nobody_sees(self) -> None:
        """Flatten what was held when the daemon last lived, once nobody has seen it for as long as `flatten_after`.

        For a start at which the venue lets nobody look; the requests leave as soon as it takes any. The wall
        clock has no say: what was last known, and the time since this start, are what is certain.
        """
        began = self._clock.monotonic()
        while waits := self._waits_of_unseen():
            due, account_id = min(waits)
            await asyncio.sleep(max(due - (self._clock.monotonic() - began), 0.0))
            if account_id in {one for _, one in self._waits_of_unseen()}:
                self._flattened_unseen.add(account_id)
                log.error("unseen_exposure", account_id=account_id)
                text = "held something when last seen, and cannot be read since the start: closing it"
                self._audience.alarm("BLIND_WITH_EXPOSURE", text, account_id)
                self._pipeline.judge_unseen(account_id)

    def _waits_of_unseen(self) -> list[tuple[float, int]]:
        waits: list[tuple[float, int]] = []
        for account_id in self._login.account_ids - self._flattened_unseen:
            watched = self._pipeline.accounts.get(account_id)
            if watched is None or watched.held is None or not watched.is_restored or not watched.state.holdings:
                continue
            if watched.state.policy.flatten_after is not None:
                waits.append((watched.state.policy.flatten_after.total_seconds(), account_id))
        return waits

    async def _persist(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """Try until it works: soon again while the venue is away, rarely after a definite no."""
        pause = FIRST_PAUSE
        while True:
            self._login.key_changed.clear()
            try:
                return await attempt()
            except GatewayRefused as error:
                self._tell(LoginState.REFUSED, f"login {self._login.username} refused: {error}")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._login.key_changed.wait(), REFUSED_PAUSE)
            except GatewayError as error:
                self._tell(LoginState.UNAVAILABLE, f"the venue is away for login {self._login.username}: {error}")
                await asyncio.sleep(max(pause, error.retry_after or 0.0))
                pause = min(pause * 2, LONGEST_PAUSE)

    def _tell(self, state: LoginState, detail: str) -> None:
        for account_id in self._login.account_ids:
            self._reconciler.rest_is_silent(account_id)
        if self._login.enter(state, self._clock.now(), detail):
            log.error("login_failed", login=self._login.username, state=state.value, detail=detail)
            self._audience.alarm(f"LOGIN_{state.name}", detail)

    def _admit(self, accounts: tuple[Account, ...]) -> None:
        """Take on the configured accounts that the login has; say which it does not have."""
        self._login.detail = ""  # whatever kept the login away is over
        listed = {account.account_id: account for account in accounts}
        self._login.known |= self._login.account_ids & listed.keys()
        self._pipeline.begin_now(self._login.known)
        now = self._clock.now()
        for event in account_events(accounts, wanted=self._login.known, known=(), at=now):
            self._pipeline.post(event)
        missing = sorted(self._login.account_ids - listed.keys())
        if missing:
            log.error("account_not_in_login", login=self._login.username, missing=missing)
            self._audience.alarm("ACCOUNT_NOT_IN_LOGIN", self._login.trouble)

    async def _learn_contracts(self) -> None:
        """Learn what contracts are; without the list the product table serves, and the cycle asks again."""
        try:
            contracts = await self._login.venue.contracts()
        except GatewayError as error:
            log.warning("contracts_unread", error=str(error))
            return
        now = self._clock.now()
        for contract in contracts:
            self._pipeline.post(ContractLearned(at=now, contract=contract))

    async def _wait_for_stream(self) -> None:
        try:
            async with asyncio.timeout(STREAM_PATIENCE):
                await self._login.user_stream_is_live.wait()
        except TimeoutError:
            log.warning("user_stream_not_live_yet", login=self._login.username)

    async def _first_pictures(self) -> None:
        waiting = set(self._login.known)
        pause = FIRST_PAUSE
        while True:
            for account_id in sorted(waiting):
                if await self._reconciler.look(account_id):
                    waiting.discard(account_id)
            if not waiting:
                return
            self._tell(LoginState.UNAVAILABLE, f"accounts {sorted(waiting)} cannot be read yet")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
