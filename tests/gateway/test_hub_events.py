"""Invocations of the hubs as events."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from risk_manager.core.events import (
    AccountUpdated,
    Event,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    TradeReported,
)
from risk_manager.gateway.hub_events import HubEvents
from risk_manager.signalr.messages import Invocation

AT = datetime(2026, 8, 19, 20, tzinfo=UTC)
ORDER = '{"id":7,"accountId":11,"contractId":"C","status":1,"type":2,"side":0,"size":1,"customTag":"srm-1"}'
TRADE = (
    '{"id":5,"accountId":11,"contractId":"C","creationTimestamp":"2026-08-19T14:16:01.4061289+00:00",'
    '"price":29423,"side":0,"size":1,"orderId":7}'
)
POSITION = '{"id":8,"accountId":11,"contractId":"C","type":0,"size":0,"averagePrice":1}'
ACCOUNT = '{"id":11,"balance":1.5}'


class Ear:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.misread: list[tuple[str, str]] = []
        self.logouts = 0
        self.hub = HubEvents(
            now=lambda: AT,
            deliver=self.events.append,
            misread=lambda excerpt, reason: self.misread.append((excerpt, reason)),
            logged_out=self._log_out,
        )

    def _log_out(self) -> None:
        self.logouts += 1

    def hear(self, target: str, *arguments: str) -> None:
        raw = tuple(msgspec.Raw(argument.encode()) for argument in arguments)
        self.hub.receive(Invocation(target=target, arguments=raw))


@pytest.mark.parametrize(
    ("target", "data", "kind"),
    [
        ("GatewayUserOrder", ORDER, OrderUpdated),
        ("GatewayUserPosition", POSITION, PositionUpdated),
        ("GatewayUserTrade", TRADE, TradeReported),
        ("GatewayUserAccount", ACCOUNT, AccountUpdated),
    ],
)
def test_user_events_are_read_wrapped_bare_and_in_lists(target: str, data: str, kind: type[Event]) -> None:
    ear = Ear()
    ear.hear(target, f'{{"action":1,"data":{data}}}')
    ear.hear(target, data)
    ear.hear(target, f"[{data},null]")
    ear.hear(target.lower(), data)
    assert [type(event) for event in ear.events] == [kind] * 4
    assert {event.at for event in ear.events} == {AT}
    assert ear.misread == []


def test_a_deletion_is_flat() -> None:
    ear = Ear()
    ear.hear(
        "GatewayUserPosition", '{"action":2,"data":' + POSITION.replace('"type":0,"size":0', '"type":1,"size":2') + "}"
    )
    (event,) = ear.events
    assert isinstance(event, PositionUpdated)
    assert event.position.net_size == 0


def test_a_bad_item_does_not_cost_its_neighbours_and_is_reported() -> None:
    ear = Ear()
    ear.hear("GatewayUserTrade", f'[{TRADE},{{"id":"?"}},7,{TRADE}]', TRADE)
    assert len(ear.events) == 3
    assert [excerpt for excerpt, _ in ear.misread] == ['{"id":"?"}', "7"]


def test_a_quote_is_known_by_the_contract_id_before_it_not_by_its_symbol() -> None:
    ear = Ear()
    ear.hear("GatewayQuote", '"CON.F.US.MNQ.U26"', '{"symbol":"F.US.MNQ","lastPrice":29398.5,"bestBid":null}')
    assert ear.events == [QuoteUpdated(at=AT, contract_id="CON.F.US.MNQ.U26", last=Decimal("29398.5"))]


def test_quotes_may_come_as_a_list() -> None:
    ear = Ear()
    ear.hear("GatewayQuote", '"C"', '[{"lastPrice":1},{"lastPrice":"NaN"},null,{"lastPrice":2}]')
    assert [event.last for event in ear.events if isinstance(event, QuoteUpdated)] == [1, 2]
    assert len(ear.misread) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ('"C"',),
        ("7", "{}"),
        ('"C"', '{"lastPrice":"Infinity"}'),
        ('"C"', '{"lastPrice":[]}'),
        ('"C"', '{"lastPrice":true}'),
        ('"C"', '"' + "x" * 1_000_000 + '"'),
        ('"' + "C" * 1_000_000 + '"', "{}"),
        ('"C"', "[" * 50_000 + "]" * 50_000),
    ],
)
def test_a_hostile_quote_is_reported_and_survived(arguments: tuple[str, ...]) -> None:
    ear = Ear()
    ear.hear("GatewayQuote", *arguments)
    assert ear.events == []
    assert len(ear.misread) == 1
    assert len(ear.misread[0][0]) < 500


@pytest.mark.parametrize("target", ["GatewayLogout", "gatewaylogout", "GATEWAYLOGOUT"])
@pytest.mark.parametrize("arguments", [(), ("null",), ('"bye"', "{}", "3")])
def test_a_logout_is_heard_in_any_case_with_any_arguments(target: str, arguments: tuple[str, ...]) -> None:
    ear = Ear()
    ear.hear(target, *arguments)
    assert ear.logouts == 1


def test_what_nobody_asked_for_is_passed_over() -> None:
    ear = Ear()
    for target in ("GatewayTrade", "GatewayDepth", "SomethingNew", ""):
        ear.hear(target, '"C"', "[null]")
    assert (ear.events, ear.misread) == ([], [])


def test_what_the_venue_dates_is_told_to_the_clock_before_it_is_stamped() -> None:
    told: list[datetime] = []
    ear = Ear()

    def heard(stamp: datetime, *, within: float | None = None) -> None:
        assert within is None
        told.append(stamp)

    ear.hub = HubEvents(
        now=lambda: max([AT, *told]),
        deliver=ear.events.append,
        misread=lambda *_: None,
        logged_out=lambda: None,
        heard=heard,
    )
    ear.hear("GatewayUserTrade", TRADE)
    ear.hear("GatewayUserTrade", TRADE.replace("2026-08-19T14", "2026-08-19T21"))
    early, late = ear.events
    assert isinstance(late, TradeReported)
    assert (early.at, late.at) == (AT, late.trade.at)
