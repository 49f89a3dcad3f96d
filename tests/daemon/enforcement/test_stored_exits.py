from typing import Any

from risk_manager.core.model.order import OrderSide
from risk_manager.daemon.enforcement.stored_exits import stored_exits
from risk_manager.store.journal import Entry
from tests.daemon.fake_venue import ACCOUNT, ES, NQ
from tests.daemon.virtual_time import START


def found(*actions: dict[str, Any], kind: str = "plan", **more: Any) -> list[tuple[str, OrderSide, int]]:
    body = {"actions": list(actions), "positions": {ES: 3, NQ: -2}, **more}
    calls = stored_exits([Entry(1, START, ACCOUNT, kind, body)])
    return [(call.contract_id, call.side, call.size) for _, call in calls]


def test_closes_and_reductions_are_read_with_their_side_and_size() -> None:
    assert found({"do": "close", "contract_id": ES}) == [(ES, OrderSide.SELL, 3)]
    assert found({"do": "reduce", "contract_id": NQ, "to": 1}) == [(NQ, OrderSide.BUY, 1)]
    assert found({"do": "close_all"}) == [(ES, OrderSide.SELL, 3), (NQ, OrderSide.BUY, 2)]


def test_what_sends_no_market_order_is_none() -> None:
    assert found({"do": "cancel_all"}, {"do": "lock"}, {"do": "close", "contract_id": "another"}) == []
    assert found({"do": "close_all"}, shadow=True) == []
    assert found({"do": "close_all"}, kind="gap") == []
    assert list(stored_exits([Entry(1, START, ACCOUNT, "plan", {})])) == []


def test_orders_that_had_filled_before_the_plan_are_none_of_its_exits() -> None:
    body = {"actions": [{"do": "close_all"}], "positions": {ES: 1}, "strangers": [8, 9]}
    ((_, call),) = stored_exits([Entry(1, START, ACCOUNT, "plan", body)])
    assert call.strangers == {8, 9}
