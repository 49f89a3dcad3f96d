"""Two terms settled: of the new ones what is stricter, and what is looser only where it is granted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from risk_manager.config.login_terms import Addresses
from risk_manager.config.rules import SESSION_RULE, waits_for_session
from risk_manager.config.setting_text import setting_text
from risk_manager.config.terms import GATEWAY, LOGIN, Change, IsGranted, LoosenAfter, Terms
from risk_manager.core.model.trading_calendar import Holidays
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES
from risk_manager.core.strictness import WHEN_CHANGED, WHEN_HIGHER, WHEN_OFF, WHEN_ON, Looser, loosened, mixed

_ORDER = {rule.name: place for place, rule in enumerate(RULES)}


def settle(old: Terms, new: Terms, is_granted: IsGranted) -> Terms:
    """Take over what is stricter, and what is looser where it is granted."""
    policy = replace(new.policy, rules=_rules(old.policy, new.policy, is_granted))
    policy = replace(policy, **_kept(_OF_POLICY, old.policy, new.policy, is_granted))
    return replace(new, policy=policy, **_kept(_OF_TERMS, old, new, is_granted))


def _rules(old: Policy, new: Policy, is_granted: IsGranted) -> tuple[Rule, ...]:
    wanted = {rule.name: rule for rule in new.rules}
    settled = [_rule(rule, wanted.pop(rule.name, None), is_granted) for rule in old.rules]
    kept = [rule for rule in settled if rule is not None] + list(wanted.values())
    if any(waits_for_session(rule) for rule in kept) and all(rule.name != SESSION_RULE for rule in kept):
        kept += [rule for rule in old.rules if rule.name == SESSION_RULE]  # somebody's lock waits for its start
    return tuple(sorted(kept, key=lambda rule: _ORDER[rule.name]))


def _rule(old: Rule, new: Rule | None, is_granted: IsGranted) -> Rule | None:
    if new is None:
        return None if is_granted(Change(old.name, "on", "off")) else old
    verdicts = {
        name: is_granted(Change(f"{old.name}.{name}", setting_text(_at(old, name)), setting_text(_at(new, name))))
        for name in loosened(old, new)
    }
    if all(verdicts.values()):
        return new
    try:
        return type(old).model_validate(mixed(old, new, granted=lambda name: verdicts.get(name, True)))
    except ValidationError:
        return old  # the settings only fit together as they were


def _kept(settings: "tuple[_Setting, ...]", old: Any, new: Any, is_granted: IsGranted) -> dict[str, Any]:
    """List the general settings that stay as they were."""
    kept = {}
    for setting in settings:
        before, after = getattr(old, setting.field), getattr(new, setting.field)
        if before == after or not setting.looser.loosens(before, after):
            continue
        if not is_granted(Change(setting.name, setting.text(before), setting.text(after))):
            kept[setting.field] = before if setting.looser.mix is None else setting.looser.mix(before, after)
    return kept


def _wait_shortens(old: LoosenAfter | timedelta, new: LoosenAfter | timedelta) -> bool:
    if old is LoosenAfter.NONE:
        return False
    return not (isinstance(old, timedelta) and isinstance(new, timedelta) and new >= old)


def _is_elsewhere(old: Addresses, new: Addresses) -> bool:
    return old.plain != new.plain


def _holidays_loosen(old: Holidays, new: Holidays) -> bool:
    return _both(old, new) != _both(new, new)


def _both(old: Holidays, new: Holidays) -> Holidays:
    """Close on every day that either closes, and as early as either does."""
    days = old.early_closes.keys() | new.early_closes.keys()
    early = {
        day: min(closes.early_closes[day] for closes in (old, new) if day in closes.early_closes)
        for day in sorted(days)
    }
    closed = old.closed | new.closed
    return Holidays(closed, {day: close for day, close in early.items() if day not in closed})


def _at(rule: Rule, path: str) -> Any:
    first, *inner = path.split(".")
    value = rule.setting(first)
    for name in inner:
        value = getattr(value, name)
    return value


def _mode_text(shadow: object) -> str:
    return "shadow" if shadow else "enforce"


@dataclass(frozen=True, slots=True)
class _Setting:
    """A general setting: as people write it, its field, when a change of it loosens, and its value in words."""

    name: str
    field: str
    looser: Looser
    text: Callable[[object], str] = setting_text


_OF_POLICY = (
    _Setting("mode", "shadow", WHEN_ON, _mode_text),
    _Setting("strict_mode", "strict", WHEN_OFF),
    _Setting("feed.flatten_after", "flatten_after", WHEN_HIGHER),
    _Setting("quotes.mark", "mark", WHEN_CHANGED),
    _Setting("quotes.stale_after_seconds", "stale_after", WHEN_HIGHER),
    _Setting("trading_day", "calendar", WHEN_CHANGED),
    _Setting("holidays.yaml", "holidays", Looser(_holidays_loosen, _both)),
)
_OF_TERMS = (
    _Setting("lockouts.admin_may_clear", "admin_may_clear", WHEN_ON),
    _Setting("commitment.loosen_after", "loosen_after", Looser(_wait_shortens)),
    _Setting("feed.poll_every", "poll_every", WHEN_HIGHER),
    _Setting("feed.slow_poll_every", "slow_poll_every", WHEN_HIGHER),
    _Setting(LOGIN, "login", WHEN_CHANGED, str),
    _Setting(GATEWAY, "gateway", Looser(_is_elsewhere), str),
)
"""What protects besides the rules. `warn_at` and the alerts tell people, and hold nobody to anything."""
