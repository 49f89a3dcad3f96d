"""RULE-006: which windows a changed configuration and a full picture judge."""

from typing import Any

from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from tests.builders import Desk, after, trade


def rule(per_minute: int = 2, **settings: Any) -> TradeFrequencyLimit:
    return TradeFrequencyLimit.model_validate({"limits": {"per_minute": per_minute}} | settings)


def test_a_full_picture_judges_only_what_it_brings() -> None:
    desk = Desk()
    for at in (0, 1):
        desk.fills(at=at)
    desk.reloads(rule(1, limits={"per_hour": 5}), at=1)
    assert not desk.reads(trades=[trade(at=after(0))], at=2)


def test_a_changed_limit_judges_the_windows_that_reach_to_now() -> None:
    desk = Desk(rule(5))
    for at in (0, 1):
        desk.fills(at=at)
    assert desk.reloads(rule(1), at=3)
    desk = Desk(rule(5))
    desk.fills(at=0)
    desk.fills(at=1)
    assert not desk.reloads(rule(1), at=61)


def test_a_reload_of_something_else_judges_no_window() -> None:
    other, brief, long = MaxContracts(limit=9), {"per_minute": "10s"}, {"per_minute": "10m"}
    desk = Desk(other, rule(cooldowns=brief))
    for at in (0, 1, 2):
        desk.fills(at=at)
    assert not desk.reloads(other, rule(cooldowns=long), at=20)
    assert desk.reloads(rule(1, cooldowns=long), at=21)


def test_a_reload_that_counts_otherwise_or_another_window_judges_what_was() -> None:
    fills = Desk(rule(1))
    for at in (0, 1):
        fills.fills(at=at, order_id=7)
    assert fills.reloads(rule(1, count="fills"), at=2)
    hour = Desk(rule(1))
    hour.fills(at=0)
    hour.fills(at=100)
    assert hour.reloads(rule(limits={"per_hour": 1}), at=101)
