"""The rules in words, read from the rules themselves: what each setting does, and which values it takes."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from risk_manager.core.rule import LockoutEnd


def settings_of(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """List every setting with its path inside the rule; of a section that has settings of its own, those."""
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        if section is None:
            yield f"{above}{name}", field
        else:
            yield from settings_of(section, f"{above}{name}.")


def words_of(model: type[BaseModel], path: str) -> str:
    """Say what a setting does: the words below it in the source; nothing for one that does not exist."""
    name, _, inner = path.partition(".")
    field = model.model_fields.get(name)
    section = None if field is None else _section(field.annotation)
    if inner:
        return "" if section is None else words_of(section, inner)
    return next((words[name] for words in map(_words_below, model.__mro__) if name in words), "")


def allowed(field: FieldInfo) -> str:
    """Say which values a setting takes."""
    if field.examples:
        return f"such as {' or '.join(field.examples)}"
    bounds = {type(mark).__name__: mark for mark in field.metadata}
    return _values(field.annotation, bounds)


@cache
def _words_below(model: type) -> dict[str, str]:
    """Read the words that stand below the settings of a class, its own ones only."""
    if not issubclass(model, BaseModel) or model is BaseModel:
        return {}
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    found: dict[str, str] = {}
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for setting, below in pairwise(statements):
        match setting, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as words)):
                found[name] = words
    return found


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
