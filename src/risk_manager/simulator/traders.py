"""Scripted traders: what they do, and when, read from a file or made in Python.

A script is a list of steps `{after: seconds, do: deed, …}`; the other keys are those of the deed at
the control interface. `after` counts from the step before. In `order: <name>` a step names an order
that an earlier step placed with `name: <name>`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from risk_manager.simulator.deeds import DEEDS, Deeds
from risk_manager.simulator.stage import Stage

NOT_OF_THE_DEED = frozenset({"after", "do", "name", "note"})


class ScriptUnreadable(ValueError):  # noqa: N818 - named for what the script is
    """The script is no list of steps, or a step names a deed or a value that does not exist."""


class Step(msgspec.Struct, frozen=True):
    """One deed: seconds to wait before it, its name at the control interface, and its values."""

    do: str
    after: float = 0.0
    values: dict[str, Any] = {}
    name: str | None = None
    note: str | None = None


def read_script(path: Path) -> list[Step]:
    """The steps of a YAML or JSON file.

    Raises:
        ScriptUnreadable: it cannot be played; the message says why.
        OSError: it cannot be read.
    """
    try:
        said = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as trouble:
        raise ScriptUnreadable(f"{path}: {trouble}") from trouble
    rows = said.get("steps") if isinstance(said, dict) else said
    if not isinstance(rows, list):
        raise ScriptUnreadable(f"{path}: expected a list of steps")
    return [_step(row, f"{path}, step {number}") for number, row in enumerate(rows, start=1)]


def _step(row: object, where: str) -> Step:
    if not isinstance(row, dict) or row.get("do") not in DEEDS:
        raise ScriptUnreadable(f"{where}: 'do' must be one of {', '.join(sorted(DEEDS))}")
    values = {key: value for key, value in row.items() if key not in NOT_OF_THE_DEED}
    try:
        return msgspec.convert({**row, "values": values}, Step)
    except msgspec.ValidationError as trouble:
        raise ScriptUnreadable(f"{where}: {trouble}") from trouble


async def play(stage: Stage, steps: Iterable[Step]) -> None:
    """Do the steps one after the other.

    Raises:
        ScriptUnreadable: the values of a step do not fit its deed.
    """
    deeds, orders = Deeds(stage), dict[str, int]()
    for step in steps:
        await asyncio.sleep(step.after)
        values = dict(step.values)
        if isinstance(values.get("order"), str):
            values["order"] = orders.get(values["order"], 0)
        kind, deed = DEEDS[step.do]
        stage.log.note("script", deed=step.do, data=values, note=step.note)
        try:
            result = deed(deeds, msgspec.convert(values, kind, strict=False))
        except ValueError as trouble:
            raise ScriptUnreadable(f"step '{step.do}': {trouble}") from trouble
        if step.name is not None and result is not None and result.get("order") is not None:
            orders[step.name] = int(result["order"])
        stage.pump()
