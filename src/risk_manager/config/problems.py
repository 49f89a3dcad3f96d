"""What is wrong with a setting, said so that its owner can mend it: file, line, key, value, what is allowed."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from risk_manager.core.model.duration import format_duration

Path = tuple[str, ...]
"""Where a value stands inside its file: keys and list indices, as text."""

_LONGEST_VALUE = 60
_MOST_SHOWN = 5
_LIKE_A_SECRET = ("key", "token", "passw", "secret")
_OPEN_KEYS = {
    "accounts": frozenset({"account_id", "username", "nickname", "enabled"}),
    "alerts": frozenset({"kind", "name", "chat_id", "on"}),
}
"""Of the lists whose entries hold a secret: what may be shown. Everything else may be one, under a misspelt key."""
_WORDS = {
    **dict.fromkeys(("model_type", "dict_type"), "must be a section with keys of its own"),
    **dict.fromkeys(("list_type", "tuple_type", "frozen_set_type", "set_type"), "must be a list"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("decimal_type", "decimal_parsing"), "must be a number"),
    "string_too_short": "must not be empty",
}
"""What is allowed, by the kind of complaint."""
_BOUNDS = {"greater_than_equal": "must be at least", "greater_than": "must be more than"}
"""How a limit of a length of time is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend; `line` counts from 1, None where a whole file is meant."""

    file: str
    allowed: str
    line: int | None = None
    key: str = ""
    value: str | None = None

    def __str__(self) -> str:
        """Write it on one line: `risk_config.yaml:12: rules.max_contracts.limit: 0: must be at least 1`."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (where, self.key, self.value, self.allowed) if part)


def broken_words(problems: Sequence[Problem]) -> str:
    """Say in one sentence that the files are broken, where, and what holds; empty where they are not."""
    if not problems:
        return ""
    shown = "; ".join(map(str, problems[:_MOST_SHOWN]))
    more = f"; and {len(problems) - _MOST_SHOWN} more" if len(problems) > _MOST_SHOWN else ""
    return (
        "the configuration files are broken, what was last in force holds: mend them "
        f"(`risk-manager check`), then reload ({shown}{more})"
    )


class ConfigurationRefusedError(Exception):
    """The configuration cannot be used; `problems` are all of them, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in its file."""

    file: str
    line: int | None
    path: Path
    value: object = None

    def problem(self, allowed: str) -> Problem:
        """Say what would be allowed here."""
        return Problem(
            file=self.file,
            line=self.line,
            key=path_text(self.path),
            value=value_text(self.path, self.value),
            allowed=allowed,
        )


def path_text(path: Path) -> str:
    """Write a path as people read it: `accounts[0].api_key`."""
    text = ""
    for part in path:
        text += f"[{part}]" if part.isdigit() and "overrides" not in path[:1] else f".{part}"
    return text.removeprefix(".")


def value_text(path: Path, value: object) -> str | None:
    """Write a value on one short line; never a secret, nothing for a whole section."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if _is_secret(path) and not str(value).startswith(("secret:", "env:")):
        return "(not shown)"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _is_secret(path: Path) -> bool:
    """Tell where a key stands, or an address that is as good as one; in the lists that hold some also under a slip."""
    shown = _OPEN_KEYS.get(path[0]) if path else None
    if shown is not None:
        return path[2:3] == () or path[2] not in shown
    return bool(path) and any(word in path[-1].lower() for word in _LIKE_A_SECRET)


def nearest(word: str, known: Iterable[str]) -> str:
    """Hint at what an unknown word was meant to be, and name what is known."""
    names = sorted(known)
    close = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{hint}known here: {', '.join(names) or 'nothing'}"


def problems_of(
    error: ValidationError, *, model: type[BaseModel], find: Callable[[Path], Place], under: Path = ()
) -> list[Problem]:
    """Turn pydantic's complaints about what stands at `under` into problems; `find` tells where a path stands."""
    found: dict[Place, list[str]] = {}
    for complaint in error.errors():
        if _follows_from_others(complaint):
            continue
        location = under + tuple(str(part) for part in complaint["loc"])
        place, allowed = find(location), _allowed(complaint, model)
        if complaint["type"] == "missing":
            allowed = f"{complaint['loc'][-1]} is required"
        wanted = found.setdefault(Place(place.file, place.line, place.path, _hashable(place.value)), [])
        if allowed not in wanted:
            wanted.append(allowed)
    return [place.problem("; ".join(wanted)) for place, wanted in found.items()]


def _follows_from_others(complaint: Any) -> bool:
    """Tell a list that is too short only because its entries are wrong, which is said of each of them."""
    if complaint["type"] != "too_short" or isinstance(complaint["input"], str):
        return False
    return bool(len(complaint["input"]) >= complaint["ctx"]["min_length"])


def _hashable(value: object) -> object:
    return None if isinstance(value, (dict, list)) else value


def _allowed(complaint: Any, model: type[BaseModel]) -> str:
    """Say what is allowed, in words that need no knowledge of the library."""
    kind: str = complaint["type"]
    if kind == "extra_forbidden":
        owner = _model_at(model, complaint["loc"][:-1])
        return f"unknown key; {nearest(str(complaint['loc'][-1]), owner.model_fields)}"
    if kind == "too_short":
        is_text = isinstance(complaint["input"], str)
        return _WORDS["string_too_short"] if is_text else f"needs at least {complaint['ctx']['min_length']} entry"
    if kind in _BOUNDS and (length := _length_at(model, complaint["loc"])) is not None:
        return f"{_BOUNDS[kind]} {format_duration(length)}"
    message: str = complaint["msg"]
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return _WORDS.get(kind, message.replace("Input should be", "must be").replace("valid integer", "whole number"))


def _length_at(model: type[BaseModel], location: Sequence[str | int]) -> timedelta | None:
    """Tell which length of time bounds a setting; the complaint has it in the library's own words only."""
    field = _model_at(model, location[:-1]).model_fields.get(str(location[-1]))
    bounds = [getattr(mark, name, None) for mark in (field.metadata if field else ()) for name in ("ge", "gt")]
    return next((one for one in bounds if isinstance(one, timedelta)), None)


def _model_at(model: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel]:
    """Follow a location into nested sections, as far as they have a model of their own."""
    for part in location:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = _first_model(field.annotation) or model
    return model


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if not isinstance(part, (str, Decimal)) and (model := _first_model(part)) is not None:
            return model
    return None
