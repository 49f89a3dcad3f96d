"""Whose quotes are wanted: those of what the accounts of a login hold or have orders for."""

import asyncio

from risk_manager.core.events import ContractLearned, QuoteUpdated
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watching.watched_login import WatchedLogin
from risk_manager.gateway.errors import GatewayError

RETRY = 5.0
"""Seconds until what could not be asked is asked again."""

log = EventLog("daemon")


class QuoteWatch:
    """Keeps the market stream's subscriptions, unknown contracts and first marks in line with what is held."""

    def __init__(self, login: WatchedLogin, *, pipeline: Pipeline, clock: Clock) -> None:
        self._login = login
        self._pipeline = pipeline
        self._clock = clock
        self._watched: frozenset[str] = frozenset()
        self._wake = asyncio.Event()

    def look(self) -> None:
        """Note that positions or orders may have changed."""
        if self._wanted() != self._watched:
            self._wake.set()

    async def run(self) -> None:
        """Follow for as long as the daemon lives."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._follow(self._wanted())
            except GatewayError as error:
                log.warning("quotes_not_followed", error=str(error))
                await asyncio.sleep(RETRY)
                self._wake.set()

    def _wanted(self) -> frozenset[str]:
        wanted: set[str] = set()
        for account_id in self._login.known:
            state = self._pipeline.accounts[account_id].state
            wanted |= state.holdings.keys()
            wanted |= {order.contract_id for order in state.working_orders.values()}
        return frozenset(wanted)

    async def _follow(self, wanted: frozenset[str]) -> None:
        venue = self._login.venue
        await venue.watch_quotes(sorted(wanted))
        for contract_id in sorted(wanted - self._watched):
            if self._lacks_contract(contract_id):
                contract = await venue.contract(contract_id)
                if contract is not None:
                    self._pipeline.post(ContractLearned(at=self._clock.now(), contract=contract))
            if self._lacks_mark(contract_id):
                priced = await venue.last_price(contract_id)
                if priced is not None and self._lacks_mark(contract_id):
                    at, (quoted_at, price) = self._clock.now(), priced
                    self._pipeline.post(QuoteUpdated(at=at, contract_id=contract_id, last=price, quoted_at=quoted_at))
        self._watched = wanted

    def _lacks_contract(self, contract_id: str) -> bool:
        states = (self._pipeline.accounts[account_id].state for account_id in self._login.known)
        return any(contract_id not in state.contracts.told for state in states)

    def _lacks_mark(self, contract_id: str) -> bool:
        states = (self._pipeline.accounts[account_id].state for account_id in self._login.known)
        return any(contract_id in state.unmarked() for state in states)
