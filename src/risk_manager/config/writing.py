"""What holds for an account, written back as the configuration that it could be read from."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from risk_manager.config.commitment import Change, Held, LoosenAfter, Pending, Terms
from risk_manager.config.policies import policy_from_body
from risk_manager.core.model.duration import format_duration, parse_duration
from risk_manager.core.policy import Policy

Plain = dict[str, Any]
"""Values that JSON and YAML have."""


def write_held(held: Held) -> Plain:
    """Write down what an account is held to, and what waits."""
    return {
        "terms": _write_terms(held.terms),
        "pending": [
            {
                "what": one.change.what,
                "old": one.change.old,
                "new": one.change.new,
                "since": one.since.isoformat(),
                "due_at": one.due_at.isoformat(),
            }
            for one in held.pending
        ],
    }


def read_held(written: Mapping[str, Any], account_id: int) -> Held:
    """Read what `write_held` wrote; raise `ConfigurationRefusedError` or `KeyError` for anything else."""
    return Held(
        _read_terms(written["terms"], account_id),
        tuple(
            Pending(
                Change(one["what"], one["old"], one["new"]),
                datetime.fromisoformat(one["since"]),
                datetime.fromisoformat(one["due_at"]),
            )
            for one in written["pending"]
        ),
    )


def _write_terms(terms: Terms) -> Plain:
    body, holidays = write_policy(terms.policy)
    wait = terms.loosen_after
    return {
        "body": body,
        "holidays": holidays,
        "admin_may_clear": terms.admin_may_clear,
        "loosen_after": format_duration(wait) if isinstance(wait, timedelta) else wait.value,
    }


def _read_terms(written: Mapping[str, Any], account_id: int) -> Terms:
    wait = written["loosen_after"]
    ends = {one.value: one for one in LoosenAfter}
    return Terms(
        policy=policy_from_body(written["body"], written["holidays"], account_id),
        admin_may_clear=written["admin_may_clear"],
        loosen_after=ends[wait] if wait in ends else parse_duration(wait),
    )


def write_policy(policy: Policy) -> tuple[Plain, list[Plain]]:
    """Write a policy as the bodies of risk_config.yaml and holidays.yaml."""
    body: Plain = {
        "mode": "shadow" if policy.shadow else "enforce",
        "strict_mode": policy.strict,
        "trading_day": {"reset": policy.calendar.reset.isoformat("minutes"), "timezone": policy.calendar.zone.key},
        "quotes": {"mark": policy.mark.value, "stale_after_seconds": str(policy.stale_after / timedelta(seconds=1))},
        "feed": {
            "flatten_after": "none" if policy.flatten_after is None else format_duration(policy.flatten_after),
        },
        "warn_at": [str(one) for one in policy.warn_at],
        "rules": {rule.name: _plain(rule) for rule in policy.rules},
    }
    holidays = [{"date": day.isoformat()} for day in sorted(policy.holidays.closed)]
    holidays += [
        {"date": day.isoformat(), "close": close.isoformat("minutes")}
        for day, close in sorted(policy.holidays.early_closes.items())
    ]
    return body, holidays


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line a kind of value
    match value:
        case BaseModel():
            fields = ((name, getattr(value, name)) for name in type(value).model_fields)
            return {name: _plain(one) for name, one in fields if one is not None}
        case Enum():
            return value.value
        case timedelta():
            return format_duration(value)
        case time():
            return value.isoformat("minutes" if not value.second else "auto")
        case Decimal():
            return str(value)
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case tuple() | list():
            return [_plain(one) for one in value]
        case _:
            return value
