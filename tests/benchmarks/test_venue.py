"""The load venue with its hubs, and the bare client that is the floor."""

import asyncio

from benchmarks.floor import closing_request, join
from benchmarks.rest import Counter, Desk
from benchmarks.seats import Seat
from benchmarks.venue import Load, load_venue
from risk_manager.gateway import verdicts
from risk_manager.gateway.rest import Rest
from tests.patience import patience


async def test_the_floor_joins_and_answers_every_breach() -> None:
    seats = [Seat(501), Seat(502)]
    async with load_venue(seats) as venue:
        joining = asyncio.create_task(join(venue.rest_port, venue.hub_port, [501, 502]))
        await venue.taken(seats, patience(10))

        delays = await venue.play(Load(breaches=40, quotes=200, seconds=0.1), seats)

        joining.cancel()
        await asyncio.gather(joining, return_exceptions=True)
    missed = sum(seat.missed for seat in seats)  # the last one was still open when the next fell due: a busy machine
    assert len(delays) == 4 - missed
    assert delays
    assert all(delay > 0 for delay in delays)


class Eavesdropper(Counter):
    """Remembers what a connection brought."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(Desk({seat.account_id: seat}))
        self.heard = b""

    def data_received(self, data: bytes) -> None:
        self.heard += data
        super().data_received(data)


async def test_the_floor_sends_the_very_bytes_that_the_daemon_sends() -> None:
    seat = Seat(501)
    ears: list[Eavesdropper] = []

    def listen() -> Eavesdropper:
        ears.append(Eavesdropper(seat))
        return ears[-1]

    server = await asyncio.get_running_loop().create_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    rest = Rest(f"http://127.0.0.1:{port}", username=seat.username, api_key="bench", jitter=lambda: 0.0)
    await rest.login.token()

    await rest.change(verdicts.CLOSE, {"accountId": seat.account_id, "contractId": seat.breached})

    assert ears[0].heard.endswith(closing_request(seat, seat.breached, port))
    await rest.aclose()
    for ear in ears:
        ear.close()
    server.close()
