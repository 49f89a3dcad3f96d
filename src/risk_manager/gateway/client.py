"""TopstepX, as the daemon needs it: the port, spoken to the venue."""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from risk_manager.core.events import Event, Feed
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.model.order import Order, OrderSide, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.gateway import contract_names, verdicts
from risk_manager.gateway.errors import GatewayError
from risk_manager.gateway.hubs import Hub
from risk_manager.gateway.port import Answer, FeedHealth, Heard, Urgency
from risk_manager.gateway.reading import Misread, Reading
from risk_manager.gateway.rest import Body, Rest, price_of
from risk_manager.gateway.session_fight import SessionFight
from risk_manager.gateway.subscriptions import QuoteSubscriptions, Subscriptions, UserSubscriptions
from risk_manager.gateway.translate import SIDE_NUMBER, TYPE_NUMBER

API: Final = "https://api.topstepx.com"
USER_HUB: Final = "https://rtc.topstepx.com/hubs/user"
MARKET_HUB: Final = "https://rtc.topstepx.com/hubs/market"
_LOOK_FOR_RENEWAL_EVERY: Final = 60.0


def _report_failure(task: asyncio.Task[None]) -> None:
    """Hand a defect to the loop's exception handler: work that is to last for ever must not end unseen."""
    if not task.cancelled() and (problem := task.exception()) is not None:
        context = {"message": "the venue's client has a defect", "exception": problem, "task": task}
        task.get_loop().call_exception_handler(context)


def _nobody_told(raw_excerpt: str, reason: str) -> None:
    del raw_excerpt, reason


class TopstepX:
    """One login, however many accounts it has. Create it in the running loop; close it with `aclose`.

    `now` stamps events; `heard` is told what the venue's own clock showed; `misread` is told the beginning and
    the reason of what could not be read, and `misread_count` counts it.
    """

    def __init__(
        self,
        *,
        username: str,
        api_key: str,
        now: Callable[[], datetime],
        api: str = API,
        user_hub: str = USER_HUB,
        market_hub: str = MARKET_HUB,
        misread: Misread = _nobody_told,
        jitter: Callable[[], float] = random.random,
        heard: Heard | None = None,
    ) -> None:
        self._now = now
        self._tell_misread = misread
        self._urls = {Feed.USER: user_hub, Feed.MARKET: market_hub}
        self._heard = heard
        self._rest = Rest(api, username=username, api_key=api_key, jitter=jitter, heard=heard)
        self._reading = Reading(self._rest, now=now, misread=self._misread, heard=heard)
        self._contracts: dict[str, Contract] = {}
        self._fight = SessionFight()
        self._users = UserSubscriptions(())
        self._quotes = QuoteSubscriptions()
        self._hubs: dict[Feed, Hub] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.misread_count = 0

    async def log_in(self) -> None:
        """Log in, unless that has been done; then hold connections warm and the token fresh."""
        await self._rest.login.token()
        if not self._tasks:
            self._run(self._rest.keep_warm())
            self._run(self._renew())

    def take_key(self, api_key: str) -> None:
        """Use another key for the next login, and forget a refusal of the one before; a session that holds stays."""
        self._rest.take_key(api_key)

    async def accounts(self) -> tuple[Account, ...]:
        """Every account of the login, locked ones too."""
        return await self._reading.accounts()

    async def contracts(self) -> tuple[Contract, ...]:
        """The active contract of each product; they are remembered for `contract` and `find_contract`."""
        listed = await self._reading.contracts()
        self._contracts.update((contract.contract_id, contract) for contract in listed)
        return listed

    async def contract(self, contract_id: str) -> Contract | None:
        """One contract, asked for once."""
        known = self._contracts.get(contract_id)
        if known is None:
            known = await self._reading.contract(contract_id)
        if known is not None:
            self._contracts[contract_id] = known
        return known

    async def find_contract(self, name: str) -> Contract | None:
        """Find what a trader means by `ES`, `/MNQ`, `ESU6`, `ESU26` or a full id; None when there is none."""
        listed = [contract for contract in self._contracts.values() if contract.active] or await self.contracts()
        found = contract_names.find(name, listed)
        if found is not None:
            return found
        contract_id = contract_names.id_of(name, listed)
        return None if contract_id is None else await self.contract(contract_id)

    async def positions(self, account_id: int, urgency: Urgency = Urgency.ROUTINE) -> tuple[Position, ...]:
        """Open positions."""
        return await self._reading.positions(account_id, urgency)

    async def working_orders(self, account_id: int, urgency: Urgency = Urgency.ROUTINE) -> tuple[Order, ...]:
        """Orders that may still fill, suspended bracket children included."""
        return await self._reading.working_orders(account_id, urgency)

    async def orders_since(self, account_id: int, since: datetime) -> tuple[Order, ...]:
        """All orders created since, in any state."""
        return await self._reading.orders_since(account_id, since)

    async def trades(self, account_id: int, since: datetime) -> tuple[Trade, ...]:
        """Half-turn fills since, oldest first, voided ones too."""
        return await self._reading.trades(account_id, since)

    async def last_price(self, contract_id: str) -> tuple[datetime, Decimal] | None:
        """The close of the latest one-minute bar, and when that was at the latest; None when there is none."""
        return await self._reading.last_price(contract_id)

    def close(self, account_id: int, contract_id: str) -> Coroutine[Any, Any, Answer]:
        """Ask for a market order against the whole position; written before this returns."""
        return self._rest.change(verdicts.CLOSE, {"accountId": account_id, "contractId": contract_id})

    def reduce(self, account_id: int, contract_id: str, size: int) -> Coroutine[Any, Any, Answer]:
        """Ask for a market order against `size` contracts; written before this returns."""
        return self._rest.change(verdicts.REDUCE, {"accountId": account_id, "contractId": contract_id, "size": size})

    def cancel(self, account_id: int, order_id: int) -> Coroutine[Any, Any, Answer]:
        """Ask to cancel one order; written before this returns."""
        return self._rest.change(verdicts.CANCEL, {"accountId": account_id, "orderId": order_id})

    def modify(
        self, account_id: int, order_id: int, *, size: int | None = None, stop: Decimal | None = None
    ) -> Coroutine[Any, Any, Answer]:
        """Ask for a new total size, or stop price; what is None is left out, as null is not documented."""
        body: Body = {"accountId": account_id, "orderId": order_id}
        if size is not None:
            body["size"] = size
        if stop is not None:
            body["stopPrice"] = price_of(stop)
        return self._rest.change(verdicts.MODIFY, body)

    def place_stop(
        self, account_id: int, contract_id: str, *, side: OrderSide, size: int, stop: Decimal, tag: str
    ) -> Coroutine[Any, Any, Answer]:
        """Place a stop order under a tag that was never used before; written before this returns."""
        body: Body = {
            "accountId": account_id,
            "contractId": contract_id,
            "type": TYPE_NUMBER[OrderType.STOP],
            "side": SIDE_NUMBER[side],
            "size": size,
            "stopPrice": price_of(stop),
            "customTag": tag,
        }
        return self._rest.change(verdicts.PLACE, body)

    def start_streams(self, *, accounts: Collection[int], deliver: Callable[[Event], None]) -> None:
        """Connect both streams and keep them connected; `deliver` is called at once, in the loop's thread."""
        self._users.want(accounts)
        subscriptions: dict[Feed, Subscriptions] = {Feed.USER: self._users, Feed.MARKET: self._quotes}
        for feed, wishes in subscriptions.items():
            hub = Hub(
                feed=feed,
                url=self._urls[feed],
                login=self._rest.login,
                fight=self._fight,
                subscriptions=wishes,
                now=self._now,
                deliver=deliver,
                misread=self._misread,
                heard=self._heard,
            )
            self._hubs[feed] = hub
            self._run(hub.run())

    def watch_accounts(self, account_ids: Collection[int]) -> None:
        """Subscribe to exactly these accounts; the user stream is connected anew for it."""
        self._users.want(account_ids)
        self.restart_stream(Feed.USER)

    async def watch_quotes(self, contract_ids: Collection[str]) -> None:
        """Subscribe to the quotes of exactly these contracts, at every connection."""
        await self._quotes.watch(contract_ids)

    def restart_stream(self, feed: Feed) -> None:
        """Drop and reconnect one stream, as when it is frozen."""
        if feed in self._hubs:
            self._hubs[feed].restart()

    def health(self) -> tuple[FeedHealth, ...]:
        """The streams' state; empty before they are started."""
        return tuple(hub.health() for hub in self._hubs.values())

    def requests_used(self) -> int:
        """Requests of the last minute, of the 200 that the venue allows."""
        return self._rest.budget.used(asyncio.get_running_loop().time())

    async def aclose(self) -> None:
        """Close streams and connections. The session at the venue is left to its end: others may share it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._rest.aclose()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_report_failure)
        self._tasks.append(task)

    async def _renew(self) -> None:
        """Renew the token at half its life, whatever is asked meanwhile."""
        clock, login = asyncio.get_running_loop().time, self._rest.login
        while True:
            await asyncio.sleep(_LOOK_FOR_RENEWAL_EVERY)
            if clock() < login.renew_at:
                continue
            try:
                await login.renew()
            except GatewayError:
                continue  # the old token serves on; the next look tries again

    def _misread(self, raw_excerpt: str, reason: str) -> None:
        self.misread_count += 1
        self._tell_misread(raw_excerpt, reason)
