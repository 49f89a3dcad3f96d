"""The PyPI package topstep-client-py, unmodified: logs in, subscribes, trades, prints what it saw.

Argument: the venue's greeting. It runs as a process of its own, since its threads and sockets end with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from topstep import MarketHub, OrderSide, OrderType, PlaceOrderRequest, TopstepClient, UserHub

PATIENCE_SECONDS = 20


class Witness:
    """Keeps what was seen, and wakes who waits for it."""

    def __init__(self) -> None:
        self.seen: dict[str, list[Any]] = {"orders": [], "positions": [], "trades": [], "quotes": []}
        self._changed = asyncio.Event()

    def of(self, kind: str) -> Callable[..., None]:
        def saw(*arguments: Any) -> None:
            self.seen[kind].append(arguments[0] if len(arguments) == 1 else list(arguments))
            self._changed.set()

        return saw

    async def until(self, kind: str, text: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while text not in json.dumps(self.seen[kind]):
                self._changed.clear()
                await self._changed.wait()


async def main(venue: dict[str, Any]) -> None:
    witness = Witness()
    client = await TopstepClient.create(venue["username"], venue["api_key"], base_url=venue["api"])
    account = (await client.accounts.search())[0]
    contract = next(c for c in await client.contracts.available() if c.name.startswith("MNQ"))
    assert client.token is not None
    user, market = UserHub(client.token, venue["user_hub"]), MarketHub(client.token, venue["market_hub"])
    opened = {"user": asyncio.Event(), "market": asyncio.Event()}
    user.on_open(opened["user"].set)
    market.on_open(opened["market"].set)
    user.on_order(witness.of("orders"))
    user.on_position(witness.of("positions"))
    user.on_trade(witness.of("trades"))
    market.on_quote(witness.of("quotes"))
    await user.connect()
    await market.connect()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await opened["user"].wait()
        await opened["market"].wait()
    await user.subscribe_all(account.id)
    await market.subscribe_quotes(contract.id)
    await witness.until("quotes", "bestBid")
    wanted = {"accountId": account.id, "contractId": contract.id, "size": 2, "customTag": "py"}
    order = PlaceOrderRequest.model_validate(wanted | {"type": OrderType.MARKET, "side": OrderSide.BUY})
    order_id = await client.orders.place(order)
    await witness.until("orders", '"status": 2')
    await witness.until("positions", '"size": 2')
    assert [position.size for position in await client.positions.search_open(account.id)] == [2]
    await client.positions.close(account.id, contract.id)
    await witness.until("positions", '"action": 2')
    await witness.until("trades", "profitAndLoss")
    assert await client.positions.search_open(account.id) == []
    print(json.dumps({"order": order_id, "contract": contract.id, **witness.seen}))  # noqa: T201 - its report
    sys.stdout.flush()
    os._exit(0)  # the keepalive threads of signalrcore sleep ten seconds before they notice a stop


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
