"""Commitment: what is stricter holds at once, what is looser waits.

A trader sets his limits in a calm hour and wants them gone in a bad one. What has once been in force for an
account stays in force until the time that he chose has passed, however the wish to loosen it came: by the admin,
by an edited file, by a restart.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from pydantic import ValidationError

from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.strictness import loosened, mixed

ACCOUNT = "account"
"""The name of the change that takes an account off the list, or pauses it."""


class LoosenAfter(Enum):
    """When what is looser comes into force, where that is no plain length of time."""

    NEXT_RESET = "next_reset"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that an account is held to."""

    policy: Policy
    admin_may_clear: bool = True
    loosen_after: LoosenAfter | timedelta = LoosenAfter.NEXT_RESET


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to loosen: the setting (`daily_realized_loss.loss_limit`) with its old and its new value as text."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that waits: since when it has been wished for, and when it comes into force."""

    change: Change
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What holds for an account now, and what waits."""

    terms: Terms
    pending: tuple[Pending, ...] = ()


@dataclass(slots=True)
class Commitment:
    """What each account is held to, and what waits to loosen it."""

    held: dict[int, Held] = field(default_factory=dict)

    def wish(self, wanted: Mapping[int, Terms], now: datetime) -> dict[int, Held]:
        """Take the configuration as it is written now; return what holds for each account from now on."""
        settled = {
            account_id: _wish(self.held.get(account_id), wanted.get(account_id), now)
            for account_id in sorted(self.held.keys() | wanted.keys())
        }
        self.held = {account_id: held for account_id, held in settled.items() if held is not None}
        return dict(self.held)

    def next_due(self) -> datetime | None:
        """Tell when the next waiting change comes into force."""
        waiting = (one.due_at for held in self.held.values() for one in held.pending)
        return min(waiting, default=None)


def _wish(known: Held | None, wanted: Terms | None, now: datetime) -> Held | None:
    if known is None:
        return None if wanted is None else Held(wanted)
    since = {one.change: one for one in known.pending}
    pending: list[Pending] = []

    def is_granted(change: Change) -> bool:
        waiting = since.get(change) or Pending(change, now, _due(known.terms, now))
        if waiting.due_at <= now:
            return True
        pending.append(waiting)
        return False

    if wanted is None:
        gone = Change(ACCOUNT, "watched", "left alone")
        return None if is_granted(gone) else Held(known.terms, tuple(pending))
    terms = _settle(known.terms, wanted, is_granted)
    return Held(terms, tuple(pending))


def _due(terms: Terms, now: datetime) -> datetime:
    if terms.loosen_after is LoosenAfter.NONE:
        return now
    if isinstance(terms.loosen_after, timedelta):
        return now + terms.loosen_after
    return terms.policy.calendar.day_of(now).ends_at


def _settle(old: Terms, new: Terms, is_granted: Callable[[Change], bool]) -> Terms:
    """Take over what is stricter, and what is looser where it is granted."""
    rules = {rule.name: rule for rule in new.policy.rules}
    settled = [_settle_rule(rule, rules.pop(rule.name, None), is_granted) for rule in old.policy.rules]
    kept = [rule for rule in settled if rule is not None] + list(rules.values())
    policy = replace(new.policy, rules=_in_order(kept, new.policy, old.policy))
    for name, loosens in _POLICY_LOOSENS.items():
        before, after = getattr(old.policy, name), getattr(new.policy, name)
        if before != after and loosens(before, after) and not is_granted(Change(name, _text(before), _text(after))):
            policy = replace(policy, **{name: before})
    terms = replace(new, policy=policy)
    if new.admin_may_clear and not old.admin_may_clear and not is_granted(Change("admin_may_clear", "no", "yes")):
        terms = replace(terms, admin_may_clear=False)
    wait = Change("loosen_after", _text(old.loosen_after), _text(new.loosen_after))
    if _is_sooner(old.loosen_after, new.loosen_after) and not is_granted(wait):
        terms = replace(terms, loosen_after=old.loosen_after)
    return terms


def _settle_rule(old: Rule, new: Rule | None, is_granted: Callable[[Change], bool]) -> Rule | None:
    if new is None:
        return None if is_granted(Change(old.name, "on", "off")) else old
    verdicts = {
        name: is_granted(Change(f"{old.name}.{name}", _text(_at(old, name)), _text(_at(new, name))))
        for name in loosened(old, new)
    }
    if all(verdicts.values()):
        return new
    try:
        return type(old).model_validate(mixed(old, new, granted=lambda name: verdicts.get(name, True)))
    except ValidationError:
        return old  # the settings only fit together as they were


def _in_order(rules: list[Rule], *policies: Policy) -> tuple[Rule, ...]:
    order = {rule.name: place for policy in reversed(policies) for place, rule in enumerate(policy.rules)}
    return tuple(sorted(rules, key=lambda rule: order[rule.name]))


def _is_sooner(old: LoosenAfter | timedelta, new: LoosenAfter | timedelta) -> bool:
    if old is LoosenAfter.NONE or old == new:
        return False
    return not (isinstance(old, timedelta) and isinstance(new, timedelta) and new >= old)


def _holidays_loosen(old: Any, new: Any) -> bool:
    if not old.closed <= new.closed:
        return True
    later = (new.early_closes.get(day) for day in old.early_closes if day not in new.closed)
    return any(close is None or close > before for close, before in zip(later, _kept(old, new), strict=True))


def _kept(old: Any, new: Any) -> Iterator[Any]:
    return (close for day, close in old.early_closes.items() if day not in new.closed)


def _changed(old: Any, new: Any) -> bool:
    return bool(old != new)


_POLICY_LOOSENS: Mapping[str, Callable[[Any, Any], bool]] = {
    "shadow": lambda old, new: new and not old,
    "strict": lambda old, new: old and not new,
    "flatten_after": lambda old, new: old is not None and (new is None or new > old),
    "mark": _changed,
    "calendar": _changed,
    "holidays": _holidays_loosen,
}
"""Which of an account's general settings protect, and when a change of them loosens."""


def _at(model: Any, path: str) -> Any:
    for name in path.split("."):
        model = getattr(model, name)
    return model


def _text(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)
