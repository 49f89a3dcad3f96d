from pathlib import Path

from risk_manager.config.wording import enforced_lines
from tests.config.homes import home_with, loaded


def test_each_account_is_told_with_its_rules_and_their_settings(tmp_path: Path) -> None:
    rules = """
rules:
  size_limit: {limit: 5, lockout: 15m}
  root_limits: {mode: shadow, limits: {ES: 2}}
  loss_steps: {steps: [{loss_amount: 100.50, cooldown: 5m}]}
overrides: {7: {mode: shadow, strict_mode: true}}
"""
    lines = list(enforced_lines(loaded(home_with(tmp_path, rules=rules))))
    assert lines[:5] == [
        "Account 123456 (Main): enforced, day from 17:00 America/Chicago",
        "  size_limit: limit 5, count_type net, lockout 15m",
        "  root_limits [shadow]: limits {ES: 2}",
        "  loss_steps: steps [{loss_amount: 100.50, cooldown: 5m}], loss_limit none",
        "Account 7: shadow: nothing is done, strict, day from 17:00 America/Chicago",
    ]


def test_disabled_accounts_and_missing_rules_are_said(tmp_path: Path) -> None:
    accounts = """
accounts:
  - {account_id: 1, username: a, api_key: env:KEY}
  - {account_id: 2, username: a, api_key: env:KEY, enabled: false}
"""
    lines = list(enforced_lines(loaded(home_with(tmp_path, rules="mode: enforce\n", accounts=accounts))))
    assert lines[1:] == ["  no rule is enabled", "Account 2: not enabled"]
