"""What the law says of each rule in a word: its defaults, which events concern it, what its numbers count."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from risk_manager.core import events
from risk_manager.core.rule import Measures, Rule, RuleMode
from risk_manager.core.rules import RULE_NAMED, RULES, measures_of

HOURS = {"start": "09:30", "end": "16:00", "timezone": "America/New_York"}
SHORTEST: dict[str, dict[str, Any]] = {
    "max_contracts": {"limit": 5},
    "max_contracts_per_instrument": {"limits": {}, "unknown_symbol_action": "block"},
    "daily_realized_loss": {"loss_limit": 500},
    "daily_unrealized_loss": {"loss_limit": 300},
    "max_unrealized_profit": {"profit_target": 500},
    "trade_frequency_limit": {"limits": {"per_minute": 3}},
    "cooldown_after_loss": {"loss_thresholds": [{"loss_amount": 100, "cooldown": "5m"}]},
    "no_stop_loss_grace": {"grace_period": "30s"},
    "session_block_outside": {"global_session": HOURS},
    "auth_loss_guard": {},
    "symbol_blocks": {"blocked_symbols": []},
    "trade_management": {"auto_stop": {"ticks": 40}},
    "daily_realized_profit": {"profit_target": 500},
}
IN_SECTIONS: dict[str, dict[str, Any]] = {
    "trade_management": {
        "auto_breakeven": {"trigger_ticks": 40},
        "trailing_stop": {"activation_ticks": 80, "distance_ticks": 40},
    },
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "max_contracts": {"count_type": "net", "micros_count_as": 1, "on_breach": "close_all", "lockout": "none"},
    "max_contracts_per_instrument": {"on_breach": "reduce_to_limit", "lockout": "none"},
    "daily_realized_loss": {"basis": "realized", "include_fees": True, "lockout": "daily_reset"},
    "daily_unrealized_loss": {"scope": "per_position"},
    "max_unrealized_profit": {"mode_of_exit": "profit_target", "offset": 0, "scope": "per_position", "lockout": "none"},
    "trade_frequency_limit": {
        "cooldowns": {"per_minute": "60s", "per_hour": "30m", "per_session": "daily_reset"},
        "count": "orders",
        "on_breach": "keep_positions",
    },
    "cooldown_after_loss": {"include_fees": True, "on_breach": "keep_positions"},
    "no_stop_loss_grace": {"require_full_size": True, "lockout": "none"},
    "session_block_outside": {
        "per_instrument_sessions": {},
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "close_positions_at_session_end": True,
        "flatten_before_end": "0s",
        "lockout_outside_session": True,
        "respect_holidays": True,
    },
    "auth_loss_guard": {"auto_unlock_on_restore": True, "verify_every": "60s"},
    "symbol_blocks": {"close_existing": True},
    "trade_management": {"min_interval": "1s"},
    "daily_realized_profit": {"basis": "realized", "include_fees": True, "lockout": "daily_reset"},
}
PRICED = {"PositionUpdated", "QuoteUpdated", "TradeReported", "ContractLearned"}
CONCERN = {
    "max_contracts": {"PositionUpdated"},
    "max_contracts_per_instrument": {"PositionUpdated"},
    "daily_realized_loss": {"TradeReported"},
    "daily_unrealized_loss": PRICED,
    "max_unrealized_profit": PRICED,
    "trade_frequency_limit": {"TradeReported"},
    "cooldown_after_loss": {"TradeReported"},
    "no_stop_loss_grace": {"PositionUpdated", "OrderUpdated", "TradeReported", "ClockTicked"},
    "session_block_outside": {"PositionUpdated", "OrderUpdated", "ClockTicked"},
    "auth_loss_guard": {"AccountUpdated", "AccountVanished", "ClockTicked"},
    "symbol_blocks": {"PositionUpdated", "OrderUpdated"},
    "trade_management": {"PositionUpdated", "OrderUpdated", "TradeReported", "QuoteUpdated", "ClockTicked"},
    "daily_realized_profit": {"TradeReported"},
}
COUNT = {
    "max_contracts": Measures.NUMBER,
    "max_contracts_per_instrument": Measures.NUMBER,
    "daily_realized_loss": Measures.LOSS_OF_DAY,
    "daily_unrealized_loss": Measures.OPEN_LOSS,
    "max_unrealized_profit": Measures.OPEN_PROFIT,
    "trade_frequency_limit": Measures.NUMBER,
    "cooldown_after_loss": Measures.LOSS_OF_TRADE,
    "no_stop_loss_grace": Measures.NUMBER,
    "session_block_outside": Measures.NUMBER,
    "auth_loss_guard": Measures.NUMBER,
    "symbol_blocks": Measures.NUMBER,
    "trade_management": Measures.NUMBER,
    "daily_realized_profit": Measures.PROFIT_OF_DAY,
}
EVENTS = [kind for kind in vars(events).values() if isinstance(kind, type) and kind.__module__ == events.__name__]


def rule(name: str, **settings: Any) -> Rule:
    return RULE_NAMED[name].model_validate(SHORTEST[name] | settings)


def sections(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        value = dict(value)
    if isinstance(value, (dict, tuple)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from sections(one)


def concern(judge: Rule) -> set[str]:
    return {kind.__name__ for kind in EVENTS if judge.triggered_by(kind)}


@pytest.mark.parametrize("name", DEFAULTS)
def test_what_is_left_out_is_as_the_law_has_it(name: str) -> None:
    spelled_out = rule(name, **DEFAULTS[name], enabled=True, mode="enforce")
    assert rule(name) == spelled_out
    assert (spelled_out.enabled, spelled_out.mode) == (True, RuleMode.ENFORCE)


@pytest.mark.parametrize("name", SHORTEST)
def test_what_is_required_cannot_be_left_out(name: str) -> None:
    for key in SHORTEST[name]:
        with pytest.raises(ValidationError):
            RULE_NAMED[name].model_validate({one: value for one, value in SHORTEST[name].items() if one != key})


@pytest.mark.parametrize("name", SHORTEST)
def test_an_unknown_key_is_refused_wherever_it_stands(name: str) -> None:
    for section in sections(rule(name, **IN_SECTIONS.get(name, {}))):
        with pytest.raises(ValidationError):
            type(section).model_validate(section.model_dump() | {"limits_of_sorts": 1})


@pytest.mark.parametrize("name", SHORTEST)
def test_nobody_changes_a_setting_behind_the_engine(name: str) -> None:
    for section in sections(rule(name, **IN_SECTIONS.get(name, {}))):
        for key in type(section).model_fields:
            with pytest.raises(ValidationError):
                setattr(section, key, getattr(section, key))


@pytest.mark.parametrize("name", CONCERN)
def test_it_judges_the_events_that_can_concern_it_and_no_others(name: str) -> None:
    assert concern(rule(name)) == CONCERN[name]


@pytest.mark.parametrize("name", ["daily_realized_loss", "daily_realized_profit"])
def test_a_limit_of_the_day_judges_prices_where_what_is_open_counts(name: str) -> None:
    assert concern(rule(name, basis="realized_plus_open")) == PRICED


@pytest.mark.parametrize("name", COUNT)
def test_people_are_told_what_its_numbers_count(name: str) -> None:
    assert measures_of(name) is COUNT[name]


def test_the_numbers_of_a_rule_that_does_not_exist_are_plain_ones() -> None:
    assert measures_of("a_rule_of_tomorrow") is Measures.NUMBER


def test_the_rules_are_the_thirteen_of_the_law_in_its_order() -> None:
    assert [one.name for one in RULES] == list(SHORTEST)
