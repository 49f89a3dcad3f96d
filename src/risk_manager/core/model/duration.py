"""Lengths of time as people write them: `90s`, `15m`, `1h`, `1h30m`, `0.5s`."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

_PART = re.compile(r"(\d+(?:\.\d+)?)(h|m|s)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_SECONDS = {"h": 3600, "m": 60, "s": 1}
LONGEST = timedelta(hours=1_752_000)
"""Two hundred years. The calendar ends in 9999, and a rule that counts beyond it breaks: it protects no more."""


def parse_duration(text: str) -> timedelta:
    """Read a duration; raise `ValueError` for anything else."""
    cleaned = text.strip().lower()
    if not _WHOLE.fullmatch(cleaned):
        raise ValueError("write a duration as 90s, 15m or 1h")
    seconds = sum((Decimal(number) * _SECONDS[unit] for number, unit in _PART.findall(cleaned)), Decimal(0))
    if seconds > LONGEST // timedelta(seconds=1):
        raise ValueError(f"must be at most {format_duration(LONGEST)}")
    return timedelta(microseconds=int(seconds * 1_000_000))


def format_duration(length: timedelta) -> str:
    """Write a duration as `parse_duration` reads it."""
    seconds = Decimal(length // timedelta(microseconds=1)) / 1_000_000
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    parts = [f"{number}{unit}" for number, unit in ((int(hours), "h"), (int(minutes), "m")) if number]
    if seconds or not parts:
        parts.append(f"{seconds.normalize():f}s")
    return "".join(parts)


def _from_yaml(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return parse_duration(value)
    raise ValueError("write a duration as 90s, 15m or 1h")


Duration = Annotated[timedelta, BeforeValidator(_from_yaml)]
"""A setting that is a length of time."""
