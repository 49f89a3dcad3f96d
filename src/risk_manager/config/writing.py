"""What holds for an account, written back as the configuration that it could be read from."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from risk_manager.config.login_terms import Addresses, Login
from risk_manager.config.policies import terms_from_body
from risk_manager.config.setting_text import setting_text
from risk_manager.config.terms import Change, Held, LoosenAfter, Pending, Route, Terms
from risk_manager.core.model.duration import format_duration
from risk_manager.core.policy import Policy

Plain = dict[str, Any]
"""Values that JSON and YAML have."""


def write_held(held: Held) -> Plain:
    """Write down what an account is held to, what waits, and what was cancelled."""
    return {
        "terms": write_terms(held.terms),
        "is_proven": held.is_proven,
        "pending": [
            {**asdict(one.change), "since": _instant(one.since), "due_at": _instant(one.due_at)} for one in held.pending
        ],
        "cancelled": [asdict(change) for change in held.cancelled],
    }


def read_held(written: Mapping[str, Any], account_id: int) -> Held:
    """Read what `write_held` wrote; raise `ConfigurationRefusedError`, `KeyError` or `ValueError` for anything else."""
    return Held(
        _read_terms(written["terms"], account_id),
        tuple(
            Pending(_change(one), _read_instant(one["since"]), _read_instant(one["due_at"]))
            for one in written["pending"]
        ),
        tuple(_change(one) for one in written["cancelled"]),
        bool(written.get("is_proven", False)),
    )


def differences(old: Terms, new: Terms) -> Iterator[Change]:
    """Name every setting that is another one now, looser or not."""
    before, after = (dict(_flat(write_terms(terms))) for terms in (old, new))
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Change(name, before.get(name, "not there"), after.get(name, "not there"))


def write_terms(terms: Terms) -> Plain:
    """Write terms as the bodies of the files, and how the account is reached."""
    body, holidays = write_policy(terms.policy)
    wait = terms.loosen_after
    body["lockouts"] = {"admin_may_clear": terms.admin_may_clear}
    body["commitment"] = {"loosen_after": wait.value if isinstance(wait, LoosenAfter) else format_duration(wait)}
    body["feed"] |= {
        "poll_every": format_duration(terms.poll_every),
        "slow_poll_every": format_duration(terms.slow_poll_every),
    }
    reached = {"login": asdict(terms.login), "gateway": asdict(terms.gateway), "route": asdict(terms.route)}
    return {"body": body, "holidays": holidays, **reached}


def _read_terms(written: Mapping[str, Any], account_id: int) -> Terms:
    terms = terms_from_body(written["body"], written["holidays"], account_id)
    route = dict(written["route"])
    login = Login(route.pop("username", ""))  # where it stood before a login was held
    return replace(
        terms,
        login=Login(**written["login"]) if "login" in written else login,
        gateway=Addresses(**written.get("gateway", {})),
        route=Route(**route),
    )


def write_policy(policy: Policy) -> tuple[Plain, list[Plain]]:
    """Write a policy as the bodies of risk_config.yaml and holidays.yaml."""
    body: Plain = {
        "mode": "shadow" if policy.shadow else "enforce",
        "strict_mode": policy.strict,
        "trading_day": {"reset": _plain(policy.calendar.reset), "timezone": policy.calendar.zone.key},
        "quotes": {"mark": policy.mark.value, "stale_after_seconds": str(policy.stale_after / timedelta(seconds=1))},
        "feed": {
            "flatten_after": "none" if policy.flatten_after is None else format_duration(policy.flatten_after),
        },
        "warn_at": [str(one) for one in policy.warn_at],
        "rules": {rule.name: _plain(rule) for rule in policy.rules},
    }
    holidays = [{"date": day.isoformat()} for day in sorted(policy.holidays.closed)]
    holidays += [
        {"date": day.isoformat(), "close": _plain(close)} for day, close in sorted(policy.holidays.early_closes.items())
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


def _flat(written: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Name each value as people do: `daily_realized_loss.loss_limit`, `feed.flatten_after`."""
    for key, value in written.items():
        if not isinstance(value, Mapping):
            yield f"{path}{key}", setting_text(value)
        elif path or key not in {"body", "rules"}:
            yield from _flat(value, f"{path}{key}.")
        else:
            yield from _flat(value)


def _change(written: Mapping[str, str]) -> Change:
    return Change(written["what"], written["old"], written["new"])


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
