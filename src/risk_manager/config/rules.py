"""The rules' sections of risk_config.yaml as the rules themselves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from risk_manager.config.problems import Path, Place, Problem, nearest, problems_of
from risk_manager.core.model.product import BY_CODE, BY_ROOT
from risk_manager.core.rule import LockoutEnd, Root, Rule

SESSION_RULE = "session_block_outside"
"""The rule that knows when a session starts."""

Find = Callable[[Path], Place]


def rules_of(sections: object, *, known: Sequence[type[Rule]], find: Find) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Build the enabled rules, in the order of `known`, from the `rules` section; and name all that is wrong."""
    if sections is None:
        return (), []
    if not isinstance(sections, Mapping):
        return (), [find(("rules",)).problem("must be a section with one key for each rule")]
    problems = [*_unknown_rules(sections, known, find)]
    rules: list[Rule] = []
    for rule_type in known:
        if rule_type.name not in sections:
            continue
        section = sections[rule_type.name]
        try:
            rules.append(rule_type.model_validate({} if section is None else section))
        except ValidationError as error:
            problems += problems_of(error, model=rule_type, find=find, under=("rules", rule_type.name))
    enabled = tuple(rule for rule in rules if rule.enabled)
    return enabled, problems + _sessions_without_hours(enabled, sections, find)


def _unknown_rules(sections: Mapping[Any, Any], known: Sequence[type[Rule]], find: Find) -> Iterator[Problem]:
    names = {rule_type.name for rule_type in known}
    for name in sections:
        if str(name) not in names:
            yield find(("rules", str(name))).problem(f"unknown rule; {nearest(str(name), names)}")


def _sessions_without_hours(rules: Sequence[Rule], sections: Mapping[Any, Any], find: Find) -> list[Problem]:
    """A lock until the session starts needs the rule that knows sessions."""
    session = sections.get(SESSION_RULE, False)
    if session is not False and (not isinstance(session, Mapping) or session.get("enabled", True)):
        return []
    return [
        find(("rules", rule.name, *path)).problem(f"session_start needs the rule {SESSION_RULE}, enabled")
        for rule in rules
        for path in _session_starts(rule)
    ]


def waits_for_session(rule: Rule) -> bool:
    """Tell whether a lock of this rule lasts until a session starts."""
    return next(_session_starts(rule), None) is not None


def _session_starts(value: object) -> Iterator[Path]:
    """Find every setting that waits for the start of a session."""
    match value:
        case LockoutEnd.SESSION_START:
            yield ()
        case BaseModel():
            for name in type(value).model_fields:
                yield from ((name, *rest) for rest in _session_starts(getattr(value, name)))
        case Mapping():
            for key, inner in value.items():
                yield from ((str(key), *rest) for rest in _session_starts(inner))
        case tuple() | list():
            for index, inner in enumerate(value):
                yield from ((str(index), *rest) for rest in _session_starts(inner))


def odd_roots(rules: Sequence[Rule], *, find: Find) -> list[Problem]:
    """Name the roots that no product of the venue has: they are allowed, and would never match."""
    return [
        find(("rules", rule.name, field)).problem(
            f"{root} is no product known here{_meant(root)}; it would never match"
        )
        for rule in rules
        for field, root in _roots(rule)
        if root not in BY_ROOT
    ]


def _meant(root: str) -> str:
    product = BY_CODE.get(root)
    return "" if product is None else f": it is the gateway's code of {product.root}, write {product.root}"


def _roots(rule: Rule) -> Iterator[tuple[str, str]]:
    for name, field in type(rule).model_fields.items():
        value = getattr(rule, name)
        if _speaks_of_roots(field.annotation) and value is not None:
            yield from ((name, str(root)) for root in ([value] if isinstance(value, str) else value))


def _speaks_of_roots(annotation: Any) -> bool:
    return annotation == Root or any(_speaks_of_roots(part) for part in get_args(annotation))
