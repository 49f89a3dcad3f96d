from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk_manager.config.document import parse_document
from risk_manager.config.policies import terms_from_body
from risk_manager.config.settings import AccountSettings, Section, Settings
from risk_manager.config.terms import LoosenAfter, Terms
from risk_manager.core.model.trading_calendar import TradingCalendar
from risk_manager.core.policy import Mark, Policy
from tests.config.homes import home_with, loaded, problems_in

AS_DOCUMENTED = """rules: {}
mode: enforce
strict_mode: false
trading_day: {reset: "17:00", timezone: America/Chicago}
quotes: {mark: last, stale_after_seconds: 10}
lockouts: {admin_may_clear: true}
commitment: {loosen_after: next_reset}
feed: {poll_every: 5s, slow_poll_every: 30s, flatten_after: none}
warn_at: [0.7, 0.9]
local_api: {port: 8765}
metrics: {port: none}
logs: {level: info}
"""
CHICAGO = ZoneInfo("America/Chicago")
SIX = timedelta(seconds=6)
REACHES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("mode: shadow", {"shadow": True}, {}),
    ("strict_mode: true", {"strict": True}, {}),
    ('trading_day: {reset: "16:30"}', {"calendar": TradingCalendar(time(16, 30), CHICAGO)}, {}),
    ("trading_day: {timezone: UTC}", {"calendar": TradingCalendar(time(17), ZoneInfo("UTC"))}, {}),
    ("quotes: {mark: bid_ask}", {"mark": Mark.BID_ASK}, {}),
    ("quotes: {stale_after_seconds: 6}", {"stale_after": SIX}, {}),
    ("lockouts: {admin_may_clear: false}", {}, {"admin_may_clear": False}),
    ("commitment: {loosen_after: none}", {}, {"loosen_after": LoosenAfter.NONE}),
    ("commitment: {loosen_after: 6s}", {}, {"loosen_after": SIX}),
    ("feed: {poll_every: 6s}", {}, {"poll_every": SIX}),
    ("feed: {slow_poll_every: 6s}", {}, {"slow_poll_every": SIX}),
    ("feed: {flatten_after: 6s}", {"flatten_after": SIX}, {}),
    ("warn_at: [0.6]", {"warn_at": (Decimal("0.6"),)}, {}),
]
"""A key, and all that it changes of what an account is held to: in its policy, and beside it."""


def as_written(text: str) -> Terms:
    return terms_from_body(parse_document(text, name="risk_config.yaml").body, [], 7)


def keys_of(section: type[Section]) -> set[str]:
    found = set()
    for name, field in section.model_fields.items():
        inner = field.default
        found |= {f"{name}.{key}" for key in keys_of(type(inner))} if isinstance(inner, Section) else {name}
    return found


def keys_in(text: str) -> set[str]:
    body = parse_document(text, name="risk_config.yaml").body
    return {
        f"{name}.{key}" if key else name
        for name, value in body.items()
        for key in (value if isinstance(value, dict) and value else [""])
    }


def test_what_is_left_out_of_the_file_is_as_documented() -> None:
    said = Settings.model_validate(parse_document(AS_DOCUMENTED, name="risk_config.yaml").body)
    assert said.model_copy(update={"rules": None}) == Settings()
    assert keys_in(AS_DOCUMENTED) == keys_of(Settings) - {"alerts", "overrides"}


def test_a_file_that_leaves_everything_out_holds_accounts_to_what_is_documented() -> None:
    assert as_written("rules: {}") == as_written(AS_DOCUMENTED) == Terms(policy=Policy())


@pytest.mark.parametrize(("line", "in_policy", "beside"), REACHES)
def test_each_key_reaches_what_an_account_is_held_to(
    line: str, in_policy: dict[str, Any], beside: dict[str, Any]
) -> None:
    assert as_written(line) == replace(Terms(policy=replace(Policy(), **in_policy)), **beside)


def test_no_key_of_an_account_is_forgotten_here() -> None:
    tried = set().union(*(keys_in(line) for line, _, _ in REACHES))
    assert tried == keys_of(AccountSettings) - {"rules"}


@pytest.mark.parametrize(
    "line",
    [
        "mode: 1",
        "strict_mode: maybe",
        "trading_day: {reset: 17}",
        'trading_day: {reset: "24:00"}',
        'trading_day: {reset: "7"}',
        "trading_day: {timezone: Chicago}",
        "trading_day: {timezone: America}",
        "trading_day: {timezone: ../etc}",
        "trading_day: {timezone: 5}",
        "trading_day: {timezone: localtime}",
        "trading_day: [17]",
        "quotes: {mark: mid}",
        "quotes: {stale_after_seconds: 0}",
        "quotes: {stale_after_seconds: 0.0000009}",
        "lockouts: {admin_may_clear: 7}",
        "feed: {poll_every: 999ms}",
        "feed: {poll_every: 5}",
        "feed: {slow_poll_every: 0s}",
        "feed: {flatten_after: 0s}",
        "feed: {flatten_after: soon}",
        "warn_at: 0.7",
        "warn_at: [70]",
        "warn_at: [0]",
        "local_api: {port: 0}",
        "local_api: {port: 65536}",
        'local_api: {port: "8765"}',
        "unknown: 1",
        "mode:",
        "<<: {mode: shadow}",
    ],
)
def test_what_is_not_allowed_is_one_problem_on_its_line(tmp_path: Path, line: str) -> None:
    (problem,) = problems_in(home_with(tmp_path, rules=f"rules: {{}}\n{line}\n"))
    assert problem.startswith("risk_config.yaml:2: ")


@pytest.mark.parametrize("line", ["feed:", "feed: {flatten_after: null}", "feed: {flatten_after: none}", "warn_at: []"])
def test_what_is_left_empty_holds_its_default(tmp_path: Path, line: str) -> None:
    assert loaded(home_with(tmp_path, rules=f"rules: {{}}\n{line}\n")).policies[7].flatten_after is None


def test_a_misspelt_rules_key_is_hinted_at(tmp_path: Path) -> None:
    (problem,) = problems_in(home_with(tmp_path, rules="ruls: {}\n"))
    assert "did you mean rules?" in problem
