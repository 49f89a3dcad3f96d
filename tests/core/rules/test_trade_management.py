"""RULE-012: give positions a stop, and move it along with their profit."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import Action, CloseAll, MoveStop, PlaceStop
from risk_manager.core.events import LockRequested
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.trade_management import TradeManagement
from tests.builders import MNQ, UNKNOWN, Desk, after, dec, deeds, evidence, order, position

AUTO: dict[str, Any] = {"auto_stop": {"ticks": 8}}
BREAKEVEN: dict[str, Any] = {"auto_breakeven": {"trigger_ticks": 10, "offset_ticks": 2}}
TRAILING: dict[str, Any] = {"trailing_stop": {"activation_ticks": 10, "distance_ticks": 4, "step_ticks": 2}}


def managing(*held: Any, **settings: Any) -> Desk:
    desk = Desk(TradeManagement.model_validate(settings))
    if held:
        desk.reads(position(MNQ, *held), at=0)
    return desk


def stop(net_size: int, price: str, order_id: int = 5, **settings: Any) -> Order:
    kind = settings.pop("kind", OrderType.STOP)
    return order(order_id, MNQ, -net_size, kind=kind, stop=price, **settings)


def place(size: int, price: str, side: OrderSide = OrderSide.SELL) -> Action:
    return PlaceStop(contract_id=MNQ, side=side, size=size, stop=dec(price))


def move(price: str, size: int | None = None) -> Action:
    return MoveStop(order_id=5, stop=dec(price), size=size)


@pytest.mark.parametrize(("net_size", "price", "side"), [(2, "98", OrderSide.SELL), (-2, "102", OrderSide.BUY)])
def test_a_bare_position_gets_a_stop_on_its_losing_side(net_size: int, price: str, side: OrderSide) -> None:
    desk = managing(net_size, **AUTO)
    assert deeds(desk.quotes(MNQ, 100, at=1)) == [place(2, price, side)]
    assert not desk.quotes(MNQ, 101, at=2), "one that was asked for is not asked for twice"


def test_a_stop_stands_on_the_tick_that_protects_more() -> None:
    assert deeds(managing(1, "100.10", **AUTO).quotes(MNQ, 100, at=1)) == [place(1, "98.25")]
    assert deeds(managing(-1, "100.10", **AUTO).quotes(MNQ, 100, at=1)) == [place(1, "102.00", OrderSide.BUY)]


def test_without_a_price_or_a_known_contract_nothing_is_placed() -> None:
    desk = managing(**AUTO)
    assert not desk.reads(position(MNQ, 1), position(UNKNOWN, 1), at=0)
    assert not desk.quotes(UNKNOWN, 100)


def test_a_stop_is_never_placed_on_the_wrong_side_of_the_market() -> None:
    desk = managing(1, **AUTO)
    assert not desk.quotes(MNQ, 99, bid=98, at=1)
    assert deeds(desk.quotes(MNQ, bid="98.25", at=2)) == [place(1, "98")]


def test_where_stops_cover_only_part_one_is_placed_for_the_rest() -> None:
    desk = managing(3, **AUTO)
    desk.orders(stop(1, "97"))
    assert deeds(desk.quotes(MNQ, 100, at=1)) == [place(2, "98")]


def test_a_traders_own_stop_is_adopted_and_not_doubled() -> None:
    desk = managing(2, **AUTO, **BREAKEVEN)
    desk.orders(stop(2, "97"))
    assert not desk.quotes(MNQ, 100, at=1)
    assert deeds(desk.quotes(MNQ, "102.50", at=2)) == [move("100.5")]


@pytest.mark.parametrize(
    ("net_size", "short_of", "at", "target"), [(1, "102.25", "102.5", "100.5"), (-1, "97.75", "97.5", "99.5")]
)
def test_at_its_trigger_the_stop_goes_to_breakeven(net_size: int, short_of: str, at: str, target: str) -> None:
    desk = managing(net_size, **BREAKEVEN)
    desk.orders(stop(net_size, "98" if net_size > 0 else "102"))
    assert not desk.quotes(MNQ, short_of, at=1)
    assert deeds(desk.quotes(MNQ, at, at=2)) == [move(target)]


def test_a_stop_is_never_loosened() -> None:
    desk = managing(1, **BREAKEVEN)
    desk.orders(stop(1, "101"))
    assert not desk.quotes(MNQ, 103, at=1)


def test_a_trailing_stop_follows_the_best_price_a_step_at_a_time() -> None:
    desk = managing(1, **TRAILING)
    desk.orders(stop(1, "98"))
    assert deeds(desk.quotes(MNQ, "102.5", at=10)) == [move("101.5")]
    desk.orders(stop(1, "101.5"), at=11)
    assert not desk.quotes(MNQ, "102.75", at=15)
    assert not desk.quotes(MNQ, "101.75", at=16)
    assert deeds(desk.quotes(MNQ, "103", at=17)) == [move("102")]


@pytest.mark.parametrize("settings", [{"status": OrderStatus.PENDING}, {"kind": OrderType.TRAILING_STOP}])
def test_a_stop_that_cannot_be_moved_is_left_alone(settings: dict[str, Any]) -> None:
    desk = managing(1, **BREAKEVEN)
    desk.orders(stop(1, "98", **settings))
    assert not desk.quotes(MNQ, 103, at=1)


def test_a_position_that_is_being_closed_is_not_managed() -> None:
    desk = Desk(MaxContracts(limit=1), TradeManagement.model_validate(AUTO))
    desk.quotes(MNQ, 100)
    assert deeds(desk.holds(MNQ, 2, at=1)) == [CloseAll()]
    assert not desk.reads(position(MNQ, 2), at=2)
    assert not desk.quotes(MNQ, 101, at=3)
    desk = managing(**AUTO)
    desk.hear(LockRequested(at=after(0), account_id=1, until=None))
    desk.quotes(MNQ, 100)
    assert not any(isinstance(one, PlaceStop) for one in deeds(desk.reads(position(MNQ, 2), at=1)))


def test_the_stop_of_a_position_that_is_being_closed_is_not_moved() -> None:
    desk = Desk(MaxContracts(limit=1), TradeManagement.model_validate(BREAKEVEN))
    desk.quotes(MNQ, 100)
    desk.orders(stop(2, "98"), at=1)
    assert deeds(desk.holds(MNQ, 2, at=2)) == [CloseAll()]
    assert not desk.quotes(MNQ, 103, at=3)


@pytest.mark.parametrize(
    "settings",
    [{}, {"auto_stop": {"ticks": 0}}, {**AUTO, "min_interval": "-1s"}, {"trailing_stop": {"activation_ticks": 1}}],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TradeManagement.model_validate(settings)


def test_prices_stay_exact() -> None:
    (placed,) = deeds(managing(1, "21000.10", **AUTO).quotes(MNQ, 21000, at=1))
    assert isinstance(placed, PlaceStop)
    assert placed.stop == Decimal("20998.25")


def test_without_a_mark_no_profit_is_known_and_without_an_auto_stop_none_is_placed() -> None:
    desk = managing(1, **BREAKEVEN)
    assert not desk.quotes(MNQ, bid=99, at=1)
    assert not desk.quotes(MNQ, 101, at=2)
    assert deeds(desk.quotes(MNQ, 103, bid=103, at=3)) == [place(1, "100.5")]


def test_its_decisions_say_who_decides_and_why_and_are_no_breach() -> None:
    name, code = "trade_management", "STOP_MANAGED"
    desk = managing(1, **AUTO)
    assert evidence(desk.quotes(MNQ, 100, at=1)) == [(name, code, MNQ, None, None, False)]
    desk = managing(1, **BREAKEVEN)
    desk.orders(stop(1, "98"))
    assert evidence(desk.quotes(MNQ, 103, at=1)) == [(name, code, "5", None, None, False)]


def test_what_is_not_set_is_off() -> None:
    settings = TradeManagement.model_validate(
        {**BREAKEVEN, "trailing_stop": {"activation_ticks": 1, "distance_ticks": 1}}
    )
    assert settings.trailing_stop is not None
    assert settings.trailing_stop.step_ticks == 1
    plain = TradeManagement.model_validate({"auto_breakeven": {"trigger_ticks": 1}})
    assert plain.auto_breakeven is not None
    assert plain.auto_breakeven.offset_ticks == 0


@pytest.mark.parametrize("section", ["auto_stop", "auto_breakeven", "trailing_stop"])
def test_an_unknown_key_in_a_section_is_refused(section: str) -> None:
    complete = {
        "auto_stop": {"ticks": 1},
        "auto_breakeven": {"trigger_ticks": 1},
        "trailing_stop": {"activation_ticks": 1, "distance_ticks": 1},
    }
    with pytest.raises(ValidationError, match="tics"):
        TradeManagement.model_validate({section: {**complete[section], "tics": 1}})


def test_a_short_goes_by_the_ask_and_by_the_last_where_there_is_none() -> None:
    desk = managing(-1, **AUTO)
    assert not desk.quotes(MNQ, 101, bid=100, ask=102, at=1)
    assert deeds(desk.quotes(MNQ, ask="101.75", at=2)) == [place(1, "102", OrderSide.BUY)]
    assert deeds(managing(-1, **AUTO).quotes(MNQ, "101.75", at=1)) == [place(1, "102", OrderSide.BUY)]


def test_the_better_of_two_wanted_prices_wins_for_a_short_too() -> None:
    desk = managing(-1, **AUTO, **BREAKEVEN)
    assert deeds(desk.quotes(MNQ, 97, at=1)) == [place(1, "99.5", OrderSide.BUY)]
    desk = managing(-1, **BREAKEVEN, **TRAILING)
    desk.orders(stop(-1, "103"))
    assert deeds(desk.quotes(MNQ, 96, at=1)) == [move("97")]


def test_an_unknown_product_and_a_limit_order_of_its_own_are_left_alone() -> None:
    desk = managing(**AUTO)
    assert not desk.orders(order(5, MNQ, -1), ours=True)
    assert not desk.reads(position(UNKNOWN, 1), orders=[order(5, MNQ, -1)], at=1)


def test_a_stop_is_not_moved_to_the_wrong_side_of_the_market() -> None:
    desk = managing(1, **TRAILING)
    desk.orders(stop(1, "98"))
    assert not desk.quotes(MNQ, 103, bid="101.5", at=1)
    assert deeds(desk.quotes(MNQ, bid="102.25", at=2)) == [move("102")]
