from datetime import timedelta
from decimal import Decimal

import pytest

from risk_manager.simulator.exchange.changes import PositionChanged, TradeMade
from risk_manager.simulator.exchange.orders import Side, Status, Type
from risk_manager.simulator.switches import Reversal
from tests.simulator.exchange.pit import Pit


def test_a_market_order_is_pending_then_filled_then_traded_then_held_then_booked() -> None:
    pit = Pit()
    pit.told()
    order = pit.buy(2)
    assert pit.told_kinds() == ["order", "order", "trade", "position", "account"]
    assert (order.status, order.filled_price) == (Status.FILLED, Decimal("23500.25"))


def test_the_sequence_of_a_fill_can_be_switched() -> None:
    pit = Pit(fill_sequence=("account", "position", "trade", "order"))
    pit.told()
    pit.buy()
    assert pit.told_kinds() == ["order", "account", "position", "trade", "order"]


def test_fees_and_commissions_leave_the_balance_at_the_opening_fill() -> None:
    pit = Pit()
    pit.buy(2)
    assert pit.account.balance == 50000 - 2 * (Decimal("0.36") + Decimal("0.25"))


def test_a_round_turn_changes_the_balance_by_gross_less_all_costs() -> None:
    pit = Pit()
    pit.buy(2)
    pit.price("23490")
    pit.sell(2)
    gross = sum((trade.profit_and_loss or Decimal(0) for trade in pit.account.trades), Decimal(0))
    assert gross == Decimal("-41.00")
    assert pit.account.balance == 50000 - 41 - 4 * Decimal("0.61")


def test_each_closed_lot_is_a_half_trade_of_its_own() -> None:
    pit = Pit()
    pit.buy()
    pit.price("23510")
    pit.buy()
    pit.told()
    close = pit.sell(2)
    trades = [change.trade for change in pit.told() if isinstance(change, TradeMade)]
    assert [(trade.order_id, trade.profit_and_loss) for trade in trades] == [
        (close.id, Decimal("19.50")),
        (close.id, Decimal("-0.50")),
    ]


def test_a_close_is_told_as_size_0_with_the_old_average() -> None:
    pit = Pit()
    pit.buy()
    pit.told()
    pit.sell()
    rows = [change.row for change in pit.told() if isinstance(change, PositionChanged)]
    assert [(row.type, row.size, row.average_price) for row in rows] == [(0, 0, Decimal("23500.25"))]
    assert pit.account.positions == {}


@pytest.mark.parametrize(
    ("reversal", "shown"),
    [(Reversal.NEW_ROW, [(0, 0), (2, 1)]), (Reversal.SAME_ROW, [(2, 1)])],
)
def test_a_reversal_makes_a_new_row_or_turns_the_old_one(reversal: Reversal, shown: list[tuple[int, int]]) -> None:
    pit = Pit(reversal=reversal)
    pit.buy()
    pit.told()
    pit.sell(2)
    rows = [change.row for change in pit.told() if isinstance(change, PositionChanged)]
    assert [(row.type, row.size) for row in rows] == shown
    assert len({row.id for row in rows}) == len(rows)
    assert pit.net == -1


def test_a_resting_limit_fills_when_the_market_comes() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23490")
    assert order.status is Status.OPEN
    pit.price("23489.75")
    assert (order.status, order.filled_price) == (Status.FILLED, Decimal(23490))


def test_a_limit_beyond_the_market_fills_at_the_market() -> None:
    pit = Pit()
    order = pit.buy(kind=Type.LIMIT, limit_price="23510")
    assert order.filled_price == Decimal("23500.25")


def test_a_stop_becomes_a_market_order_when_the_price_trades_there() -> None:
    pit = Pit()
    order = pit.sell(kind=Type.STOP, stop_price="23495")
    pit.price("23495.25")
    assert order.status is Status.OPEN
    pit.price("23493")
    assert (order.status, order.filled_price) == (Status.FILLED, Decimal(23493))


def test_a_trailing_stop_follows_the_price_and_never_returns() -> None:
    pit = Pit()
    order = pit.sell(kind=Type.TRAILING_STOP, trail_price="23490")
    assert (order.trail_distance, order.stop_price) == (40, Decimal(23490))
    pit.price("23520")
    pit.price("23511")
    assert order.stop_price == Decimal(23510)
    pit.price("23510")
    assert order.status is Status.FILLED


def test_join_orders_rest_at_the_touch() -> None:
    pit = Pit()
    assert pit.buy(kind=Type.JOIN_BID).limit_price == Decimal(23500)
    assert pit.sell(kind=Type.JOIN_ASK).limit_price == Decimal("23500.25")


def test_thin_liquidity_fills_by_parts_and_each_part_is_told() -> None:
    pit = Pit(liquidity=1)
    pit.told()
    order = pit.buy(3)
    assert (order.status, order.fill_volume) == (Status.OPEN, 1)
    pit.price("23501")
    pit.price("23502")
    assert (order.status, order.fill_volume) == (Status.FILLED, 3)
    assert order.filled_price == (Decimal("23500.25") + Decimal("23501.25") + Decimal("23502.25")) / 3
    assert pit.told_kinds() == ["order"] + ["order", "trade", "position", "account"] * 3


@pytest.mark.parametrize("days", [-6, 6])
def test_a_fill_has_the_time_of_a_clock_that_was_set_meanwhile(days: int) -> None:
    pit = Pit()
    pit.now += timedelta(days=days)  # before the venue was born, and after what was due by then
    pit.exchange.advance(pit.now)
    order = pit.buy()
    filled_at = pit.account.trades[-1].created_at
    assert order.updated_at == filled_at
    assert pit.now - timedelta(seconds=1) < filled_at <= pit.now


def test_a_fill_that_comes_late_has_the_time_at_which_it_came() -> None:
    pit = Pit()
    pit.place(Side.BUY)
    pit.now += timedelta(seconds=7)
    pit.exchange.advance(pit.now)
    assert pit.account.trades[-1].created_at == pit.now
