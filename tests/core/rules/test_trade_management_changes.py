"""RULE-012: what becomes of a stop that there is, by hand, by time and by its position."""

from risk_manager.core.actions import Cancel, MoveStop, Reduce
from risk_manager.core.events import PositionUpdated
from risk_manager.core.model.order import OrderSide, OrderStatus
from risk_manager.core.rules.max_contracts import MaxContracts, OnBreach
from risk_manager.core.rules.trade_management import TradeManagement
from tests.builders import MNQ, Desk, after, dec, deeds, position, trade
from tests.core.rules.test_trade_management import AUTO, BREAKEVEN, TRAILING, managing, move, place, stop


def test_a_stop_moved_by_hand_is_the_new_baseline_until_more_is_wanted() -> None:
    desk = managing(1, **BREAKEVEN, **TRAILING)
    desk.orders(stop(1, "98"))
    assert deeds(desk.quotes(MNQ, "102.5", at=1)) == [move("101.5")]
    desk.orders(stop(1, "101.5"), at=2)
    assert not desk.orders(stop(1, "99"), at=3)
    assert not desk.quotes(MNQ, "102.25", at=4)
    assert not desk.quotes(MNQ, "102.5", at=5)
    assert deeds(desk.quotes(MNQ, "102.75", at=6)) == [move("101.75")]
    desk.orders(stop(1, "101.75"), at=7)
    assert deeds(desk.quotes(MNQ, "103.25", at=9)) == [move("102.25")], "its own move is no change by hand"


def test_a_stop_moved_by_hand_before_any_price_was_known_is_moved_like_any_other() -> None:
    desk = managing(1, **BREAKEVEN)
    desk.orders(stop(1, "98"))
    desk.orders(stop(1, "97"), at=1)
    assert deeds(desk.quotes(MNQ, "102.5", at=2)) == [move("100.5")]


def test_a_change_by_hand_concerns_the_position_that_there_was_and_no_later_one() -> None:
    desk = managing(1, **BREAKEVEN)
    desk.orders(stop(1, "98"))
    desk.quotes(MNQ, "102.5", at=1)
    desk.orders(stop(1, "97"), at=3)
    desk.hear(PositionUpdated(at=after(4), position=position(MNQ, 0)))
    told = position(MNQ, 1)
    assert deeds(desk.hear(PositionUpdated(at=after(5), position=told))) == [move("100.5")]


def test_the_newest_wanted_price_wins_once_the_interval_is_over() -> None:
    desk = managing(1, **TRAILING)
    desk.orders(stop(1, "98"))
    desk.quotes(MNQ, "102.5", at=10)
    assert not desk.quotes(MNQ, "103.5", at=10.2)
    assert not desk.quotes(MNQ, "104.5", at=10.6)
    assert desk.engine.next_deadline() == after(11)
    assert deeds(desk.ticks(11)) == [move("103.5")]
    assert not desk.ticks(13), "what was asked for is not asked for again"


def test_the_size_follows_the_position() -> None:
    desk = managing(1, **AUTO)
    desk.quotes(MNQ, 100, at=1)
    desk.orders(stop(1, "98"), at=2, ours=True)
    assert deeds(desk.reads(position(MNQ, 3), orders=[stop(1, "98")], at=5)) == [move("98", 3)]
    assert not desk.ticks(7)


def test_what_is_being_taken_away_needs_no_stop() -> None:
    desk = Desk(MaxContracts(limit=2, on_breach=OnBreach.REDUCE_TO_LIMIT), TradeManagement.model_validate(AUTO))
    desk.quotes(MNQ, 100)
    assert deeds(desk.reads(position(MNQ, 3), at=1)) == [Reduce(MNQ, 2)]
    assert deeds(desk.quotes(MNQ, 101, at=2)) == [place(2, "98")]
    desk.orders(stop(2, "98"), at=3, ours=True)
    assert not desk.quotes(MNQ, 100, at=5)
    assert not desk.reads(position(MNQ, 3), orders=[stop(2, "98")], at=12)


def test_nothing_is_placed_or_resized_while_a_fill_is_half_seen() -> None:
    desk = managing(1, **AUTO)
    desk.quotes(MNQ, 100, at=1)
    desk.orders(stop(1, "98"), at=2, ours=True)
    told = trade(signed_size=1, at=after(5))
    assert not desk.holds(MNQ, 2, at=5)
    assert deeds(desk.trades(told, at=6)) == [move("98", 2)]


def test_what_has_filled_of_a_stop_counts_into_its_size_and_a_stop_with_nothing_left_goes() -> None:
    desk = managing(3, **AUTO)
    desk.quotes(MNQ, 100, at=1)
    desk.orders(stop(3, "98"), at=2, ours=True)
    partly = stop(3, "98", filled=1, updated_at=after(4))
    desk.orders(partly, at=4)
    desk.holds(MNQ, 2, at=5)
    assert not desk.plans[1:]
    assert deeds(desk.reads(position(MNQ, 1), orders=[partly], at=6)) == [move("98", 2)]
    desk.reads(orders=[partly], at=8)
    assert deeds(desk.plans[-1:]) == [Cancel(5)]


def test_its_own_stop_goes_with_the_position_and_the_traders_stays() -> None:
    desk = managing(2, **AUTO)
    desk.orders(stop(1, "97", 6))
    desk.orders(stop(1, "98"), ours=True)
    assert deeds(desk.reads(orders=[stop(1, "97", 6), stop(1, "98")], at=5)) == [Cancel(5)]


def test_its_own_stop_is_known_again_after_a_restart_and_nothing_is_done_before_the_orders_were_read() -> None:
    desk = managing(1, **AUTO)
    desk.quotes(MNQ, 100, at=1)
    desk.orders(stop(1, "98"), at=2, ours=True)
    desk.restarts(at=3)
    assert not desk.quotes(MNQ, 100, at=4)
    assert not desk.reads(position(MNQ, 1), orders=[stop(1, "98")], at=5)
    assert deeds(desk.reads(orders=[stop(1, "98")], at=6)) == [Cancel(5)]


def test_an_own_stop_that_others_make_superfluous_goes() -> None:
    desk = managing(1, **AUTO)
    desk.quotes(MNQ, 100, at=1)
    desk.orders(stop(1, "98"), at=2, ours=True)
    assert deeds(desk.orders(stop(1, "99", 6), at=5)) == [Cancel(5)]


def test_its_own_stop_goes_when_the_position_has_turned_round() -> None:
    desk = managing(1, **AUTO)
    desk.orders(stop(1, "98"), ours=True)
    assert deeds(desk.hear(PositionUpdated(at=after(1), position=position(MNQ, -1)))) == [Cancel(5)]


def test_its_own_stop_stays_while_a_position_may_still_be_there() -> None:
    desk = managing(1, **AUTO)
    desk.orders(stop(1, "98"), ours=True)
    assert not desk.trades(trade(5, signed_size=-1, at=after(1)), at=1)
    assert deeds(desk.hear(PositionUpdated(at=after(2), position=position(MNQ, 0)))) == [Cancel(5)]


def test_the_size_follows_the_position_though_no_price_is_known_as_after_a_restart() -> None:
    desk = managing(3, **AUTO)
    desk.orders(stop(3, "98"), ours=True)
    assert deeds(desk.reads(position(MNQ, 1), orders=[stop(3, "98")], at=5)) == [move("98", 1)]


def test_a_stop_of_its_own_that_cannot_be_changed_yet_is_no_reason_to_leave_the_rest_bare() -> None:
    desk = managing(3, **AUTO)
    desk.orders(stop(1, "98", status=OrderStatus.PENDING), ours=True)
    assert deeds(desk.quotes(MNQ, 100, at=1)) == [place(2, "98")]


def test_a_cancel_that_is_under_way_holds_no_other_stop_back() -> None:
    desk = managing(1, **AUTO)
    desk.orders(stop(1, "98", 6), ours=True)
    desk.quotes(MNQ, 100, at=1)
    still_there = [stop(1, "98", 6)]
    assert deeds(desk.reads(orders=still_there, at=2)) == [Cancel(6)]
    assert deeds(desk.reads(position(MNQ, -1), orders=still_there, at=2.1)) == [place(1, "102", OrderSide.BUY)]


def test_one_change_in_the_interval_also_after_a_picture_when_the_interval_is_long() -> None:
    desk = managing(1, min_interval="30s", **TRAILING)
    desk.orders(stop(1, "98"))
    assert deeds(desk.quotes(MNQ, "102.5", at=10)) == [move("101.5")]
    desk.orders(stop(1, "101.5"), at=11)
    desk.reads(position(MNQ, 1), orders=[stop(1, "101.5")], at=20)
    assert not desk.quotes(MNQ, "104.5", at=21)
    assert move("103.5") not in deeds(desk.ticks(39.9))
    assert deeds(desk.ticks(40)) == [move("103.5")]


def test_after_a_restart_nothing_is_placed_before_the_orders_were_read() -> None:
    desk = managing(1, **AUTO)
    desk.restarts(at=1)
    assert not desk.quotes(MNQ, 100, at=2)
    assert not desk.reads(position(MNQ, 1), orders=[stop(1, "98")], at=3)


def test_its_own_stop_stays_for_what_a_fill_has_opened_and_no_report_shows_yet() -> None:
    desk = managing(**AUTO)
    desk.trades(trade(signed_size=1, at=after(1)), at=1)
    assert not desk.orders(stop(1, "98"), at=2, ours=True)


def test_each_stop_has_a_pace_of_its_own() -> None:
    desk = managing(1, min_interval="10s", **TRAILING)
    desk.orders(stop(1, "98"))
    assert deeds(desk.quotes(MNQ, "102.5", at=1)) == [move("101.5")]
    desk.orders(stop(1, "101.5"), at=2)
    second = MoveStop(order_id=6, stop=dec("101.5"))
    assert deeds(desk.orders(stop(1, "98", 6), at=5)) == [second]
    desk.orders(stop(1, "101.5", 6), at=6)
    assert not desk.quotes(MNQ, "103.5", at=7)
    assert deeds(desk.ticks(11)) == [move("102.5")]
    later = MoveStop(order_id=6, stop=dec("102.5"))
    assert [one for one in deeds(desk.ticks(15)) if isinstance(one, MoveStop)] == [later]


def test_another_size_is_asked_for_though_the_last_was_not_answered() -> None:
    desk = managing(1, **AUTO)
    desk.quotes(MNQ, 100, at=1)
    desk.orders(stop(1, "98"), at=2, ours=True)
    shown = [stop(1, "98")]
    assert deeds(desk.reads(position(MNQ, 3), orders=shown, at=5)) == [move("98", 3)]
    assert not desk.reads(position(MNQ, 3), orders=shown, at=7)
    assert deeds(desk.reads(position(MNQ, 2), orders=shown, at=8)) == [move("98", 2)]
