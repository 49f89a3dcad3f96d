"""Requests over real sockets: what is knowledge, what is repeated, what is not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk_manager.gateway.errors import GatewayError, GatewayMisread, GatewayRefused, GatewayUnavailable
from risk_manager.gateway.port import Answer, Urgency, Verdict
from risk_manager.gateway.rest import ASKED_AT_ONCE, Rest, price_of
from risk_manager.gateway.verdicts import CANCEL, CLOSE
from tests.gateway.fake_venue import FakeVenue, Response, no, ok, until

READ = "/api/Position/searchOpen"
CLOSING = {"accountId": 11, "contractId": "C"}


@pytest.fixture
async def rest(venue: FakeVenue) -> AsyncIterator[Rest]:
    running = Rest(venue.url, username="trader", api_key="k3y", jitter=lambda: 0.0)
    yield running
    await running.aclose()


async def test_the_first_request_logs_in_with_the_key(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(READ, ok(positions=[]))
    envelope = await rest.read(READ, {"accountId": 11})
    assert envelope.positions == []
    login, read = venue.requests
    assert (login.path, login.token, login.body) == ("/api/Auth/loginKey", "", {"userName": "trader", "apiKey": "k3y"})
    assert (read.path, read.token, read.body) == (READ, "token-1", {"accountId": 11})
    assert read.connection is login.connection


async def test_every_reply_tells_the_venues_time_and_how_old_that_can_be(venue: FakeVenue) -> None:
    told: list[tuple[datetime, float]] = []

    def heard(stamp: datetime, *, within: float | None = None) -> None:
        told.append((stamp, within or 0.0))

    dated = {"Date": "Tue, 24 Nov 2026 00:42:04 GMT"}
    venue.answer(READ, Response(b"", status=503, headers=dated))
    running = Rest(venue.url, username="trader", api_key="k3y", jitter=lambda: 0.0, heard=heard)
    with pytest.raises(GatewayUnavailable):
        await running.read(READ, {})
    await running.aclose()
    assert told[-1][0] == datetime(2026, 11, 24, 0, 42, 4, tzinfo=UTC)
    assert 1.0 <= told[-1][1] < 6.0


async def test_a_rejected_token_is_replaced_and_a_read_repeated_once(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(READ, Response(b"", status=401), ok(positions=[]))
    venue.answer("/api/Auth/loginKey", ok(token="old"), ok(token="new"))
    rest.login.drop(await rest.login.token())
    rest.login._next_login_at = 0  # a test of the pacing is elsewhere; here it has passed
    await rest.login.token()
    rest.login._taken_at = rest.login._next_login_at = 0
    await rest.read(READ, {})
    assert venue.paths()[-3:] == [READ, "/api/Auth/loginKey", READ]


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (Response(b"", status=404), GatewayRefused),
        (Response(b"{}", status=400), GatewayRefused),
        (Response(b"", status=403), GatewayRefused),
        (Response(b"", status=429, headers={"Retry-After": "7"}), GatewayUnavailable),
        (Response(b"<html>", status=502), GatewayUnavailable),
        (Response(b"<html>"), GatewayMisread),
        (Response(b"", cut=True), GatewayUnavailable),
    ],
)
async def test_nothing_but_a_readable_200_is_knowledge(
    venue: FakeVenue, rest: Rest, response: Response, kind: type[GatewayError]
) -> None:
    venue.answer(READ, response)
    with pytest.raises(kind):
        await rest.read(READ, {})


async def test_a_connection_that_the_venue_gave_up_costs_a_read_nothing(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(READ, Response(b"", cut=True), ok(positions=[]))
    assert (await rest.read(READ, {})).positions == []
    assert venue.paths().count(READ) == 2


@pytest.mark.parametrize(
    "response",
    [
        Response(b"", cut=True),
        Response(b"", status=401),
        Response(b"", status=429),
        Response(b"", status=503),
        Response(b"<html>"),
        no(6),
    ],
)
async def test_an_order_whose_fate_is_not_known_is_never_sent_twice(
    venue: FakeVenue, rest: Rest, response: Response
) -> None:
    venue.answer(CLOSE.path, response)
    await rest.login.token()
    answer = await rest.change(CLOSE, CLOSING)
    assert answer.verdict is Verdict.UNCLEAR
    assert venue.paths().count(CLOSE.path) == 1


async def test_a_changing_request_is_written_before_its_answer_is_awaited(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(CLOSE.path, ok())
    await rest.login.token()
    answering = rest.change(CLOSE, CLOSING)
    await venue.until(lambda: CLOSE.path in venue.paths())
    assert (await answering).verdict is Verdict.ACCEPTED


async def test_closes_and_cancels_travel_side_by_side(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(CLOSE.path, ok())
    venue.answer(CANCEL.path, ok())
    await rest.login.token()
    changes = [rest.change(CLOSE, CLOSING)]
    changes += [rest.change(CANCEL, {"accountId": 11, "orderId": number}) for number in range(5)]
    answers = await asyncio.gather(*changes)
    assert {answer.verdict for answer in answers} == {Verdict.ACCEPTED}
    assert len({request.connection for request in venue.requests}) == 6


async def test_warm_connections_are_opened_before_they_are_needed(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(CLOSE.path, ok())
    await rest.login.token()
    warming = asyncio.get_running_loop().create_task(rest.keep_warm())
    await until(lambda: len(rest._pool._links) >= 3)
    changes = [rest.change(CLOSE, CLOSING) for _ in range(3)]
    await venue.until(lambda: venue.paths().count(CLOSE.path) == 3)
    assert [(await change).verdict for change in changes] == [Verdict.ACCEPTED] * 3
    warming.cancel()


async def test_without_a_venue_a_change_is_unclear_and_a_read_unavailable() -> None:
    rest = Rest("http://127.0.0.1:1", username="trader", api_key="k3y", jitter=lambda: 0.0)
    with pytest.raises(GatewayUnavailable, match=r"127\.0\.0\.1:1"):
        await rest.read(READ, {})
    answer = await rest.change(CLOSE, CLOSING)
    assert answer.verdict is Verdict.UNCLEAR
    assert answer.text.startswith("not sent")
    await rest.aclose()


async def test_no_message_holds_the_key_or_the_token(venue: FakeVenue, rest: Rest) -> None:
    venue.answer("/api/Auth/loginKey", Response(b'{"success":true,"token":["secret-token"]}'))
    with pytest.raises(GatewayError) as caught:
        await rest.login.token()
    assert "k3y" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_routine_reads_do_not_use_up_the_reserve(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(READ, ok(positions=[]))
    venue.answer(CLOSE.path, ok())
    await rest.login.token()
    now = asyncio.get_running_loop().time()
    for _ in range(140):
        rest.budget.spend(now)
    with pytest.raises(GatewayUnavailable, match="budget"):
        await rest.read(READ, {})
    assert (await rest.read(READ, {}, Urgency.ENFORCEMENT)).positions == []
    assert (await rest.change(CLOSE, CLOSING)) == Answer(verdict=Verdict.ACCEPTED)


async def test_a_429_holds_routine_reads_back_and_lets_enforcement_through(venue: FakeVenue, rest: Rest) -> None:
    venue.answer(READ, Response(b"", status=429, headers={"Retry-After": "30"}), ok(positions=[]))
    with pytest.raises(GatewayUnavailable) as caught:
        await rest.read(READ, {})
    assert caught.value.retry_after == 30
    with pytest.raises(GatewayUnavailable, match="budget"):
        await rest.read(READ, {})
    assert (await rest.read(READ, {}, Urgency.ENFORCEMENT)).positions == []


async def test_a_refused_key_is_told_once_and_not_tried_again(venue: FakeVenue, rest: Rest) -> None:
    venue.answer("/api/Auth/loginKey", no(3))
    for _ in range(3):
        with pytest.raises(GatewayRefused, match="user name or key"):
            await rest.read(READ, {})
    assert venue.paths() == ["/api/Auth/loginKey"]


@pytest.mark.parametrize("address", ["", "api.topstepx.com", "ftp://x", "https://"])
async def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(GatewayRefused, match=r"gateway\.api"):
        Rest(address, username="u", api_key="k", jitter=lambda: 0.0)


def test_prices_are_written_without_an_exponent() -> None:
    assert [str(price_of(Decimal(text))) for text in ("1E+3", "0.0067005")] == ["1000", "0.0067005"]


async def test_a_reading_of_enforcement_that_hangs_is_asked_for_beside_itself(venue: FakeVenue) -> None:
    venue.answer(READ, Response(b"", hang=True), ok(positions=[]))
    running = Rest(venue.url, username="trader", api_key="k3y", jitter=lambda: 0.0, asked_again_after=0.05)
    envelope = await running.read(READ, {}, Urgency.ENFORCEMENT)
    await running.aclose()
    assert envelope.positions == []
    assert 2 <= [one.path for one in venue.requests].count(READ) <= ASKED_AT_ONCE, "a third where the second was slow"


async def test_a_venue_that_quotes_key_or_token_does_not_bring_them_into_our_words(venue: FakeVenue) -> None:
    running = Rest(venue.url, username="trader", api_key="k3y-of-the-trader", jitter=lambda: 0.0)
    try:
        venue.answer("/api/Auth/loginKey", ok(token="a-token-of-length"))
        token = await running.login.token()
        quoting = no(3, f"{token} may not, nor k3y-of-the-trader")
        venue.answer(CLOSE.path, quoting)
        venue.answer("/api/Account/search", quoting)
        answer = await running.change(CLOSE, {"accountId": 1, "contractId": "C"})
        envelope = await running.read("/api/Account/search", {})
    finally:
        await running.aclose()
    assert answer.text.endswith("*** may not, nor ***")
    assert envelope.error_message == "*** may not, nor ***"
