"""Hubs over real sockets: subscribed at every connection, told when lost, back with the newest token."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from risk_manager.core.events import Event, Feed, FeedLost, FeedRestored, PositionUpdated, QuoteUpdated
from risk_manager.gateway.hubs import Hub
from risk_manager.gateway.port import FeedHealth
from risk_manager.gateway.rest import Rest
from risk_manager.gateway.session_fight import SessionFight
from risk_manager.gateway.subscriptions import QuoteSubscriptions, Subscriptions, UserSubscriptions
from tests.gateway.fake_venue import FakeVenue, Response, no, ok, until

AT = datetime(2026, 8, 19, 20, tzinfo=UTC)
POSITION = '{"action":1,"data":{"id":8,"accountId":11,"contractId":"C","type":1,"size":2,"averagePrice":1}}'
USER_CALLS = 4
"""SubscribeAccounts, and three for the one account."""


def at_once() -> Iterator[float]:
    return itertools.repeat(0.001)


class Listener:
    """A hub that runs, and all it said."""

    def __init__(self, venue: FakeVenue, feed: Feed, subscriptions: Subscriptions) -> None:
        self.rest = Rest(venue.url, username="trader", api_key="key", jitter=lambda: 0.0)
        self.events: list[Event] = []
        self.misread: list[tuple[str, str]] = []
        self.fight = SessionFight()
        self.hub = Hub(
            feed=feed,
            url=venue.hub_url(feed.value),
            login=self.rest.login,
            fight=self.fight,
            subscriptions=subscriptions,
            now=lambda: AT,
            deliver=self.events.append,
            misread=lambda excerpt, reason: self.misread.append((excerpt, reason)),
            waits=at_once,
        )

    async def until_state(self, state: str) -> FeedHealth:
        await until(lambda: self.hub.health().state == state)
        return self.hub.health()

    def allow_next_login(self) -> None:
        """Let the distance between logins, which has its own tests, have passed."""
        self.rest.login._next_login_at = 0

    def feeds(self) -> list[tuple[str, int | None]]:
        return [
            (type(event).__name__, event.account_id)
            for event in self.events
            if isinstance(event, (FeedLost, FeedRestored))
        ]


@asynccontextmanager
async def listening(
    venue: FakeVenue, feed: Feed = Feed.USER, subscriptions: Subscriptions | None = None
) -> AsyncIterator[Listener]:
    listener = Listener(venue, feed, subscriptions or UserSubscriptions([11]))
    task = asyncio.get_running_loop().create_task(listener.hub.run())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.wait([task])
        await listener.rest.aclose()


async def test_the_user_hub_is_asked_for_everything_of_each_account(venue: FakeVenue) -> None:
    async with listening(venue, subscriptions=UserSubscriptions([11, 12])) as listener:
        peer = await venue.peer("user", calls=7)
        await listener.until_state("live")
    assert peer.token == "token-1"
    assert sorted(peer.calls) == [
        ("SubscribeAccounts", []),
        ("SubscribeOrders", [11]),
        ("SubscribeOrders", [12]),
        ("SubscribePositions", [11]),
        ("SubscribePositions", [12]),
        ("SubscribeTrades", [11]),
        ("SubscribeTrades", [12]),
    ]
    assert listener.feeds() == [("FeedRestored", None)]
    assert listener.hub.health().state == "stopped"


async def test_events_are_delivered_as_they_come(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        peer = await venue.peer("user", calls=USER_CALLS)
        await peer.tell("GatewayUserPosition", POSITION)
        await until(lambda: any(isinstance(event, PositionUpdated) for event in listener.events))
        assert listener.hub.health().age is not None


async def test_a_quiet_stream_is_no_older_than_its_last_ping(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        peer = await venue.peer("user", calls=USER_CALLS)
        await listener.until_state("live")
        before = asyncio.get_running_loop().time()
        await peer.say('{"type":6}')
        await until(lambda: (listener.hub.health().age or 0.0) <= asyncio.get_running_loop().time() - before)


async def test_a_bad_record_is_reported_and_the_next_one_heard(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        peer = await venue.peer("user", calls=USER_CALLS)
        await peer.say("{nonsense", '{"type":1,"target":5}')
        await peer.tell("GatewayUserPosition", '{"action":1,"data":{"accountId":[]}}')
        await peer.tell("GatewayUserPosition", POSITION)
        await until(lambda: any(isinstance(event, PositionUpdated) for event in listener.events))
    assert len(listener.misread) == 3


async def test_subscriptions_that_died_with_the_connection_are_made_anew(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        peer = await venue.peer("user", calls=USER_CALLS)
        await listener.until_state("live")
        await peer.socket.close()
        second = await venue.peer("user", number=2, calls=USER_CALLS)
        await until(lambda: len(listener.feeds()) == 3)
    assert sorted(second.calls) == sorted(peer.calls)
    assert listener.feeds() == [("FeedRestored", None), ("FeedLost", None), ("FeedRestored", None)]


async def test_a_restart_is_asked_for_and_happens(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        await venue.peer("user", calls=USER_CALLS)
        await listener.until_state("live")
        listener.hub.restart()
        await venue.peer("user", number=2, calls=USER_CALLS)


async def test_after_a_logout_the_hub_comes_back_with_a_new_token(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        peer = await venue.peer("user", calls=USER_CALLS)
        await listener.until_state("live")
        listener.rest.login._taken_at = 0
        listener.allow_next_login()
        await peer.tell("gatewaylogout", '"somebody else"')
        second = await venue.peer("user", number=2, calls=USER_CALLS)
    assert (peer.token, second.token) == ("token-1", "token-2")


async def test_two_programs_that_throw_each_other_out_do_not_go_on_for_ever(venue: FakeVenue) -> None:
    async with listening(venue) as listener:
        for number in range(1, 7):
            peer = await venue.peer("user", number=number, calls=USER_CALLS)
            listener.rest.login._taken_at = 0
            listener.allow_next_login()
            await peer.tell("GatewayLogout")
        health = await listener.until_state("session_fight")
    assert "another program" in health.reason
    assert len(venue.peers) == 6


async def test_a_token_that_rest_refuses_too_is_replaced(venue: FakeVenue) -> None:
    venue.refuse_hubs_with["user"] = 401
    venue.standing["/api/Auth/validate"] = Response(b"", status=401)
    async with listening(venue) as listener:
        await listener.until_state("lost")
        assert listener.rest.login.current is None
        assert listener.feeds() == [("FeedLost", None)]
        venue.refuse_hubs_with.clear()
        await until(lambda: listener.hub.health().state == "lost")
        listener.allow_next_login()
        listener.hub.restart()
        peer = await venue.peer("user", calls=USER_CALLS)
    assert peer.token != "token-1"


async def test_a_token_that_only_the_user_hub_refuses_is_left_to_rest(venue: FakeVenue) -> None:
    venue.refuse_hubs_with["user"] = 401
    venue.standing["/api/Auth/validate"] = ok(newToken=None)
    async with listening(venue) as listener:
        health = await listener.until_state("refused")
        assert "401" in health.reason
        assert listener.rest.login.current == "token-1"
        assert listener.feeds() == [("FeedLost", None)]
        venue.refuse_hubs_with.clear()
        await venue.peer("user", calls=USER_CALLS)
        await listener.until_state("live")
    assert venue.paths().count("/api/Auth/loginKey") == 1


async def test_a_market_hub_that_refuses_for_want_of_a_licence_costs_no_session(venue: FakeVenue) -> None:
    venue.refuse_hubs_with["market"] = 401
    async with listening(venue, Feed.MARKET, QuoteSubscriptions()) as listener:
        await listener.until_state("lost")
        assert listener.rest.login.current == "token-1"
        assert "401" in listener.hub.health().reason


async def test_a_refused_key_is_told_by_the_hub_and_not_tried_again(venue: FakeVenue) -> None:
    venue.answer("/api/Auth/loginKey", no(9))
    async with listening(venue) as listener:
        health = await listener.until_state("refused")
        listener.hub.restart()
        await listener.until_state("refused")
    assert "subscription" in health.reason
    assert venue.paths() == ["/api/Auth/loginKey"]


async def test_an_account_that_cannot_be_subscribed_is_blind_and_the_others_see(venue: FakeVenue) -> None:
    venue.refused_calls.add("SubscribePositions")
    async with listening(venue) as listener:
        health = await listener.until_state("live")
        assert listener.feeds() == [("FeedRestored", None), ("FeedLost", 11)]
    assert "SubscribePositions" in health.reason


@pytest.mark.parametrize("first", [["A", "B"], []])
async def test_exactly_the_contracts_that_are_wanted_are_quoted(venue: FakeVenue, first: list[str]) -> None:
    quotes = QuoteSubscriptions()
    await quotes.watch(first)
    async with listening(venue, Feed.MARKET, quotes) as listener:
        peer = await venue.peer("market", calls=len(first))
        await listener.until_state("live")
        await quotes.watch(["B", "C"])
        await peer.tell("GatewayQuote", '"B"', '{"lastPrice":1}')
        await until(lambda: any(isinstance(event, QuoteUpdated) for event in listener.events))
        held: set[str] = set()
        for method, arguments in peer.calls:
            held = held | set(arguments) if method.startswith("Subscribe") else held - set(arguments)
        assert held == {"B", "C"}
        listener.hub.restart()
        second = await venue.peer("market", number=2, calls=2)
    assert sorted(second.calls) == [("SubscribeContractQuotes", ["B"]), ("SubscribeContractQuotes", ["C"])]
