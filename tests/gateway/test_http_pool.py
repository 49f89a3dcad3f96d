"""Warm connections: reused, replaced, bounded, closed."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from risk_manager.gateway.errors import GatewayUnavailable
from risk_manager.gateway.http_pool import MAX_LINKS, HttpPool
from tests.gateway.fake_venue import FakeVenue, Response, ok

ASK = b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
async def pool(venue: FakeVenue) -> AsyncIterator[HttpPool]:
    running = HttpPool(venue.url)
    yield running
    await running.aclose()


async def test_one_request_after_the_other_takes_one_connection(venue: FakeVenue, pool: HttpPool) -> None:
    venue.answer("/x", ok())
    for _ in range(5):
        assert (await pool.send(ASK)).status == 200
    assert len({request.connection for request in venue.requests}) == 1


async def test_requests_of_the_same_moment_take_one_connection_each(venue: FakeVenue, pool: HttpPool) -> None:
    venue.answer("/x", ok())
    await asyncio.gather(*(pool.send(ASK) for _ in range(4)))
    assert len({request.connection for request in venue.requests}) == 4


async def test_a_connection_that_the_venue_closes_is_replaced(venue: FakeVenue, pool: HttpPool) -> None:
    venue.answer("/x", Response(b"{}", headers={"Connection": "close"}), ok())
    await pool.send(ASK)
    await pool.send(ASK)
    assert len({request.connection for request in venue.requests}) == 2


async def test_more_connections_than_allowed_are_not_opened(venue: FakeVenue, pool: HttpPool) -> None:
    venue.answer("/x", Response(b"", hang=True))
    waiting = [asyncio.ensure_future(pool.send(ASK)) for _ in range(MAX_LINKS)]
    await venue.until(lambda: len(venue.requests) == MAX_LINKS)
    with pytest.raises(GatewayUnavailable, match="busy"):
        await pool.send(ASK)
    await pool.aclose()
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(end, GatewayUnavailable) for end in ends)


async def test_a_closed_pool_opens_nothing(pool: HttpPool) -> None:
    await pool.aclose()
    with pytest.raises(GatewayUnavailable, match="closed"):
        await pool.send(ASK)


async def test_a_ping_that_is_due_goes_over_the_silent_connection(venue: FakeVenue, pool: HttpPool) -> None:
    venue.answer("/x", ok())
    await asyncio.gather(pool.send(ASK), pool.send(ASK), pool.send(ASK))
    silent = pool._links[0]
    silent.idle_since -= 1000
    await pool._warm_up(lambda: pool.send(ASK))
    assert len(venue.requests) == 4
    assert pool._links[-1] is silent
    assert asyncio.get_running_loop().time() - silent.idle_since < 5


@pytest.mark.parametrize("turns", range(8))
async def test_a_close_in_the_middle_of_connecting_by_name_leaves_no_socket_behind(
    venue: FakeVenue, turns: int
) -> None:
    pool = HttpPool(venue.url.replace("127.0.0.1", "localhost"))
    warming = asyncio.create_task(pool.keep_warm(lambda: pool.send(ASK)))
    for _ in range(turns):
        await asyncio.sleep(0)
    warming.cancel()
    await pool.aclose()
    await asyncio.gather(warming, return_exceptions=True)
    gc.collect()  # an open socket would complain now
