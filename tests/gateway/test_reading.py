"""What the venue answers to questions, as knowledge."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk_manager.core.model.order import OrderStatus
from risk_manager.gateway.errors import GatewayMisread, GatewayRefused, GatewayUnavailable
from risk_manager.gateway.port import Urgency
from risk_manager.gateway.reading import Reading
from risk_manager.gateway.rest import Rest
from tests.gateway.fake_venue import FakeVenue, Response, no, ok

ROUTINE = Urgency.ROUTINE
SINCE = datetime(2026, 8, 18, 22, tzinfo=UTC)
NOW = datetime(2026, 8, 19, 20, tzinfo=UTC)
POSITION = {"id": 8, "accountId": 11, "contractId": "C", "type": 1, "size": 2, "averagePrice": 29398.5}
POSITIONS, QUERY, OPEN = "/api/Position/searchOpen", "/api/Order/v2/query", "/api/Order/searchOpen"


def order(number: int, **fields: object) -> dict[str, object]:
    return {"id": number, "accountId": 11, "contractId": "C", "status": 1, "type": 4, "side": 1, "size": 1} | fields


def trade(number: int, **fields: object) -> dict[str, object]:
    return {
        "id": number,
        "accountId": 11,
        "contractId": "C",
        "creationTimestamp": f"2026-08-19T14:16:0{number}.4061289+00:00",
        "price": 1,
        "side": 0,
        "size": 1,
        "orderId": 70 + number,
    } | fields


class Desk:
    def __init__(self, venue: FakeVenue) -> None:
        self.rest = Rest(venue.url, username="trader", api_key="key", jitter=lambda: 0.0)
        self.misread: list[tuple[str, str]] = []
        self.reading = Reading(
            self.rest, now=lambda: NOW, misread=lambda excerpt, reason: self.misread.append((excerpt, reason))
        )


@pytest.fixture
async def desk(venue: FakeVenue) -> AsyncIterator[Desk]:
    running = Desk(venue)
    yield running
    await running.rest.aclose()


async def test_an_empty_list_is_knowledge(venue: FakeVenue, desk: Desk) -> None:
    venue.answer(POSITIONS, ok(positions=[]))
    assert await desk.reading.positions(11, ROUTINE) == ()


@pytest.mark.parametrize("response", [ok(), ok(positions=None), ok(orders=[])])
async def test_a_missing_list_is_not_none(venue: FakeVenue, desk: Desk, response: Response) -> None:
    venue.answer(POSITIONS, response)
    with pytest.raises(GatewayMisread, match="not 'none'"):
        await desk.reading.positions(11, ROUTINE)


async def test_404_is_not_no_positions(venue: FakeVenue, desk: Desk) -> None:
    with pytest.raises(GatewayRefused):
        await desk.reading.positions(11, ROUTINE)
    assert POSITIONS in venue.paths()


async def test_an_account_that_the_venue_does_not_know_is_refused(venue: FakeVenue, desk: Desk) -> None:
    venue.answer(POSITIONS, no(1, positions=None))
    with pytest.raises(GatewayRefused, match=r"accounts\.yaml"):
        await desk.reading.positions(11, ROUTINE)


@pytest.mark.parametrize("response", [no(2), no(0), Response(b"{}"), Response(b'{"success":true,"errorCode":9}')])
async def test_any_other_failure_is_to_be_asked_again(venue: FakeVenue, desk: Desk, response: Response) -> None:
    venue.answer(POSITIONS, response)
    with pytest.raises(GatewayUnavailable):
        await desk.reading.positions(11, ROUTINE)


async def test_positions_are_read_and_null_padding_is_passed_over(venue: FakeVenue, desk: Desk) -> None:
    venue.answer(POSITIONS, ok(positions=[None, POSITION, POSITION | {"contractId": "D", "size": 0, "type": 0}]))
    (position,) = await desk.reading.positions(11, ROUTINE)
    assert (position.contract_id, position.net_size, position.average_price) == ("C", 2, Decimal("29398.5"))


async def test_one_unreadable_position_makes_the_picture_unknown(venue: FakeVenue, desk: Desk) -> None:
    venue.answer(POSITIONS, ok(positions=[POSITION, POSITION | {"type": 9}]))
    with pytest.raises(GatewayMisread):
        await desk.reading.positions(11, ROUTINE)
    assert len(desk.misread) == 1
    assert '"type":9' in desk.misread[0][0]


async def test_working_orders_include_suspended_pending_and_unknown_ones(venue: FakeVenue, desk: Desk) -> None:
    statuses = (0, 1, 6, 7, 8, 42, 2, 3)
    venue.answer(QUERY, ok(orders=[order(number, status=number) for number in statuses], totalCount=8))
    orders = await desk.reading.working_orders(11, ROUTINE)
    assert {told.order_id for told in orders} == {0, 1, 6, 7, 8, 42}
    assert venue.requests[-1].body["filter"] == {"accountId": 11, "statuses": [0, 1, 6, 7, 8]}


async def test_a_venue_that_rejects_the_status_none_is_asked_for_the_documented_ones(
    venue: FakeVenue, desk: Desk
) -> None:
    venue.answer(QUERY, Response(b'{"title":"bad"}', status=400), ok(orders=[], totalCount=0))
    assert await desk.reading.working_orders(11, ROUTINE) == ()
    assert await desk.reading.working_orders(11, ROUTINE) == ()
    asked = [request.body["filter"]["statuses"] for request in venue.requests if request.path == QUERY]
    assert asked == [[0, 1, 6, 7, 8], [1, 6, 7, 8], [1, 6, 7, 8]]


async def test_a_venue_without_the_newer_search_is_asked_for_open_orders(venue: FakeVenue, desk: Desk) -> None:
    venue.answer(OPEN, ok(orders=[order(1)]))
    assert len(await desk.reading.working_orders(11, ROUTINE)) == 1
    assert len(await desk.reading.working_orders(11, ROUTINE)) == 1
    assert venue.paths().count(QUERY) == 1


async def test_more_orders_than_a_page_holds_are_all_read(venue: FakeVenue, desk: Desk) -> None:
    pages = [[order(number) for number in range(start, end)] for start, end in ((0, 50), (50, 100), (100, 120))]
    venue.answer(QUERY, *(ok(orders=page, totalCount=120) for page in pages))
    assert len(await desk.reading.working_orders(11, ROUTINE)) == 120
    assert [request.body["pageOffset"] for request in venue.requests if request.path == QUERY] == [0, 50, 100]


async def test_a_list_of_orders_that_stays_short_is_not_the_whole(venue: FakeVenue, desk: Desk) -> None:
    venue.answer(QUERY, ok(orders=[order(1)], totalCount=2))
    with pytest.raises(GatewayMisread, match="not complete"):
        await desk.reading.working_orders(11, ROUTINE)


async def test_orders_since_come_in_any_state_each_once(venue: FakeVenue, desk: Desk) -> None:
    venue.answer("/api/Order/search", ok(orders=[order(1, status=5), order(2), order(2, status=3)]))
    orders = await desk.reading.orders_since(11, SINCE)
    assert {told.order_id: told.status for told in orders} == {1: OrderStatus.REJECTED, 2: OrderStatus.CANCELLED}
    assert venue.requests[-1].body == {"accountId": 11, "startTimestamp": "2026-08-18T22:00:00+00:00"}


async def test_trades_come_oldest_first_each_once_and_a_bad_one_costs_no_other(venue: FakeVenue, desk: Desk) -> None:
    rows = [trade(3), trade(2, voided=True), trade(2), trade(4, side=7), trade(1)]
    venue.answer("/api/Trade/search", ok(trades=rows))
    trades = await desk.reading.trades(11, SINCE)
    assert [(told.trade_id, told.voided) for told in trades] == [(1, False), (2, True), (3, False)]
    assert venue.requests[-1].body["startTimestamp"] == "2026-08-18T22:00:00+00:00"
    assert len(desk.misread) == 1


async def test_accounts_that_are_locked_are_asked_for_too(venue: FakeVenue, desk: Desk) -> None:
    venue.answer("/api/Account/search", ok(accounts=[{"id": 11, "canTrade": False}, {"id": "x"}, {"id": 12}]))
    accounts = await desk.reading.accounts()
    assert [(account.account_id, account.can_trade) for account in accounts] == [(11, False), (12, None)]
    assert venue.requests[-1].body == {"onlyActiveAccounts": False}


async def test_contracts_are_asked_of_the_simulated_data(venue: FakeVenue, desk: Desk) -> None:
    row = {"id": "CON.F.US.EP.U26", "name": "ESU6", "tickSize": 0.25, "tickValue": 12.5, "symbolId": "F.US.EP"}
    venue.answer("/api/Contract/available", ok(contracts=[row, row | {"tickSize": 0}]))
    (contract,) = await desk.reading.contracts()
    assert contract.root == "ES"
    assert venue.requests[-1].body == {"live": False}


@pytest.mark.parametrize("response", [no(1, contract=None)])
async def test_a_contract_that_the_venue_does_not_know_is_none(
    venue: FakeVenue, desk: Desk, response: Response
) -> None:
    venue.answer("/api/Contract/searchById", response)
    assert await desk.reading.contract("CON.F.US.XX.U26") is None


async def test_a_contract_in_a_success_without_one_is_misread(venue: FakeVenue, desk: Desk) -> None:
    venue.answer("/api/Contract/searchById", ok(contract=None))
    with pytest.raises(GatewayMisread):
        await desk.reading.contract("CON.F.US.XX.U26")


async def test_the_last_price_is_the_close_of_the_latest_bar_whatever_their_order(venue: FakeVenue, desk: Desk) -> None:
    bars = [{"t": "2026-08-19T19:58:00+00:00", "c": 1}, {"t": "2026-08-19T19:59:00+00:00", "c": 2.5, "d": None}]
    venue.answer("/api/History/retrieveBars", ok(bars=bars), ok(bars=[]))
    assert await desk.reading.last_price("C") == (datetime(2026, 8, 19, 20, 0, tzinfo=UTC), Decimal("2.5"))
    assert await desk.reading.last_price("C") is None
    assert desk.rest.budget.used(0) >= 1


async def test_bars_have_a_budget_of_their_own(venue: FakeVenue, desk: Desk) -> None:
    venue.answer("/api/History/retrieveBars", ok(bars=[]))
    for _ in range(35):
        await desk.reading.last_price("C")
    with pytest.raises(GatewayUnavailable, match="budget"):
        await desk.reading.last_price("C")
    venue.answer(POSITIONS, ok(positions=[]))
    assert await desk.reading.positions(11, ROUTINE) == ()


async def test_the_latest_change_of_an_order_tells_what_the_venues_clock_showed(venue: FakeVenue, desk: Desk) -> None:
    told: list[datetime] = []

    def heard(stamp: datetime, *, within: float | None = None) -> None:
        assert within is None
        told.append(stamp)

    reading = Reading(desk.rest, now=lambda: NOW, misread=lambda *_: None, heard=heard)
    earlier, later = "2026-08-19T14:00:00.25+00:00", "2026-08-19T14:00:00.75+00:00"
    venue.answer(
        "/api/Order/search",
        ok(orders=[order(1, updateTimestamp=later), order(2, updateTimestamp=earlier), order(3)]),
        ok(orders=[]),
    )
    await reading.orders_since(11, SINCE)
    await reading.orders_since(11, SINCE)
    assert told == [datetime.fromisoformat(later)]
