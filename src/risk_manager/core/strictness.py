"""Which way a setting loosens: what is looser waits, what is stricter holds at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Looser:
    """Stands beside a setting; `loosens(old, new)` tells whether the change lets the trader do more.

    `mix(old, new)` makes of both what is stricter in each; without it a setting that is looser stays as it was.
    """

    loosens: Callable[[Any, Any], bool]
    mix: Callable[[Any, Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class LooserAmong(Looser):
    """The same for a setting whose meaning depends on others: it is told the whole rules, not the values alone."""


def _is_higher(old: Any, new: Any) -> bool:
    if new is None:
        return old is not None
    return old is not None and bool(new > old)


def _is_lower(old: Any, new: Any) -> bool:
    if old is None:
        return new is not None
    return new is not None and bool(new < old)


WHEN_HIGHER = Looser(_is_higher)
"""More is looser, and without a limit (None) it is loosest."""
WHEN_LOWER = Looser(_is_lower)
"""Less is looser; None counts as more than anything."""
WHEN_OFF = Looser(lambda old, new: bool(old) and not new)
"""Off is looser."""
WHEN_ON = Looser(lambda old, new: bool(new) and not old)
"""On is looser."""
WHEN_CHANGED = Looser(lambda old, new: bool(old != new))
"""Nobody can say which is stricter, so every change counts."""
WHEN_TAKEN_AWAY = Looser(lambda old, new: old is not None and new is None)
"""A part that is there protects; what stands in it is compared by itself."""
NEVER = Looser(lambda _old, _new: False)
"""It protects from nothing."""


def from_strict(*values: object) -> Looser:
    """Order the values of a choice from the strictest to the loosest."""
    rank: Sequence[object] = values
    return Looser(lambda old, new: rank.index(new) > rank.index(old))


def when_added() -> Looser:
    """Tell lists of what is allowed: more entries are looser."""
    return Looser(lambda old, new: not set(new) <= set(old), lambda old, new: tuple(one for one in old if one in new))


def when_taken_off() -> Looser:
    """Tell lists of what is forbidden: fewer entries are looser."""
    return Looser(
        lambda old, new: not set(old) <= set(new), lambda old, new: (*old, *(one for one in new if one not in old))
    )


def loosened(old: BaseModel, new: BaseModel) -> list[str]:
    """Name the settings (`limits.per_minute`) that are looser in `new`; one without a mark counts when it changed."""
    names = []
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        mark = _mark_of(old, name)
        is_section = isinstance(before, BaseModel) and isinstance(after, BaseModel)
        if is_section and mark in {None, WHEN_TAKEN_AWAY}:
            names += [f"{name}.{inner}" for inner in loosened(before, after)]
            continue
        mark = mark or WHEN_CHANGED
        told = (old, new) if isinstance(mark, LooserAmong) else (before, after)
        if before != after and mark.loosens(*told):
            names.append(name)
    return names


def mixed(old: BaseModel, new: BaseModel, *, granted: Callable[[str], bool], path: str = "") -> dict[str, Any]:
    """Take what is stricter from `new`, and what is looser only where it is granted (by its name)."""
    looser = set(loosened(old, new))
    values: dict[str, Any] = {}
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        inner = {one for one in looser if one.startswith(f"{name}.")}
        if inner:
            values[name] = mixed(before, after, granted=granted, path=f"{path}{name}.")
        elif name in looser and not granted(f"{path}{name}"):
            values[name] = _mix(old, new, name)
        else:
            values[name] = after
    return values


def _mix(old: BaseModel, new: BaseModel, name: str) -> Any:
    mark, before = _mark_of(old, name), getattr(old, name)
    if mark is None or mark.mix is None:
        return before
    return mark.mix(old, new) if isinstance(mark, LooserAmong) else mark.mix(before, getattr(new, name))


def _mark_of(model: BaseModel, name: str) -> Looser | None:
    return next((mark for mark in type(model).model_fields[name].metadata if isinstance(mark, Looser)), None)
