"""What is asked of a hub, over a connection to a venue on a real socket."""

import pytest

from risk_manager.gateway.subscriptions import QuoteSubscriptions, UserSubscriptions
from risk_manager.signalr.connection import Delivery, HubConnection, open_hub
from risk_manager.signalr.endings import ConnectionEnded
from tests.gateway.fake_venue import FakeVenue


async def connected(venue: FakeVenue, hub: str) -> HubConnection:
    async def token() -> str:
        return "token"

    def pass_over(message: Delivery) -> None:
        del message

    return await open_hub(venue.hub_url(hub), access_token=token, on_message=pass_over)


async def test_accounts_are_named_by_numbers_and_the_account_stream_by_nothing(venue: FakeVenue) -> None:
    async with await connected(venue, "user") as connection:
        assert await UserSubscriptions([11]).begin(connection) == {}
        peer = await venue.peer("user", calls=4)
    assert ("SubscribeAccounts", []) in peer.calls
    assert ("SubscribeTrades", [11]) in peer.calls


async def test_a_refusal_is_told_by_account(venue: FakeVenue) -> None:
    venue.refused_calls |= {"SubscribeAccounts", "SubscribeOrders"}
    async with await connected(venue, "user") as connection:
        refused = await UserSubscriptions([11, 12]).begin(connection)
    assert refused.keys() == {None, 11, 12}
    assert "SubscribeOrders" in refused[11]


async def test_a_connection_that_is_over_is_of_no_use(venue: FakeVenue) -> None:
    connection = await connected(venue, "user")
    await connection.close()
    with pytest.raises(ConnectionEnded):
        await UserSubscriptions([11]).begin(connection)


async def test_only_what_changed_is_asked_for(venue: FakeVenue) -> None:
    quotes = QuoteSubscriptions()
    async with await connected(venue, "market") as connection:
        await quotes.begin(connection)
        await quotes.watch(["A", "B"])
        await quotes.watch(["A", "B"])
        await quotes.watch(["B", "C"])
        peer = await venue.peer("market", calls=4)
    assert peer.calls == [
        ("SubscribeContractQuotes", ["A"]),
        ("SubscribeContractQuotes", ["B"]),
        ("SubscribeContractQuotes", ["C"]),
        ("UnsubscribeContractQuotes", ["A"]),
    ]


async def test_wishes_outlive_the_connection(venue: FakeVenue) -> None:
    quotes = QuoteSubscriptions()
    async with await connected(venue, "market") as connection:
        await quotes.begin(connection)
    await quotes.watch(["A"])
    quotes.end()
    async with await connected(venue, "market") as connection:
        await quotes.begin(connection)
        peer = await venue.peer("market", number=2, calls=1)
    assert peer.calls == [("SubscribeContractQuotes", ["A"])]
