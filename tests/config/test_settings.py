from pathlib import Path

import pytest

from tests.config.homes import home_with, loaded, problems_in


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
        "trading_day: [17]",
        "quotes: {mark: mid}",
        "quotes: {stale_after_seconds: 0}",
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
