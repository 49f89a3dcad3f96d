"""For every setting of every rule: which way it loosens."""

from typing import Any

import pytest
from pydantic import BaseModel

from risk_manager.core.rules import RULES
from risk_manager.core.strictness import NEVER, WHEN_LOWER, loosened, mixed

BY_NAME = {rule.name: rule for rule in RULES}
HOURS = {"start": "09:30", "end": "16:00", "timezone": "America/New_York"}
OVER_NIGHT = {"start": "18:00", "end": "17:00", "timezone": "America/Chicago"}
NEEDED: dict[str, dict[str, Any]] = {
    "max_contracts": {"limit": 5},
    "max_contracts_per_instrument": {"limits": {"ES": 2}, "unknown_symbol_action": "block"},
    "daily_realized_loss": {"loss_limit": 500},
    "daily_unrealized_loss": {"loss_limit": 300},
    "max_unrealized_profit": {"profit_target": 500, "arm_profit": 200},
    "trade_frequency_limit": {"limits": {"per_minute": 3, "per_hour": 10, "per_session": 30}},
    "cooldown_after_loss": {"loss_thresholds": [{"loss_amount": 100, "cooldown": "5m"}]},
    "no_stop_loss_grace": {"grace_period": "30s"},
    "session_block_outside": {"global_session": HOURS},
    "auth_loss_guard": {},
    "symbol_blocks": {"blocked_symbols": ["CL", "RTY"]},
    "trade_management": {
        "auto_stop": {"ticks": 40},
        "auto_breakeven": {"trigger_ticks": 40},
        "trailing_stop": {"activation_ticks": 80, "distance_ticks": 40},
    },
    "daily_realized_profit": {"profit_target": 500},
}
COOLDOWN = {"loss_amount": 100, "cooldown": "5m"}
LATER = {"start": "09:30", "end": "17:00", "timezone": "America/New_York"}
ONE_WAY: list[tuple[str, str, Any, Any]] = [
    *((name, "enabled", True, False) for name in BY_NAME),
    *((name, "mode", "enforce", "shadow") for name in BY_NAME),
    ("max_contracts", "limit", 5, 6),
    ("max_contracts", "count_type", "gross", "net"),
    ("max_contracts", "micros_count_as", "0.2", "0.1"),
    ("max_contracts", "on_breach", "close_all", "reduce_to_limit"),
    ("max_contracts", "lockout", "15m", "none"),
    ("max_contracts_per_instrument", "limits", {"ES": 2}, {"ES": 3}),
    ("max_contracts_per_instrument", "unknown_symbol_action", "block", "allow_with_limit:1"),
    ("max_contracts_per_instrument", "unknown_symbol_action", "allow_with_limit:2", "allow_unlimited"),
    ("max_contracts_per_instrument", "on_breach", "close_position", "reduce_to_limit"),
    ("max_contracts_per_instrument", "lockout", "1h", "15m"),
    ("daily_realized_loss", "loss_limit", 500, "500.01"),
    ("daily_realized_loss", "include_fees", True, False),
    ("daily_realized_loss", "lockout", "permanent", "daily_reset"),
    ("daily_unrealized_loss", "loss_limit", 300, 400),
    ("daily_unrealized_loss", "lockout", "permanent", "1h"),
    ("max_unrealized_profit", "profit_target", 500, 600),
    ("max_unrealized_profit", "arm_profit", 200, 250),
    ("max_unrealized_profit", "offset", 50, 0),
    ("max_unrealized_profit", "lockout", "15m", "5m"),
    ("trade_frequency_limit", "limits.per_minute", 3, 4),
    ("trade_frequency_limit", "limits.per_hour", 10, None),
    ("trade_frequency_limit", "limits.per_session", 30, 31),
    ("trade_frequency_limit", "cooldowns.per_minute", "60s", "30s"),
    ("trade_frequency_limit", "cooldowns.per_hour", "30m", "10m"),
    ("trade_frequency_limit", "cooldowns.per_session", "permanent", "daily_reset"),
    ("trade_frequency_limit", "on_breach", "close_all", "keep_positions"),
    ("cooldown_after_loss", "loss_thresholds", [COOLDOWN], [COOLDOWN | {"loss_amount": 150}]),
    ("cooldown_after_loss", "loss_thresholds", [COOLDOWN], [COOLDOWN | {"cooldown": "4m"}]),
    ("cooldown_after_loss", "include_fees", True, False),
    ("cooldown_after_loss", "on_breach", "close_all", "keep_positions"),
    ("no_stop_loss_grace", "grace_period", "30s", "31s"),
    ("no_stop_loss_grace", "require_full_size", True, False),
    ("no_stop_loss_grace", "lockout", "15m", "none"),
    ("session_block_outside", "days", ["mon", "tue"], ["mon", "tue", "wed"]),
    ("session_block_outside", "global_session", HOURS, LATER),
    ("session_block_outside", "global_session", OVER_NIGHT, OVER_NIGHT | {"start": "17:30"}),
    ("session_block_outside", "per_instrument_sessions", {}, {"ES": LATER}),
    ("session_block_outside", "per_instrument_sessions", {"ES": HOURS | {"end": "12:00"}}, {}),
    ("max_contracts_per_instrument", "limits", {"ES": 2}, {"ES": 2, "NQ": 1}),
    ("session_block_outside", "close_positions_at_session_end", True, False),
    ("session_block_outside", "flatten_before_end", "5m", "0s"),
    ("session_block_outside", "lockout_outside_session", True, False),
    ("session_block_outside", "respect_holidays", True, False),
    ("auth_loss_guard", "auto_unlock_on_restore", False, True),
    ("auth_loss_guard", "verify_every", "30s", "60s"),
    ("symbol_blocks", "blocked_symbols", ["CL", "RTY"], ["CL"]),
    ("symbol_blocks", "close_existing", True, False),
    ("trade_management", "auto_stop", {"ticks": 40}, None),
    ("trade_management", "auto_breakeven.trigger_ticks", 40, 60),
    ("trade_management", "auto_breakeven", {"trigger_ticks": 40}, None),
    ("trade_management", "trailing_stop.activation_ticks", 80, 90),
    ("trade_management", "trailing_stop.distance_ticks", 40, 50),
    ("trade_management", "trailing_stop.step_ticks", 1, 2),
    ("trade_management", "trailing_stop", {"activation_ticks": 80, "distance_ticks": 40}, None),
    ("trade_management", "min_interval", "1s", "2s"),
    ("daily_realized_profit", "profit_target", 500, 600),
    ("daily_realized_profit", "include_fees", False, True),
    ("daily_realized_profit", "lockout", "permanent", "daily_reset"),
]
"""Rule, setting, a stricter and a looser value."""
BOTH_WAYS: list[tuple[str, str, Any, Any]] = [
    ("daily_realized_loss", "basis", "realized", "realized_plus_open"),
    ("daily_realized_profit", "basis", "realized", "realized_plus_open"),
    ("daily_unrealized_loss", "scope", "per_position", "total"),
    ("max_unrealized_profit", "scope", "per_position", "total"),
    ("max_unrealized_profit", "mode_of_exit", "profit_target", "breakeven"),
    ("trade_frequency_limit", "count", "orders", "round_turns"),
    ("session_block_outside", "global_session", OVER_NIGHT, OVER_NIGHT | {"end": "23:00"}),
    ("session_block_outside", "global_session", OVER_NIGHT, OVER_NIGHT | {"timezone": "America/New_York"}),
    ("session_block_outside", "per_instrument_sessions", {"ES": OVER_NIGHT}, {"ES": LATER}),
    ("max_contracts", "lockout", "24h", "daily_reset"),
    ("trade_management", "auto_stop.ticks", 40, 1),
    ("trade_management", "auto_breakeven.offset_ticks", 2, 1000),
    ("max_contracts_per_instrument", "limits", {"ES": 2}, {"NQ": 2}),
]
"""Settings of which nobody can say which value is the stricter one: every change waits."""


def _with(name: str, path: str, value: Any) -> BaseModel:
    settings = {key: dict(one) if isinstance(one, dict) else one for key, one in NEEDED[name].items()}
    head, _, inner = path.partition(".")
    if inner:
        settings[head] = {**settings.get(head, {}), inner: value}
    else:
        settings[head] = value
    return BY_NAME[name].model_validate(settings)


@pytest.mark.parametrize(("rule", "path", "strict", "loose"), ONE_WAY)
def test_a_setting_loosens_in_one_direction(rule: str, path: str, strict: Any, loose: Any) -> None:
    stricter, looser = _with(rule, path, strict), _with(rule, path, loose)
    assert loosened(stricter, looser) == [path]
    assert loosened(looser, stricter) == []


@pytest.mark.parametrize(("rule", "path", "one", "other"), BOTH_WAYS)
def test_a_setting_without_a_stricter_side_loosens_in_both(rule: str, path: str, one: Any, other: Any) -> None:
    first, second = _with(rule, path, one), _with(rule, path, other)
    assert loosened(first, second)[0].startswith(path)
    assert loosened(second, first)[0].startswith(path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_every_setting_of_a_rule_has_a_direction_here(rule: type[BaseModel]) -> None:
    known = {path.partition(".")[0] for name, path, _, _ in (*ONE_WAY, *BOTH_WAYS) if BY_NAME[name] is rule}
    assert known == set(rule.model_fields)


def test_what_protects_from_nothing_never_loosens() -> None:
    assert not NEVER.loosens(1, 2)


def test_a_mixture_takes_what_is_stricter_and_keeps_what_is_looser() -> None:
    old = _with("max_contracts", "limit", 5)
    new = BY_NAME["max_contracts"].model_validate({"limit": 3, "count_type": "gross", "on_breach": "reduce_to_limit"})
    assert mixed(old, new, granted=lambda _: False)["limit"] == 3
    assert mixed(old, new, granted=lambda _: False)["on_breach"].value == "close_all"
    assert mixed(old, new, granted=lambda _: True)["on_breach"].value == "reduce_to_limit"


def test_a_mixture_reaches_into_sections() -> None:
    old = _with("trade_frequency_limit", "limits.per_minute", 3)
    new = BY_NAME["trade_frequency_limit"].model_validate({"limits": {"per_minute": 9, "per_hour": 5}})
    limits = mixed(old, new, granted=lambda _: False)["limits"]
    assert (limits["per_minute"], limits["per_hour"], limits["per_session"]) == (3, 5, 30)


MIXTURES: list[tuple[str, str, Any, Any, Any]] = [
    ("max_contracts_per_instrument", "limits", {"ES": 2, "NQ": 2}, {"ES": 3, "NQ": 1}, {"ES": 2, "NQ": 1}),
    ("max_contracts_per_instrument", "limits", {"ES": 2}, {"ES": 3, "NQ": 1}, {"ES": 2}),
    ("max_contracts_per_instrument", "limits", {"ES": 2, "NQ": 3}, {"ES": 4}, {"ES": 2, "NQ": 0}),
    ("symbol_blocks", "blocked_symbols", ["CL", "RTY"], ["RTY", "GC"], ("CL", "RTY", "GC")),
    ("session_block_outside", "days", ["mon", "tue"], ["tue", "wed"], ("tue",)),
]


@pytest.mark.parametrize(("rule", "path", "old", "new", "held"), MIXTURES)
def test_of_a_list_each_entry_is_taken_that_is_stricter(rule: str, path: str, old: Any, new: Any, held: Any) -> None:
    before, after = _with(rule, path, old), _with(rule, path, new)
    assert mixed(before, after, granted=lambda _: False)[path] == held


def test_a_limit_on_a_root_that_had_none_is_taken_at_once() -> None:
    rule = BY_NAME["max_contracts_per_instrument"]
    old = rule.model_validate({"limits": {"ES": 2}, "unknown_symbol_action": "allow_unlimited"})
    new = rule.model_validate({"limits": {"ES": 2, "NQ": 5}, "unknown_symbol_action": "allow_unlimited"})
    assert loosened(old, new) == []
    assert loosened(new, old) == ["limits"]


def test_each_loss_has_the_longer_of_two_pauses() -> None:
    old = _with("cooldown_after_loss", "loss_thresholds", [COOLDOWN, {"loss_amount": 300, "cooldown": "30m"}])
    new = _with("cooldown_after_loss", "loss_thresholds", [{"loss_amount": 200, "cooldown": "10m"}])
    held = mixed(old, new, granted=lambda _: False)["loss_thresholds"]
    assert [(one.loss_amount, one.cooldown.total_seconds()) for one in held] == [(100, 300), (200, 600), (300, 1800)]


def test_a_larger_loss_that_pauses_no_longer_than_a_smaller_one_stays_a_threshold_of_its_own() -> None:
    larger = {"loss_amount": 300, "cooldown": "5m"}
    old = _with("cooldown_after_loss", "loss_thresholds", [COOLDOWN, larger])
    new = _with("cooldown_after_loss", "loss_thresholds", [COOLDOWN | {"cooldown": "4m"}, larger])
    assert mixed(old, new, granted=lambda _: False) == dict(old)


def test_a_new_threshold_that_pauses_no_longer_is_not_mixed_in() -> None:
    old = _with("cooldown_after_loss", "loss_thresholds", [COOLDOWN])
    new = _with("cooldown_after_loss", "loss_thresholds", [COOLDOWN | {"loss_amount": 150}])
    assert mixed(old, new, granted=lambda _: False) == dict(old)


def test_what_was_mixed_once_is_not_mixed_further() -> None:
    for rule, path, old, new, held in MIXTURES:
        before, after = _with(rule, path, held), _with(rule, path, new)
        assert mixed(before, after, granted=lambda _: False)[path] == held, (rule, old)


@pytest.mark.parametrize(
    ("old", "new", "is_looser"), [(None, None, False), (None, 1, True), (1, None, False), (2, 1, True), (1, 1, False)]
)
def test_less_is_looser_where_it_is_said_so(old: int | None, new: int | None, is_looser: bool) -> None:  # noqa: FBT001 - a table
    assert WHEN_LOWER.loosens(old, new) is is_looser
