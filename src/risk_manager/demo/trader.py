"""The scripted trader at the played venue: what he does, and what the venue's own truth says came of it."""

import asyncio
from collections.abc import Callable, Sequence
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
        prices = (await self.venue.state())["prices"]
        found = await self.venue.do("price", contract=contract, ticks=0)
        del prices
        await self.venue.do("price", contract=contract, last=str(Decimal(str(found["last"])) + points))

    async def sees(self, account: int, is_so: Callable[[Truth], bool], *, within: float) -> bool:
        """Wait until the venue's truth is so; tell whether it came to that."""
        try:
            async with asyncio.timeout(within):
                while not is_so(await self.venue.account(account)):
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            return False
        return True

    async def last_number(self) -> int:
        """Number the venue's log entry from which on an act is judged."""
        entries = await self.venue.log()
        return int(entries[-1]["number"]) if entries else 0

    async def reaction(self, account: int, *, since: int, trigger: str) -> tuple[bool, float | None]:
        """Tell whether the daemon has asked for anything in an account, and the milliseconds since the event before.

        `trigger` is the hub's event that makes the breach known; None where time alone made it.
        """
        entries = await self.venue.log(since=since)
        requests = [one for one in entries if one["kind"] == "request" and _answers(one, account)]
        if not requests:
            return False, None
        first = requests[0]
        events = [one for one in entries if one["number"] < first["number"] and one.get("target") == trigger]
        if not events:
            return True, None
        return True, (float(first["monotonic"]) - float(events[-1]["monotonic"])) * 1000


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
