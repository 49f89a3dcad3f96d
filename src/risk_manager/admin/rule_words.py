"""The rules in words: what each protects from, what each setting does, and which values it takes."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from risk_manager.core.rule import LockoutEnd

PROTECTS = {
    "max_contracts": "From holding too much at once: contracts over all instruments together.",
    "max_contracts_per_instrument": "From holding too much of one instrument.",
    "daily_realized_loss": "From a day that loses more than you decided: everything is closed, and the day is over.",
    "daily_unrealized_loss": "From an open loss that runs: what loses is closed.",
    "max_unrealized_profit": "From giving an open profit back: it is taken, or kept from turning into a loss.",
    "trade_frequency_limit": "From trading too often, in a minute, an hour, a day.",
    "cooldown_after_loss": "From trading on in anger: after a loss there is a pause; a larger loss, a longer one.",
    "no_stop_loss_grace": "From a position without a stop: it is closed after a short time.",
    "session_block_outside": "From trading outside your hours, and from holding past their end.",
    "auth_loss_guard": "From trading on when TopstepX has taken your right to trade.",
    "symbol_blocks": "From instruments that you do not want to trade.",
    "trade_management": "From a stop left where it is: stops are placed and moved for you.",
    "daily_realized_profit": "From giving a good day back: at the target everything is closed, and the day is over.",
}

SETTINGS = {
    "enabled": "Whether the rule is there at all.",
    "mode": "enforce acts; shadow only says what it would have done.",
    "limit": "So many contracts may be held; one more is a breach.",
    "count_type": "gross adds longs and shorts up; net lets them offset each other.",
    "micros_count_as": "What one micro contract counts: 0.1 makes ten of them one.",
    "on_breach": "What is done to positions at a breach.",
    "lockout": "How long no trading is allowed after a breach.",
    "limits": "The limits, one by one.",
    "limits.per_minute": "So many trades in any 60 seconds; one more is a breach.",
    "limits.per_hour": "So many trades in any hour; one more is a breach.",
    "limits.per_session": "So many trades from reset to reset; one more is a breach.",
    "unknown_symbol_action": "What holds for an instrument that has no limit of its own.",
    "loss_limit": "At this loss, in dollars, the rule acts; not a cent before.",
    "basis": "realized counts what is closed; realized_plus_open adds what is open.",
    "include_fees": "Whether fees and commissions count.",
    "scope": "per_position looks at each position; total at their sum.",
    "mode_of_exit": "profit_target takes the profit; breakeven keeps it from turning into a loss.",
    "profit_target": "At this profit, in dollars, the rule acts.",
    "arm_profit": "Once the open profit has been this many dollars, a fall back to the offset closes it.",
    "offset": "The open profit, in dollars, at which breakeven closes.",
    "cooldowns": "The pauses, one by one.",
    "cooldowns.per_minute": "The pause after too many trades in a minute.",
    "cooldowns.per_hour": "The pause after too many trades in an hour.",
    "cooldowns.per_session": "The pause after too many trades in a day.",
    "count": "What one trade is: an order, a fill, or a round turn.",
    "loss_thresholds": "Pairs of a loss in dollars and a pause; a larger loss has a longer pause.",
    "grace_period": "So long may a position be without a stop before it is closed.",
    "require_full_size": "Whether the stops must cover every contract of the position.",
    "global_session": "The hours of all instruments that have none of their own.",
    "global_session.start": "From then on trading is allowed.",
    "global_session.end": "From then on it is not.",
    "global_session.timezone": "Whose clock is meant.",
    "per_instrument_sessions": "Hours of single instruments.",
    "days": "The days on which a session ends.",
    "close_positions_at_session_end": "Whether what is held at the end is closed.",
    "flatten_before_end": "How long before the end it is closed.",
    "lockout_outside_session": "Whether new trades outside the hours are kept out.",
    "respect_holidays": "Whether holidays.yaml shortens the hours.",
    "auto_unlock_on_restore": "Whether the lock ends by itself when the right to trade is back.",
    "verify_every": "How often the venue is asked.",
    "blocked_symbols": "The instruments that are closed at once, and kept out.",
    "close_existing": "Whether what is held of them is closed too.",
    "auto_stop": "The stop that a position without one gets.",
    "auto_stop.ticks": "Its distance from the entry, in ticks.",
    "auto_breakeven": "The move of the stop to the entry.",
    "auto_breakeven.trigger_ticks": "At this profit, in ticks, the stop moves to the entry.",
    "auto_breakeven.offset_ticks": "So many ticks beyond the entry.",
    "trailing_stop": "The stop that follows the price.",
    "trailing_stop.activation_ticks": "From this profit on, in ticks, it follows.",
    "trailing_stop.distance_ticks": "At this distance from the best price, in ticks.",
    "trailing_stop.step_ticks": "It moves by so many ticks at least.",
    "min_interval": "A stop is moved no more often than this.",
}


FORMS = {
    "limits": "instruments with their limits, such as {ES: 2, NQ: 1}; 0 forbids one",
    "unknown_symbol_action": "block | allow_with_limit:N | allow_unlimited",
    "loss_thresholds": "a list such as [{loss_amount: 100, cooldown: 5m}]",
    "global_session.start": 'a time of day such as "17:00"',
    "global_session.end": 'a time of day such as "15:10"',
    "global_session.timezone": "a time zone such as America/Chicago",
    "per_instrument_sessions": 'such as {ZC: {start: "08:30", end: "13:20", timezone: America/Chicago}}',
    "days": "a list such as [mon, tue, wed, thu, fri]",
    "blocked_symbols": "a list such as [MBT, MET]",
}
"""The forms of what is no single value."""


def settings_of(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """List every setting with its path inside the rule; of a section that has settings of its own, those."""
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        if section is None:
            yield f"{above}{name}", field
        else:
            yield from settings_of(section, f"{above}{name}.")


def allowed(path: str, field: FieldInfo) -> str:
    """Say which values a setting takes."""
    bounds = {type(mark).__name__: mark for mark in field.metadata}
    return FORMS.get(path) or _values(field.annotation, bounds)


def _section(annotation: Any) -> type[BaseModel] | None:
    """Tell whether a setting is a section of named settings (perhaps left out)."""
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    models = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
    return models[0] if len(models) == 1 else None


def _values(annotation: Any, bounds: dict[str, Any]) -> str:  # noqa: PLR0911 - one line for each kind of value
    if get_origin(annotation) in (Union, UnionType):
        kinds = [part for part in get_args(annotation) if part is not NoneType]
        if LockoutEnd in kinds:
            return "none | daily_reset | session_start | permanent | a duration such as 15m"
        return _values(kinds[0], bounds)
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        told = [one for mark in marks for one in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        return _values(inner, bounds | {type(mark).__name__: mark for mark in told})
    match annotation:
        case _ if annotation is bool:
            return "true | false"
        case _ if annotation is LockoutEnd:
            return "daily_reset | permanent"
        case _ if isinstance(annotation, type) and issubclass(annotation, Enum):
            return " | ".join(str(one.value) for one in annotation)
        case _ if annotation is timedelta:
            return f"a duration such as 90s, 15m, 1h{_within(bounds)}"
        case _ if annotation is int:
            return f"a whole number{_within(bounds)}"
        case _ if annotation is Decimal:
            return f"a number{_within(bounds)}"
    return "text"


def _within(bounds: dict[str, Any]) -> str:
    words = []
    for name, sign in (("Gt", ">"), ("Ge", "≥"), ("Lt", "<"), ("Le", "≤")):
        bound = bounds.get(name)
        if bound is not None:
            value = getattr(bound, name.lower())
            words.append(f"{sign} {value.total_seconds():g}s" if isinstance(value, timedelta) else f"{sign} {value}")
    return f" {' and '.join(words)}" if words else ""
