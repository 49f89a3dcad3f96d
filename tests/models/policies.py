"""Random configurations, as files would have them, read by the product, and once more without its merging."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from risk_manager.config.policies import policy_from_body
from risk_manager.core.policy import Policy
from tests.models.settings import BODIES

HOLIDAYS = [{"date": date(2026, 3, 12)}, {"date": date(2026, 11, 27), "close": "13:00"}]
FIRST, SECOND = 1, 2
"""The two accounts; overrides are written for the first."""

Body = dict[str, Any]


@dataclass(frozen=True)
class Configured:
    """What holds for each account: as the product reads it, and as its body says that was merged by hand."""

    policies: Mapping[int, Policy]
    plainly: Mapping[int, Policy]


_strictly = st.sampled_from([False] * 6 + [True])
_modes = st.sampled_from(["enforce"] * 8 + ["shadow"])
_day = st.sampled_from(
    [{}] * 3
    + [
        {"reset": "00:00", "timezone": "Europe/London"},
        {"reset": "02:30", "timezone": "America/New_York"},
        {"reset": "09:58", "timezone": "America/Chicago"},
    ]
)
_settings = st.fixed_dictionaries(
    {
        "mode": _modes,
        "strict_mode": _strictly,
        "trading_day": _day,
        "quotes": st.fixed_dictionaries({"mark": st.sampled_from(["last", "bid_ask"])}),
        "feed": st.sampled_from([{}, {"flatten_after": "30s"}]),
    }
)
_BY_ROOT = {("max_contracts_per_instrument", "limits"), ("session_block_outside", "per_instrument_sessions")}
"""Sections whose keys are roots, which are the same in small letters."""
_own_settings = st.fixed_dictionaries({}, optional={"mode": _modes, "strict_mode": _strictly, "trading_day": _day})


def configured(*names: str) -> st.SearchStrategy[Configured]:
    """Draw a configuration in which some rules are present, each perhaps laid over for the first account."""
    present = {name: BODIES[name] for name in names}
    over = st.one_of(
        st.none(),
        st.builds(
            lambda settings, rules: settings | {"rules": rules},
            _own_settings,
            st.fixed_dictionaries({}, optional=present),
        ),
    )
    modes = st.fixed_dictionaries(dict.fromkeys(names, _modes))
    hours = BODIES["session_block_outside"]
    return st.builds(_configured, _settings, st.fixed_dictionaries(present), modes, over, hours)


def some_of(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw which rules are present: each in most configurations."""
    flags = st.lists(st.sampled_from([True, True, False]), min_size=len(names), max_size=len(names))
    return flags.map(lambda drawn: tuple(name for name, chosen in zip(names, drawn, strict=True) if chosen))


def _configured(settings: Body, rules: Body, modes: Body, over: Body | None, hours: Body) -> Configured:
    rules = {name: {**body, "mode": modes[name]} for name, body in rules.items()}
    everything = [rules, over or {}]
    if "session_start" in str(everything) and "session_block_outside" not in rules:
        rules["session_block_outside"] = hours
    body = settings | {"rules": rules}
    written = body if over is None else body | {"overrides": {FIRST: over}}
    plainly = {FIRST: laid_over(body, over or {}), SECOND: body}
    return Configured(
        {one: policy_from_body(written, HOLIDAYS, one) for one in (FIRST, SECOND)},
        {one: policy_from_body(plainly[one], HOLIDAYS, one) for one in (FIRST, SECOND)},
    )


def laid_over(below: Body, over: Body) -> Body:
    """Lay a section over another, by its leaves: what is no section replaces."""
    leaves = dict(_leaves(below, ()))
    for path, value in _leaves(over, ()):
        if value == {}:
            continue  # a heading alone changes nothing
        for known in [known for known in leaves if known[: len(path)] == path or path[: len(known)] == known]:
            del leaves[known]
        leaves[path] = value
    found: Body = {}
    for path, value in leaves.items():
        section = found
        for key in path[:-1]:
            section = section.setdefault(key, {})
        section[path[-1]] = value
    return found


def _leaves(body: Body, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = []
    for written, value in body.items():
        key = written.upper() if path[-2:] in _BY_ROOT else written
        if isinstance(value, dict) and value:
            found += _leaves(value, (*path, key))
        elif not (isinstance(value, dict) and path == ()):
            found.append(((*path, key), value))
    return found
