"""The load venue: REST and both hubs on loopback, lean enough to write a thousand quotes a second on the side."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from picows import WSMsgType, ws_create_server

from benchmarks.hubs import PING_EVERY, visitor_for
from benchmarks.rest import Counter, Desk
from benchmarks.seats import Seat

_LEAD = 0.2
"""Seconds of quotes before the first breach of a round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is written in a round: rates by the second, length in seconds."""

    breaches: int
    quotes: int
    seconds: float


class LoadVenue:
    """The addresses, and the seats to be taken."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        self.seats = {seat.account_id: seat for seat in seats}
        self.rest_port = 0
        self.hub_port = 0

    async def taken(self, seats: Sequence[Seat], timeout_seconds: float) -> None:
        """Wait until the streams of all these seats are connected."""
        async with asyncio.timeout(timeout_seconds):
            while not all(seat.is_taken for seat in seats):  # noqa: ASYNC110  nothing is measured meanwhile
                await asyncio.sleep(0.05)

    async def play(self, load: Load, seats: Sequence[Seat]) -> list[int]:
        """Write a round; return the nanoseconds from each breach to the first request, in no order."""
        for seat in seats:
            seat.delays.clear()
        gc.collect()
        gc.disable()
        try:
            await _write(_schedule(load, seats))
        finally:
            gc.enable()
        async with asyncio.timeout(10):
            while any(seat.is_breached for seat in seats):  # noqa: ASYNC110  the measured span is over
                await asyncio.sleep(0.05)
        return [delay for seat in seats for delay in seat.delays]

    async def ping(self) -> None:
        """Keep the streams alive for ever."""
        while True:
            await asyncio.sleep(PING_EVERY)
            for seat in self.seats.values():
                for stream in (seat.user, seat.market):
                    if stream is not None:
                        stream.send(WSMsgType.TEXT, b'{"type":6}\x1e')


@asynccontextmanager
async def load_venue(seats: Iterable[Seat]) -> AsyncIterator[LoadVenue]:
    """Open the venue on two free ports of loopback."""
    venue = LoadVenue(seats)
    desk = Desk(venue.seats)
    rest = await asyncio.get_running_loop().create_server(lambda: Counter(desk), "127.0.0.1", 0)
    hubs = await ws_create_server(lambda request: visitor_for(venue.seats, request), "127.0.0.1", 0)
    venue.rest_port = rest.sockets[0].getsockname()[1]
    venue.hub_port = hubs.sockets[0].getsockname()[1]
    pinging = asyncio.create_task(venue.ping())
    try:
        yield venue
    finally:
        pinging.cancel()
        rest.close()
        hubs.close()
        await _show_out(venue, desk)


async def _show_out(venue: LoadVenue, desk: Desk) -> None:
    """End every connection, and wait until it is so."""
    for counter in desk.counters:
        counter.close()
    streams = [stream for seat in venue.seats.values() for stream in (seat.user, seat.market) if stream is not None]
    for stream in streams:
        stream.disconnect(graceful=False)
    for stream in streams:
        await stream.wait_disconnected()


def _schedule(load: Load, seats: Sequence[Seat]) -> list[tuple[float, Callable[[], None]]]:
    """Spread quotes and breaches evenly over the seconds and over the seats, in order of time."""
    total = _LEAD + load.seconds
    quotes = [(number / load.quotes, seats[number % len(seats)].quote) for number in range(int(total * load.quotes))]
    # half a beat off, so that breaches do not always follow the same quote
    breaches = [
        (_LEAD + (number + 0.5) / load.breaches, seats[number % len(seats)].breach)
        for number in range(int(load.seconds * load.breaches))
    ]
    return sorted([*quotes, *breaches], key=lambda one: one[0])


async def _write(schedule: Sequence[tuple[float, Callable[[], None]]]) -> None:
    """Write everything at its time, or as soon after it as the loop comes round."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for due, write in schedule:
        pause = begun + due - loop.time()
        if pause > 0:
            await asyncio.sleep(pause)
        write()
