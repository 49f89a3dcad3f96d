"""Whatever a hub sends: it is an event, or it is told as misread; nothing is raised and nothing is guessed."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.core.engine import Engine
from risk_manager.core.events import AccountUpdated, Event, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.policy import Policy
from risk_manager.gateway.hub_events import HubEvents
from risk_manager.signalr.messages import Invocation
from risk_manager.signalr.protocol import ClientProtocol, State
from tests.core.test_invariants import LIMITS
from tests.fuzz.examples import ANYTHING, damaged, fuzzed

AT = datetime(2026, 8, 19, 20, tzinfo=UTC)
STAMP = "2026-08-19T14:16:01.4061289+00:00"
CONTRACT = "CON.F.US.EP.U26"
SOUND: dict[str, dict[str, Any]] = {
    "GatewayUserOrder": {
        "id": 7,
        "accountId": 11,
        "contractId": CONTRACT,
        "status": 1,
        "type": 4,
        "side": 0,
        "size": 1,
        "stopPrice": 6000.25,
        "fillVolume": 0,
        "customTag": "x",
        "parentOrderId": 6,
        "creationTimestamp": STAMP,
        "updateTimestamp": STAMP,
    },
    "GatewayUserTrade": {
        "id": 5,
        "accountId": 11,
        "contractId": CONTRACT,
        "creationTimestamp": STAMP,
        "price": 29423,
        "profitAndLoss": -12.5,
        "fees": 1.4,
        "commissions": 0.5,
        "side": 0,
        "size": 1,
        "voided": False,
        "orderId": 7,
    },
    "GatewayUserPosition": {
        "id": 8,
        "accountId": 11,
        "contractId": CONTRACT,
        "creationTimestamp": STAMP,
        "type": 1,
        "size": 2,
        "averagePrice": 6000.5,
    },
    "GatewayUserAccount": {"id": 11, "name": "A", "balance": 1.5, "canTrade": True, "isVisible": True},
    "GatewayQuote": {"symbol": CONTRACT, "lastPrice": 6000.25, "bestBid": 6000, "bestAsk": 6000.25, "timestamp": STAMP},
}


def read(text: str | bytes) -> tuple[list[Event], list[str]]:
    """Let a whole stream come in as the daemon takes it; return the events and what was told as misread."""
    events: list[Event] = []
    misread: list[str] = []
    hub = HubEvents(
        now=lambda: AT,
        deliver=events.append,
        misread=lambda excerpt, reason: misread.append(f"{reason}: {excerpt}"),
        logged_out=lambda: None,
    )
    client = ClientProtocol()
    client.receive_data("{}\x1e")
    for message in client.receive_data(text):
        if isinstance(message, Invocation):
            hub.receive(message)
    assert client.state in set(State)
    return events, misread


@st.composite
def frames(draw: st.DrawFn) -> str:
    target = draw(st.sampled_from(sorted(SOUND)))
    data = draw(damaged(SOUND[target]))
    shape = draw(st.sampled_from(["wrapped", "bare", "list", "any"]))
    body: Any = {
        "wrapped": {"action": draw(ANYTHING), "data": data},
        "bare": data,
        "list": [{"action": 1, "data": data}, None],
    }
    argument = draw(ANYTHING) if shape == "any" else body[shape]
    arguments = [argument] if target != "GatewayQuote" else [CONTRACT, data]
    return json.dumps({"type": 1, "target": target, "arguments": arguments}) + "\x1e"


@fuzzed
@given(st.lists(frames(), min_size=1, max_size=3))
def test_damaged_events_are_read_or_told_and_what_was_read_can_be_judged(texts: list[str]) -> None:
    events, _ = read("".join(texts))
    engine = Engine({11: Policy(rules=LIMITS)}, at=AT - timedelta(minutes=1))
    for event in events:
        _must_be_sane(event)
        engine.handle(event)


def _must_be_sane(event: Event) -> None:
    match event:
        case TradeReported(trade=trade):
            numbers: list[Decimal | None] = [trade.price, trade.realized_pnl, trade.fees, trade.commissions]
            assert trade.size > 0
        case PositionUpdated(position=position):
            numbers = [position.average_price]
        case OrderUpdated(order=order):
            numbers = [order.stop_price, order.limit_price]
            assert order.size >= 0
        case AccountUpdated(balance=balance):
            numbers = [balance]
        case QuoteUpdated(last=last, bid=bid, ask=ask):
            numbers = [last, bid, ask]
        case _:
            numbers = []
    assert all(number is None or number.is_finite() for number in numbers), event
    assert event.at.tzinfo is not None
    assert event.at - AT < timedelta(days=1)


@fuzzed
@given(st.lists(st.one_of(st.text(max_size=60), ANYTHING.map(json.dumps)), max_size=6))
def test_any_text_at_all_leaves_the_stream_usable(texts: list[str]) -> None:
    read("\x1e".join(texts) + "\x1e")


@fuzzed
@given(st.binary(max_size=200))
def test_any_bytes_at_all_leave_the_stream_usable(data: bytes) -> None:
    read(data)


@fuzzed
@given(st.data())
def test_a_sound_frame_after_any_damage_is_read(data: st.DataObject) -> None:
    text = data.draw(frames())
    sound = (
        json.dumps({"type": 1, "target": "GatewayUserPosition", "arguments": [SOUND["GatewayUserPosition"]]}) + "\x1e"
    )
    events, _ = read(text + sound)
    assert isinstance(events[-1], PositionUpdated)
    assert events[-1].position.net_size == 2
