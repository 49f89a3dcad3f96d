from datetime import timedelta

from risk_manager.core.model.order import OrderSide, OrderType
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from risk_manager.daemon.enforcement.picture import read_everything, read_positions
from tests.daemon.fake_venue import ACCOUNT, ES, TRAVEL, FakeVenue
from tests.daemon.stage import loss
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time


def test_a_picture_is_as_of_the_moment_its_first_request_left() -> None:
    async def scene() -> None:
        venue = FakeVenue()
        venue.net = {ES: 1}
        picture = await read_positions(venue, ACCOUNT, LoopClock(), own=OwnOrders())
        assert picture.as_of == START
        assert picture.at > START
        assert [position.net_size for position in picture.positions] == [1]

    in_virtual_time(scene())


def test_a_full_picture_reaches_an_hour_before_the_day_and_knows_our_own_orders() -> None:
    async def scene() -> None:
        venue = FakeVenue()
        own = OwnOrders()
        ours = venue.rest(OrderType.STOP, OrderSide.SELL, 1, tag=own.new_tag())
        close = venue.rest(OrderType.MARKET, OrderSide.SELL, 1, tag=None)
        venue.rest(OrderType.STOP, OrderSide.SELL, 1, tag="trader")
        venue.trades_booked = [loss(1, trade_id=1, minutes_ago=30), loss(1, trade_id=2, minutes_ago=90)]
        venue.rest(OrderType.STOP, OrderSide.SELL, 1, tag="srm-1")
        own.expect(ES, side=OrderSide.SELL, size=1, at=START)
        picture = await read_everything(
            venue,
            ACCOUNT,
            LoopClock(),
            day_starts_at=START + timedelta(minutes=15),
            looks_back=timedelta(0),
            own=own,
        )
        assert picture.own_order_ids == {ours.order_id, close.order_id}
        assert [trade.trade_id for trade in picture.trades] == [1]

    in_virtual_time(scene())


def test_a_full_picture_reaches_as_far_back_as_a_pause_may_last_and_no_farther_than_trades_are_kept() -> None:
    async def scene() -> None:
        venue = FakeVenue()
        venue.trades_booked = [loss(1, trade_id=one, minutes_ago=60 * ago) for one, ago in ((1, 5), (2, 7), (3, 49))]
        for hours, found in ((5, [1]), (8, [2, 1]), (1000, [2, 1])):
            picture = await read_everything(
                venue,
                ACCOUNT,
                LoopClock(),
                day_starts_at=START,
                looks_back=timedelta(hours=hours),
                own=OwnOrders(),
            )
            assert sorted(trade.trade_id for trade in picture.trades) == sorted(found)

    in_virtual_time(scene())


def test_a_full_picture_is_as_of_the_moment_after_the_orders_told_the_time_and_before_the_positions() -> None:
    async def scene() -> None:
        picture = await read_everything(
            FakeVenue(), ACCOUNT, LoopClock(), day_starts_at=START, looks_back=timedelta(0), own=OwnOrders()
        )
        assert picture.as_of == START + timedelta(seconds=TRAVEL)

    in_virtual_time(scene())
