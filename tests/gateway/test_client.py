"""The port, spoken to a venue on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk_manager.core.events import Event, Feed, PositionUpdated
from risk_manager.core.model.order import OrderSide
from risk_manager.gateway.client import TopstepX
from risk_manager.gateway.errors import GatewayRefused
from risk_manager.gateway.port import Venue, Verdict
from tests.gateway.fake_venue import FakeVenue, no, ok, until

ES = {"id": "CON.F.US.EP.U26", "name": "ESU6", "tickSize": 0.25, "tickValue": 12.5, "symbolId": "F.US.EP"}
MES = {"id": "CON.F.US.MES.U26", "name": "MESU6", "tickSize": 0.25, "tickValue": 1.25, "symbolId": "F.US.MES"}


@pytest.fixture
async def client(venue: FakeVenue) -> AsyncIterator[TopstepX]:
    running = TopstepX(
        username="trader",
        api_key="key",
        now=lambda: datetime(2026, 8, 19, 20, tzinfo=UTC),
        api=venue.url,
        user_hub=venue.hub_url("user"),
        market_hub=venue.hub_url("market"),
    )
    yield running
    await running.aclose()


async def test_it_is_a_venue(client: TopstepX) -> None:
    port: Venue = client
    assert port.health() == ()


async def test_a_wrong_key_is_refused(venue: FakeVenue, client: TopstepX) -> None:
    venue.answer("/api/Auth/loginKey", no(3))
    with pytest.raises(GatewayRefused):
        await client.log_in()


async def test_another_key_is_used_for_the_next_login(venue: FakeVenue, client: TopstepX) -> None:
    venue.answer("/api/Auth/loginKey", no(3), ok(token="next"))
    with pytest.raises(GatewayRefused):
        await client.log_in()
    client.take_key("another")
    await client.log_in()
    assert venue.requests[-1].body["apiKey"] == "another"


async def test_logging_in_warms_connections_up(venue: FakeVenue, client: TopstepX) -> None:
    await client.log_in()
    await client.log_in()
    await venue.until(lambda: venue.paths() == ["/api/Auth/loginKey"])


async def test_each_change_is_written_as_the_venue_wants_it(venue: FakeVenue, client: TopstepX) -> None:
    for path in ("Position/closeContract", "Position/partialCloseContract", "Order/cancel", "Order/modify"):
        venue.answer(f"/api/{path}", ok())
    venue.answer("/api/Order/place", ok(orderId=7))
    answers = [
        await client.close(11, "C"),
        await client.reduce(11, "C", 2),
        await client.cancel(11, 3_000_000_001),
        await client.modify(11, 5, size=3),
        await client.modify(11, 5, stop=Decimal("29398.25")),
        await client.place_stop(11, "C", side=OrderSide.SELL, size=1, stop=Decimal("0.0067005"), tag="srm-1"),
    ]
    assert {answer.verdict for answer in answers} == {Verdict.ACCEPTED}
    assert answers[-1].order_id == 7
    assert [(request.path.rpartition("/")[2], request.body) for request in venue.requests[1:]] == [
        ("closeContract", {"accountId": 11, "contractId": "C"}),
        ("partialCloseContract", {"accountId": 11, "contractId": "C", "size": 2}),
        ("cancel", {"accountId": 11, "orderId": 3_000_000_001}),
        ("modify", {"accountId": 11, "orderId": 5, "size": 3}),
        ("modify", {"accountId": 11, "orderId": 5, "stopPrice": 29398.25}),
        (
            "place",
            {
                "accountId": 11,
                "contractId": "C",
                "type": 4,
                "side": 1,
                "size": 1,
                "stopPrice": 0.0067005,
                "customTag": "srm-1",
            },
        ),
    ]


async def test_contracts_are_found_by_the_names_of_traders_and_asked_for_once(
    venue: FakeVenue, client: TopstepX
) -> None:
    venue.answer("/api/Contract/available", ok(contracts=[MES, ES]))
    december = ES | {"id": "CON.F.US.EP.Z26", "name": "ESZ6", "activeContract": False}
    venue.answer("/api/Contract/searchById", ok(contract=december))
    found = [await client.find_contract(name) for name in ("ES", "/mes", "ESZ6", "ESZ26", "E")]
    assert [contract.contract_id if contract else None for contract in found] == [
        "CON.F.US.EP.U26",
        "CON.F.US.MES.U26",
        "CON.F.US.EP.Z26",
        "CON.F.US.EP.Z26",
        None,
    ]
    assert venue.paths().count("/api/Contract/available") == 1
    assert venue.paths().count("/api/Contract/searchById") == 1


async def test_both_streams_and_rest_share_one_session(venue: FakeVenue, client: TopstepX) -> None:
    events: list[Event] = []
    await client.watch_quotes(["CON.F.US.EP.U26"])
    client.start_streams(accounts=[11], deliver=events.append)
    user = await venue.peer("user", calls=4)
    market = await venue.peer("market", calls=1)
    assert (user.token, market.token, venue.tokens) == ("token-1", "token-1", 1)
    await until(lambda: {health.state for health in client.health()} == {"live"})
    client.restart_stream(Feed.MARKET)
    again = await venue.peer("market", number=2, calls=1)
    assert again.calls == [("SubscribeContractQuotes", ["CON.F.US.EP.U26"])]


async def test_a_close_leaves_while_the_event_that_caused_it_is_still_being_delivered(
    venue: FakeVenue, client: TopstepX
) -> None:
    venue.answer("/api/Position/closeContract", ok())
    await client.log_in()
    answers: list[asyncio.Task[object]] = []

    def deliver(event: Event) -> None:
        if isinstance(event, PositionUpdated):
            closing = client.close(event.account_id, event.position.contract_id)
            answers.append(asyncio.get_running_loop().create_task(closing))

    client.start_streams(accounts=[11], deliver=deliver)
    peer = await venue.peer("user", calls=4)
    position = '{"action":1,"data":{"id":8,"accountId":11,"contractId":"C","type":1,"size":2,"averagePrice":1}}'
    await peer.tell("GatewayUserPosition", position)
    await venue.until(lambda: "/api/Position/closeContract" in venue.paths())
    await asyncio.gather(*answers)


async def test_what_cannot_be_read_is_counted(venue: FakeVenue, client: TopstepX) -> None:
    venue.answer("/api/Account/search", ok(accounts=[{"id": "?"}, {"id": 11}]))
    assert len(await client.accounts()) == 1
    assert client.misread_count == 1
