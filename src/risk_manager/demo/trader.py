"""The scripted trader at the played venue: what he does, and what the venue's own truth says came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from risk_manager.demo.processes import PlayedVenue

Truth = dict[str, Any]
"""One account at the venue: positions, orders, trades, flags."""

_LOOK_EVERY = 0.05  # seconds between two looks at the venue's truth
_REACTIONS = ("/closeContract", "/partialCloseContract", "/Order/cancel", "/Order/modify", "/Order/place")


@dataclass(slots=True)
class Outcome:
    """What became of one act: the milliseconds from the venue's event to the first request that answers it."""

    name: str
    is_breach: bool
    enforced: bool = False
    proven: bool = False
    latency_ms: float | None = None
    detail: str = ""


@dataclass(slots=True)
class Trader:
    """Acts at the venue's control interface, in one account at a time."""

    venue: PlayedVenue
    outcomes: list[Outcome] = field(default_factory=list)

    async def order(self, account: int, side: str, size: int, contract: str, **more: object) -> int | None:
        """Place an order, at the market unless told otherwise; return its id."""
        told = await self.venue.do("place", account=account, contract=contract, side=side, size=size, **more)
        return told.get("order")

    async def move_price(self, contract: str, points: Decimal) -> None:
        """Let the market move by so many points."""
        await self.venue.do("price", contract=contract, last=str(await self.price(contract) + points))

    async def price(self, contract: str) -> Decimal:
        """Read the last price of a contract."""
        return Decimal(str((await self.venue.do("price", contract=contract, ticks=0))["last"]))

    async def sees(self, account: int, is_so: Callable[[Truth], bool], *, within: float) -> bool:
        """Wait, so many seconds at most, until the venue's truth is so; tell whether it came to that."""
        return await _comes_true(lambda: self._is(account, is_so), within=within)

    async def is_answered(self, account: int, *, since: int, within: float) -> bool:
        """Wait until the daemon asks for anything in an account; tell whether it did."""

        async def asks() -> bool:
            return bool(await self._requests(account, since))

        return await _comes_true(asks, within=within)

    async def last_number(self) -> int:
        """Number the venue's log entry from which on an act is judged."""
        entries = await self.venue.log()
        return int(entries[-1]["number"]) if entries else 0

    async def latency_ms(self, account: int, *, since: int, trigger: str) -> float | None:
        """Measure from the last hub event named `trigger` to the first request that answers; None without either."""
        requests = await self._requests(account, since)
        if not requests:
            return None
        entries = await self.venue.log(since=since, kinds=("event",))
        first = requests[0]
        events = [one for one in entries if one["number"] < first["number"] and one.get("target") == trigger]
        if not events:
            return None
        return (float(first["monotonic"]) - float(events[-1]["monotonic"])) * 1000

    async def _requests(self, account: int, since: int) -> list[dict[str, Any]]:
        entries = await self.venue.log(since=since, kinds=("request",))
        return [one for one in entries if _answers(one, account)]

    async def _is(self, account: int, is_so: Callable[[Truth], bool]) -> bool:
        return is_so(await self.venue.account(account))


async def _comes_true(look: Callable[[], Awaitable[bool]], *, within: float) -> bool:
    for _ in range(max(int(within / _LOOK_EVERY), 1)):
        if await look():
            return True
        await asyncio.sleep(_LOOK_EVERY)
    return False


def _answers(entry: dict[str, Any], account: int) -> bool:
    body = entry.get("body")
    is_his = isinstance(body, dict) and body.get("accountId") == account
    return is_his and any(entry["path"].endswith(path) for path in _REACTIONS)


def size_of(truth: Truth, root: str) -> int:
    """Tell how many contracts of a product are held, over all months, without the sign."""
    return sum(int(position["size"]) for position in truth["positions"] if _root(str(position["contractId"])) == root)


def working(truth: Truth) -> Sequence[int]:
    """List the orders that may still fill."""
    return [int(order["id"]) for order in truth["orders"] if order["status"] in (0, 1, 6, 7, 8)]


def is_flat(truth: Truth) -> bool:
    """Tell whether nothing is held and nothing may fill."""
    return not truth["positions"] and not working(truth)


_CODES = {"EP": "ES", "ENQ": "NQ", "CLE": "CL", "GCE": "GC"}


def _root(contract_id: str) -> str:
    code = contract_id.split(".")[3]
    return _CODES.get(code, code)
