"""From a story's words to the engine's events."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    ClockTicked,
    EnforcementFinished,
    Feed,
    FeedLost,
    FeedRestored,
    LockCleared,
    LockRequested,
    OrderUpdated,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    TradeReported,
)
from risk_manager.core.model.order import OrderStatus, OrderType
from risk_manager.replay.story import Happening, Story, StoryUnreadableError
from risk_manager.replay.telling import Teller

START = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
LONG = {"contract": "MNQ", "side": "long", "size": 2, "price": "21000.25"}
STOP = {"id": 50, "contract": "MNQ", "type": "stop", "side": "sell", "size": 2, "stop": 20950}
TRADE = {"id": 1, "order": 11, "contract": "MNQ", "side": "buy", "size": 2, "price": 21000}
STORY = Story(
    path=Path("story.yaml"),
    about="",
    start=START,
    config={},
    holidays=[],
    accounts=[{"id": 1}],
    happenings=[],
    expect=[],
)


def happening(kind: str, fields: Mapping[str, Any], *, after: int = 0) -> Happening:
    return Happening(at=START + timedelta(seconds=after), account_id=1, kind=kind, fields=fields, line=3)


def told(kind: str, fields: Mapping[str, Any]) -> object:
    return Teller(STORY).event(happening(kind, fields))


def test_a_position_has_its_sign_and_the_instant_of_its_first_word() -> None:
    teller = Teller(STORY)
    first = teller.event(happening("position", LONG))
    later = teller.event(happening("position", LONG | {"side": "short"}, after=5))
    assert isinstance(first, PositionUpdated)
    assert isinstance(later, PositionUpdated)
    assert (first.position.net_size, later.position.net_size) == (2, -2)
    assert first.position.opened_at == later.position.opened_at == START
    assert first.position.average_price == Decimal("21000.25")
    named = teller.event(happening("position", LONG | {"opened": "+1m", "id": 9}))
    assert isinstance(named, PositionUpdated)
    assert (named.position.opened_at, named.position.position_id) == (START + timedelta(minutes=1), 9)


def test_an_order_is_open_unless_told_otherwise() -> None:
    event = told("order", STOP | {"parent": 7, "tag": "t", "updated": "+1s", "ours": True})
    assert isinstance(event, OrderUpdated)
    order = event.order
    assert (order.status, order.type, order.stop_price) == (OrderStatus.OPEN, OrderType.STOP, Decimal(20950))
    assert (order.parent_id, order.tag, order.updated_at, event.ours) == (7, "t", START + timedelta(seconds=1), True)


def test_a_trade_happens_when_it_is_told_unless_it_names_its_time() -> None:
    plain, dated = told("trade", TRADE), told("trade", TRADE | {"time": "+1m", "pnl": -5, "fees": "0.36", "ours": True})
    assert isinstance(plain, TradeReported)
    assert isinstance(dated, TradeReported)
    assert (plain.trade.at, plain.trade.realized_pnl, plain.ours) == (START, None, False)
    assert (dated.trade.at, dated.trade.realized_pnl) == (START + timedelta(minutes=1), Decimal(-5))
    assert (dated.trade.fees, dated.ours) == (Decimal("0.36"), True)


@pytest.mark.parametrize(
    ("kind", "fields", "event"),
    [
        ("clock", {}, ClockTicked(at=START)),
        (
            "quote",
            {"contract": "MNQ", "last": 1},
            QuoteUpdated(at=START, contract_id="CON.F.US.MNQ.U26", last=Decimal(1)),
        ),
        ("account", {"missing": True}, AccountVanished(at=START, account_id=1)),
        ("account", {"can_trade": False}, AccountUpdated(at=START, account_id=1, can_trade=False)),
        ("admin", {"clear": "max_contracts"}, LockCleared(at=START, account_id=1, rule="max_contracts")),
        ("admin", {"lock_now": None}, LockRequested(at=START, account_id=1, until=None)),
        (
            "admin",
            {"lock_now": {"until": "+1h"}},
            LockRequested(at=START, account_id=1, until=START + timedelta(hours=1)),
        ),
        ("feed", {"user": "down"}, FeedLost(at=START, feed=Feed.USER)),
        ("feed", {"market": "up"}, FeedRestored(at=START, feed=Feed.MARKET)),
        ("enforced", {"ok": True}, EnforcementFinished(at=START, account_id=1, ok=True)),
        (
            "enforced",
            {"ok": False, "contract": "ES"},
            EnforcementFinished(at=START, account_id=1, ok=False, contract_id="CON.F.US.EP.U26"),
        ),
    ],
)
def test_each_word_has_its_event(kind: str, fields: Mapping[str, Any], event: object) -> None:
    assert told(kind, fields) == event


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("earthquake", {}),
        ("admin", {"dance": True}),
        ("feed", {"user": "sideways"}),
        ("feed", {"user": "up", "market": "up"}),
        ("position", {"contract": "MNQ", "side": "up"}),
        ("order", {"id": 1}),
        ("trade", TRADE | {"price": "a lot"}),
    ],
)
def test_what_a_story_cannot_tell_is_refused_with_its_line(kind: str, fields: Mapping[str, Any]) -> None:
    with pytest.raises(StoryUnreadableError, match=r"story\.yaml:3"):
        told(kind, fields)


def test_the_last_words_are_what_is_held_and_may_still_fill() -> None:
    teller = Teller(STORY)
    teller.event(happening("position", LONG))
    teller.event(happening("position", LONG | {"contract": "ES", "side": "flat", "size": 0}))
    teller.event(happening("order", STOP | {"ours": True}))
    teller.event(happening("order", STOP | {"id": 51, "status": "cancelled"}))
    words = teller.last_words(1, START)
    assert [one.contract_id for one in words.positions] == ["CON.F.US.MNQ.U26"]
    assert [one.order_id for one in words.orders] == [50]
    assert words.own_order_ids == {50}


def test_a_full_picture_replaces_the_last_words() -> None:
    teller = Teller(STORY)
    teller.event(happening("position", LONG))
    teller.event(happening("order", STOP))
    picture = teller.event(happening("reconciled", {"positions": [], "orders": [STOP | {"id": 52}], "trades": [TRADE]}))
    assert isinstance(picture, Reconciled)
    assert (picture.positions, [one.order_id for one in picture.orders]) == ((), [52])
    assert [one.trade_id for one in picture.trades] == [1]
    words = teller.last_words(1, START)
    assert (words.positions, [one.order_id for one in words.orders]) == ((), [52])
