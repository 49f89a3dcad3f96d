"""Random settings of each rule, all keys, as the YAML would have them."""

from typing import Any

from hypothesis import strategies as st

from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES

CLASSES: dict[str, type[Rule]] = {one.name: one for one in RULES}
_lockout = st.sampled_from(["none", "none", "daily_reset", "permanent", "90s", "15m"])
_day_lockout = st.sampled_from(["daily_reset", "permanent"])
_cooldown = st.sampled_from(["10s", "60s", "5m", "30m", "daily_reset", "permanent"])
_roots = st.sampled_from(["ES", "es", "MNQ", "MCL", "CL"])
_dollars = st.sampled_from(["50", "100", "100.25", "150", "300", "600"])
_session = st.sampled_from(
    [
        {"start": "09:30", "end": "16:00", "timezone": "America/New_York"},
        {"start": "18:00", "end": "17:00", "timezone": "America/New_York"},
        {"start": "18:00", "end": "17:00", "timezone": "America/Chicago"},
        {"start": "08:00", "end": "12:00", "timezone": "Europe/London"},
    ]
)


def _keys(required: dict[str, Any], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


_windows = st.fixed_dictionaries(
    {}, optional={name: st.integers(1, 3) for name in ("per_minute", "per_hour", "per_session")}
).filter(bool)
_profit = st.one_of(
    _keys({"profit_target": _dollars}, scope=st.sampled_from(["per_position", "total"]), lockout=_lockout),
    _keys(
        {"mode_of_exit": st.just("breakeven"), "arm_profit": _dollars},
        offset=st.sampled_from(["0", "10", "25"]),
        scope=st.sampled_from(["per_position", "total"]),
        lockout=_lockout,
    ),
)
_thresholds = st.sampled_from(
    [
        [{"loss_amount": "100", "cooldown": "5m"}],
        [
            {"loss_amount": "60", "cooldown": "10s"},
            {"loss_amount": "100", "cooldown": "60s"},
            {"loss_amount": "200", "cooldown": "30m"},
        ],
    ]
)
_hours = st.one_of(
    _keys({"global_session": _session}),
    _keys({"per_instrument_sessions": st.dictionaries(_roots, _session, min_size=1, max_size=2)}),
    _keys(
        {
            "global_session": _session,
            "per_instrument_sessions": st.dictionaries(_roots, _session, min_size=1, max_size=2),
        }
    ),
)
_session_keys = _keys(
    {},
    days=st.sampled_from(
        [
            ["mon", "tue", "wed", "thu", "fri"],
            ["mon", "wed", "fri", "sun"],
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        ]
    ),
    close_positions_at_session_end=st.booleans(),
    flatten_before_end=st.sampled_from(["0s", "5m", "90s"]),
    lockout_outside_session=st.booleans(),
    respect_holidays=st.booleans(),
)
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "max_contracts": _keys(
        {"limit": st.integers(1, 5)},
        count_type=st.sampled_from(["net", "gross"]),
        micros_count_as=st.sampled_from(["1", "0.1", "0.5"]),
        on_breach=st.sampled_from(["close_all", "reduce_to_limit"]),
        lockout=_lockout,
    ),
    "max_contracts_per_instrument": _keys(
        {
            "limits": st.dictionaries(_roots, st.integers(0, 4), max_size=3),
            "unknown_symbol_action": st.sampled_from(["block", "allow_with_limit:2", "allow_unlimited"]),
        },
        on_breach=st.sampled_from(["reduce_to_limit", "close_position"]),
        lockout=_lockout,
    ),
    "daily_realized_loss": _keys(
        {"loss_limit": _dollars},
        basis=st.sampled_from(["realized", "realized_plus_open"]),
        include_fees=st.booleans(),
        lockout=_day_lockout,
    ),
    "daily_unrealized_loss": _keys(
        {"loss_limit": _dollars}, scope=st.sampled_from(["per_position", "total"]), lockout=_lockout
    ),
    "max_unrealized_profit": _profit,
    "trade_frequency_limit": _keys(
        {"limits": _windows},
        cooldowns=st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("per_minute", "per_hour", "per_session"), _cooldown)
        ),
        count=st.sampled_from(["orders", "fills", "round_turns"]),
        on_breach=st.sampled_from(["keep_positions", "close_all"]),
    ),
    "cooldown_after_loss": _keys(
        {"loss_thresholds": _thresholds},
        include_fees=st.booleans(),
        on_breach=st.sampled_from(["keep_positions", "close_all"]),
    ),
    "no_stop_loss_grace": _keys(
        {"grace_period": st.sampled_from(["1s", "10s", "30s", "5m"])}, require_full_size=st.booleans(), lockout=_lockout
    ),
    "session_block_outside": st.builds(lambda hours, keys: hours | keys, _hours, _session_keys),
    "auth_loss_guard": _keys({}, auto_unlock_on_restore=st.booleans()),
    "symbol_blocks": _keys({"blocked_symbols": st.lists(_roots, max_size=3)}, close_existing=st.booleans()),
    "daily_realized_profit": _keys(
        {"profit_target": _dollars},
        basis=st.sampled_from(["realized", "realized_plus_open"]),
        include_fees=st.booleans(),
        lockout=_day_lockout,
    ),
}


def rules(name: str) -> st.SearchStrategy[Rule]:
    """Draw a rule with all its keys."""
    return BODIES[name].map(CLASSES[name].model_validate)
