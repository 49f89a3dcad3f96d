from decimal import Decimal

from risk_manager.simulator.exchange.lots import Position, Slice
from risk_manager.simulator.exchange.orders import Side
from tests.simulator.exchange.pit import TUESDAY_MORNING, Pit


def holding() -> Position:
    return Position(1, 1001, Pit().mnq, TUESDAY_MORNING)


def test_closing_two_lots_gives_one_slice_for_each_first_in_first_out() -> None:
    position = holding()
    position.apply(Side.BUY, 1, Decimal(100))
    position.apply(Side.BUY, 1, Decimal(110))
    assert position.average_price == 105
    # MNQ: two dollars a point
    assert position.apply(Side.SELL, 2, Decimal(120)) == [Slice(1, Decimal(40)), Slice(1, Decimal(20))]
    assert position.net_size == 0


def test_a_partial_exit_leaves_the_average_of_the_later_lots() -> None:
    position = holding()
    position.apply(Side.SELL, 1, Decimal(100))
    position.apply(Side.SELL, 2, Decimal(110))
    assert position.apply(Side.BUY, 1, Decimal(90)) == [Slice(1, Decimal(20))]
    assert (position.net_size, position.average_price) == (-2, Decimal(110))


def test_a_lot_is_closed_in_parts() -> None:
    position = holding()
    position.apply(Side.BUY, 3, Decimal(100))
    assert position.apply(Side.SELL, 1, Decimal(101)) == [Slice(1, Decimal(2))]
    assert list(position.lots) == [(Decimal(100), 2)]


def test_a_reversal_closes_what_was_and_opens_the_rest() -> None:
    position = holding()
    position.apply(Side.BUY, 1, Decimal(100))
    assert position.apply(Side.SELL, 3, Decimal(99)) == [Slice(1, Decimal(-2)), Slice(2, None)]
    assert (position.net_size, position.average_price) == (-2, Decimal(99))


def test_once_flat_the_average_is_the_last_one() -> None:
    position = holding()
    position.apply(Side.BUY, 2, Decimal(100))
    position.apply(Side.SELL, 2, Decimal(130))
    assert position.average_price == 100


def test_open_losses_are_marked_at_the_side_that_would_close() -> None:
    position = holding()
    position.apply(Side.SELL, 2, Decimal(100))
    assert position.open_pnl(bid=Decimal(100), ask=Decimal(101)) == -4
