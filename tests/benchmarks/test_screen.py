"""What the measurement of the screen waits for, and what the screen is given to do meanwhile."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from benchmarks.screen import CONTRACTS, QUOTES_EACH, Terminal, headline, tell_parts, tell_prices
from risk_manager.daemon.telling.publisher import RULES_EVERY
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import AccountRules
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarketQuote
from risk_manager.local_api.server import Server
from tests.daemon.virtual_time import LoopClock, in_virtual_time

SIGN = headline("CON.F.US.B101A.Z26")


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ours, theirs = os.pipe()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


async def test_words_that_come_in_pieces_are_seen_when_the_last_of_them_is_there(pipe: tuple[int, int]) -> None:
    terminal = Terminal(cast("Any", None), pipe[0])
    shown = terminal.expect(SIGN)
    for piece, is_shown in (("what else is painted, Max con", False), ("tracts B101", False), ("A: exceeded", True)):
        os.write(pipe[1], piece.encode())
        terminal.read()
        assert shown.done() is is_shown


async def test_words_of_another_enforcement_or_of_before_are_none(pipe: tuple[int, int]) -> None:
    terminal = Terminal(cast("Any", None), pipe[0])
    os.write(pipe[1], SIGN.encode())
    terminal.read()
    shown = terminal.expect(SIGN)
    os.write(pipe[1], headline("CON.F.US.B101B.Z26").encode())
    terminal.read()
    assert not shown.done()


def test_the_screen_is_told_what_the_daemon_tells_of_moving_prices() -> None:
    told: Counter[type] = Counter()
    paces: dict[type, float] = {}

    class Listening:
        def broadcast(self, message: Message) -> None:
            told[type(message.data)] += 1

        def broadcast_latest(self, _key: str, produce: Callable[[], Message], *, every: float = 0.0) -> None:
            kind = type(produce().data)
            told[kind] += 1
            paces[kind] = every

    async def scene() -> None:
        server = cast("Server", Listening())
        telling = [asyncio.create_task(tell(server, LoopClock())) for tell in (tell_prices, tell_parts)]
        await asyncio.sleep(9.99)
        for each in telling:
            each.cancel()

    in_virtual_time(scene())
    rounds = 10 * QUOTES_EACH
    assert told == {MarketQuote: rounds * CONTRACTS, AccountRules: rounds, PartsTold: 10}
    assert paces == {AccountRules: RULES_EVERY, PartsTold: 0.0}
