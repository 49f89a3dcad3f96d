"""The prices' own movement: small steps of the contracts that somebody watches or holds."""

from __future__ import annotations

import asyncio
from itertools import count

from risk_manager.simulator.exchange.contracts import Contract
from risk_manager.simulator.hubs import DEPTH, PRINTS, QUOTES
from risk_manager.simulator.stage import Stage

SHORTEST_NAP = 0.004
IDLE_NAP = 0.05
STREAMS = frozenset({QUOTES, PRINTS, DEPTH})


async def run_feed(stage: Stage) -> None:
    """Step prices at the pace of the switches until the venue stops."""
    turns = count()
    owed = 0.0
    loop = asyncio.get_running_loop()
    looked_at = loop.time()
    while not stage.closing.is_set():
        pace = stage.switches.quotes_per_second
        contracts = watched(stage) if _is_moving(stage) else []
        await asyncio.sleep(max(SHORTEST_NAP, 1 / pace) if contracts and pace > 0 else IDLE_NAP)
        now = loop.time()
        owed = min(owed + (now - looked_at) * pace, pace) if contracts else 0.0
        looked_at = now
        if not _is_moving(stage):  # it may have been told to stand still while this slept
            owed = 0.0
        for _ in range(int(owed)):
            stage.step_price(contracts[next(turns) % len(contracts)])
        owed -= int(owed)


def watched(stage: Stage) -> list[Contract]:
    """Contracts that somebody listens to, holds or has orders in, always in the same order."""
    listing = stage.exchange.floor.listing.by_id
    names = {str(key) for stream, key in stage.hubs.topics() if stream in STREAMS}
    names |= stage.exchange.held_contracts()
    return [listing[name] for name in sorted(names) if name in listing]


def _is_moving(stage: Stage) -> bool:
    return stage.switches.prices_move and stage.exchange.is_open(stage.clock.now())
