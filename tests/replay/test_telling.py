"""From what a story says to the engine's events."""

from pathlib import Path

import pytest

from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    ClockTicked,
    EnforcementFinished,
    Event,
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
from risk_manager.core.model.order import OrderSide, OrderStatus, OrderType
from risk_manager.replay.story import StoryUnreadableError, read_story
from risk_manager.replay.telling import Teller
from tests.builders import AT, ES, MNQ, after, dec
from tests.replay.stage import write


def told(folder: Path, *lines: str) -> tuple[Teller, list[Event]]:
    story = read_story(write(folder, "events:\n" + "".join(f"  - {{at: {line}}}\n" for line in lines)))
    teller = Teller(story)
    return teller, [teller.event(one) for one in story.happenings]


def test_a_position_keeps_the_instant_at_which_it_was_first_not_flat(tmp_path: Path) -> None:
    _, events = told(
        tmp_path,
        "+0s, position: {contract: MNQ, side: long, size: 2, price: 100}",
        "+1s, position: {contract: MNQ, side: short, size: 3, price: 101}",
        "+2s, position: {contract: MNQ, side: flat}",
        "+3s, position: {contract: MNQ, side: long, size: 1, price: 100}",
        "+4s, position: {contract: ES, side: long, size: 1, price: 100, opened: +1s}",
    )
    positions = [one.position for one in events if isinstance(one, PositionUpdated)]
    assert [one.net_size for one in positions] == [2, -3, 0, 1, 1]
    assert [one.opened_at for one in positions] == [AT, AT, AT, after(3), after(1)]
    assert positions[1].average_price == 101


def test_orders_and_trades_are_told_with_their_defaults(tmp_path: Path) -> None:
    _, (first, second, third, fourth) = told(
        tmp_path,
        "+1s, order: {id: 5, contract: MNQ, type: stop, side: sell, size: 2, stop: 90, parent: 4, ours: true}",
        "+2s, order: {id: 5, contract: MNQ, type: stop, side: sell, size: 2, filled: 1, status: filled, updated: +1s}",
        "+3s, trade: {id: 1, order: 5, contract: MNQ, side: sell, size: 2, price: 90}",
        "+4s, trade: {id: 1, order: 5, contract: MNQ, side: sell, size: 2, price: 90, pnl: -5, fees: 0.6,"
        " commissions: 0.25, voided: true, time: +3s, ours: true}",
    )
    assert isinstance(first, OrderUpdated)
    assert isinstance(second, OrderUpdated)
    assert isinstance(third, TradeReported)
    assert isinstance(fourth, TradeReported)
    assert (first.ours, first.order.parent_id, first.order.updated_at) == (True, 4, after(1))
    assert (first.order.type, first.order.side, first.order.status) == (
        OrderType.STOP,
        OrderSide.SELL,
        OrderStatus.OPEN,
    )
    assert (second.ours, second.order.filled_size, second.order.updated_at) == (False, 1, after(1))
    assert (third.trade.realized_pnl, third.trade.at, third.ours) == (None, after(3), False)
    assert (fourth.trade.realized_pnl, fourth.trade.costs, fourth.trade.voided) == (dec(-5), dec("0.85"), True)
    assert (fourth.trade.at, fourth.ours) == (after(3), True)


def test_everything_else_that_can_happen_is_told(tmp_path: Path) -> None:
    _, events = told(
        tmp_path,
        "+0s, quote: {contract: ES, last: 5800.25, ask: 5801}",
        "+0s, account: {can_trade: false, balance: 5}",
        "+0s, account: {id: 3, missing: true}",
        "+0s, admin: {clear: max_contracts}",
        "+0s, admin: {lock_now: {until: +60s}}",
        "+0s, admin: {lock_now: {}}",
        "+0s, clock: {}",
        "+0s, feed: {user: down}",
        "+0s, feed: {market: up}",
        "+0s, enforced: {ok: true}",
        "+0s, enforced: {contract: ES, ok: false}",
    )
    assert events == [
        QuoteUpdated(at=AT, contract_id=ES, last=dec("5800.25"), ask=dec(5801)),
        AccountUpdated(at=AT, account_id=1, can_trade=False, balance=dec(5)),
        AccountVanished(at=AT, account_id=3),
        LockCleared(at=AT, account_id=1, rule="max_contracts"),
        LockRequested(at=AT, account_id=1, until=after(60)),
        LockRequested(at=AT, account_id=1, until=None),
        ClockTicked(at=AT),
        FeedLost(at=AT, feed=Feed.USER),
        FeedRestored(at=AT, feed=Feed.MARKET),
        EnforcementFinished(at=AT, account_id=1, ok=True),
        EnforcementFinished(at=AT, account_id=1, ok=False, contract_id=ES),
    ]


def test_a_full_picture_replaces_the_last_words(tmp_path: Path) -> None:
    teller, events = told(
        tmp_path,
        "+0s, position: {contract: MNQ, side: long, size: 2, price: 100}",
        "+0s, order: {id: 5, contract: MNQ, type: limit, side: sell, size: 2, ours: true}",
        "+1s, reconciled: {positions: [{contract: ES, side: short, size: 1, price: 5}], trades:"
        " [{id: 1, order: 5, contract: MNQ, side: sell, size: 2, price: 90}]}",
    )
    picture = events[-1]
    assert isinstance(picture, Reconciled)
    assert [one.net_size for one in picture.positions] == [-1]
    assert (len(picture.orders), len(picture.trades), set(picture.own_order_ids)) == (0, 1, {5})
    again = teller.last_words(1, after(5))
    assert [one.contract_id for one in again.positions] == [ES]
    assert teller.last_words(2, after(5)).positions == ()


def test_last_words_leave_out_what_is_flat_or_over(tmp_path: Path) -> None:
    teller, _ = told(
        tmp_path,
        "+0s, position: {contract: MNQ, side: flat}",
        "+0s, order: {id: 5, contract: MNQ, type: limit, side: sell, size: 2, status: cancelled}",
        "+0s, order: {id: 6, contract: MNQ, type: limit, side: sell, size: 2, status: suspended}",
    )
    words = teller.last_words(1, AT)
    assert words.positions == ()
    assert [(one.order_id, one.contract_id) for one in words.orders] == [(6, MNQ)]


@pytest.mark.parametrize(
    "line",
    [
        "+0s, weather: {sunny: true}",
        "+0s, feed: {user: sideways}",
        "+0s, feed: {radio: up}",
        "+0s, admin: {dance: 1}",
        "+0s, position: {contract: MNQ, side: up}",
        "+0s, order: {id: 5}",
        "+0s, trade: {id: 1, order: 5, contract: MNQ, side: sell, size: 2, price: dear}",
        "+0s, enforced: {}",
    ],
)
def test_what_a_story_cannot_tell_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(StoryUnreadableError, match=r"story\.yaml:\d+"):
        told(tmp_path, line)
