"""What a hub is asked to tell; it forgets all of it with every connection."""

import asyncio
from collections.abc import Collection
from typing import Protocol

from risk_manager.signalr.connection import HubConnection
from risk_manager.signalr.endings import ConnectionEnded, HubError, InvocationRefused, InvocationTimedOut


class Subscriptions(Protocol):
    """The wishes for one hub."""

    async def begin(self, connection: HubConnection) -> dict[int | None, str]:
        """Ask for everything; return what was refused, by account (None: of no account), with the reason.

        Raises:
            HubError: the connection is of no use.
        """

    def end(self) -> None:
        """Forget a connection that ended."""


class UserSubscriptions:
    """Accounts, and the orders, positions and trades of each account."""

    def __init__(self, accounts: Collection[int]) -> None:
        self._accounts = tuple(accounts)

    def want(self, accounts: Collection[int]) -> None:
        """Want exactly these accounts from the next connection on."""
        self._accounts = tuple(accounts)

    async def begin(self, connection: HubConnection) -> dict[int | None, str]:
        """Ask for all of it side by side."""
        # An argument for SubscribeAccounts costs the connection (seen in a live log); ids must be numbers.
        calls: list[tuple[int | None, str]] = [(None, "SubscribeAccounts")]
        for account_id in self._accounts:
            calls += [(account_id, f"Subscribe{kind}") for kind in ("Orders", "Positions", "Trades")]
        results = await asyncio.gather(*(_refusal(connection, account_id, method) for account_id, method in calls))
        return {account_id: refusal for (account_id, _), refusal in zip(calls, results, strict=True) if refusal}

    def end(self) -> None:
        """Nothing is kept."""


class QuoteSubscriptions:
    """The quotes of some contracts, which may change while the hub is connected."""

    def __init__(self) -> None:
        self._wanted: frozenset[str] = frozenset()
        self._held: frozenset[str] = frozenset()
        self._connection: HubConnection | None = None
        self._lock = asyncio.Lock()

    async def begin(self, connection: HubConnection) -> dict[int | None, str]:
        """Ask for the quotes of every contract that is wanted."""
        self._connection, self._held = connection, frozenset()
        refused = await self._settle(connection)
        return {None: refused} if refused else {}

    def end(self) -> None:
        """Forget the connection; the wishes stay."""
        self._connection, self._held = None, frozenset()

    async def watch(self, contract_ids: Collection[str]) -> None:
        """Want the quotes of exactly these contracts, now if connected, else with the next connection."""
        self._wanted = frozenset(contract_ids)
        if self._connection is None:
            return
        try:
            await self._settle(self._connection)
        except HubError:
            return  # the connection is over; the next one begins with what is wanted

    async def _settle(self, connection: HubConnection) -> str:
        async with self._lock:
            if connection is not self._connection:
                return ""
            wanted = self._wanted
            new, old = wanted - self._held, self._held - wanted
            calls = [("SubscribeContractQuotes", contract_id) for contract_id in sorted(new)]
            calls += [("UnsubscribeContractQuotes", contract_id) for contract_id in sorted(old)]
            results = await asyncio.gather(*(_refusal(connection, argument, method) for method, argument in calls))
            self._held = wanted  # after the answers: what got none is asked for again
            return "; ".join(result for result in results if result)


async def _refusal(connection: HubConnection, argument: int | str | None, method: str) -> str:
    """Call a method; return the reason of a refusal, empty when it was accepted."""
    try:
        await connection.invoke(method, *(() if argument is None else (argument,)))
    except InvocationRefused as problem:
        return str(problem)
    except (ConnectionEnded, InvocationTimedOut):
        raise
    return ""
