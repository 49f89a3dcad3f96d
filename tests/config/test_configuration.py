from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.core.policy import Mark
from tests.config.homes import home_with, loaded, problems_in
from tests.config.rule_examples import SizeLimit


def test_a_small_configuration_gives_each_enabled_account_its_policy(tmp_path: Path) -> None:
    configuration = loaded(home_with(tmp_path))
    assert configuration.policies.keys() == {7, 123456}
    assert configuration.policies[7].rules == (SizeLimit(limit=5),)
    assert [account.api_key for account in configuration.accounts] == ["abc", "abc"]
    assert configuration.gateway.api == "https://api.topstepx.com"
    assert configuration.warnings == ()


def test_the_top_level_reaches_the_policy(tmp_path: Path) -> None:
    rules = """
mode: shadow
strict_mode: true
trading_day: {reset: "18:00", timezone: America/New_York}
quotes: {mark: bid_ask, stale_after_seconds: 2.5}
feed: {poll_every: 3s, flatten_after: 90s}
warn_at: [0.5]
rules: {size_limit: {limit: 1}}
"""
    configuration = loaded(home_with(tmp_path, rules=rules))
    policy = configuration.policies[7]
    assert (policy.shadow, policy.strict, policy.mark) == (True, True, Mark.BID_ASK)
    assert (policy.calendar.reset, policy.calendar.zone.key) == (time(18), "America/New_York")
    assert (policy.stale_after, policy.flatten_after) == (timedelta(seconds=2.5), timedelta(seconds=90))
    assert policy.warn_at == (Decimal("0.5"),)
    assert configuration.account_settings[7].feed.poll_every == timedelta(seconds=3)


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    home = home_with(
        tmp_path,
        accounts="accounts:\n  - {account_id: no, username: '', api_key: x}\n",
        rules="mode: on\nfeed: {poll_every: 0.5s}\nrules:\n  size_limit: {limit: 0, cont: 1}\n  sise_limit: {}\n",
        holidays="- {date: 2026-02-30}\n",
    )
    assert problems_in(home) == [
        "accounts.yaml:2: accounts[0].account_id: no: must be a whole number",
        "accounts.yaml:2: accounts[0].username: must not be empty",
        'holidays.yaml:1: [0].date: 2026-02-30: write a date as "2026-12-25"',
        "risk_config.yaml:1: mode: on: must be 'enforce' or 'shadow'",
        "risk_config.yaml:2: feed.poll_every: 0.5s: must be at least 1s",
        "risk_config.yaml:4: rules.size_limit.limit: 0: must be greater than or equal to 1",
        (
            "risk_config.yaml:4: rules.size_limit.cont: 1: unknown key; did you mean count_type? "
            "known here: count_type, enabled, limit, lockout, mode"
        ),
        (
            "risk_config.yaml:5: rules.sise_limit: unknown rule; did you mean size_limit? "
            "known here: loss_steps, root_limits, session_block_outside, size_limit"
        ),
    ]


def test_missing_files_name_the_command_that_writes_them(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=None, accounts=None)
    assert problems_in(home) == [
        "accounts.yaml: there is no such file; `risk-manager init` writes a commented sample",
        "risk_config.yaml: there is no such file; `risk-manager init` writes a commented sample",
    ]


def test_empty_files_are_refused(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules="# nothing\n", accounts="")
    assert [problem.split(";")[0] for problem in problems_in(home)] == [
        "accounts.yaml: the file is empty",
        "risk_config.yaml: the file is empty",
    ]


def test_without_holidays_yaml_there_are_no_holidays(tmp_path: Path) -> None:
    assert loaded(home_with(tmp_path)).policies[7].holidays.closed == frozenset()


def test_where_a_closed_folder_lets_nobody_see_whether_there_are_holidays_they_are_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    home = home_with(tmp_path, holidays='- {date: "2026-12-25"}\n')
    monkeypatch.setattr(Path, "exists", closed)
    assert loaded(home).policies[7].holidays.closed == {date(2026, 12, 25)}


def test_holidays_reach_every_policy(tmp_path: Path) -> None:
    holidays = '- {date: "2026-12-25"}\n- {date: 2026-11-27, close: 13:00}\n'
    found = loaded(home_with(tmp_path, holidays=holidays)).policies[7].holidays
    assert found.closed == {date(2026, 12, 25)}
    assert found.early_closes == {date(2026, 11, 27): time(13)}


def test_an_override_of_an_account_that_is_not_listed_is_a_problem(tmp_path: Path) -> None:
    rules = "rules: {}\noverrides:\n  123457: {mode: shadow}\n"
    (problem,) = problems_in(home_with(tmp_path, rules=rules))
    assert problem == (
        "risk_config.yaml:3: overrides.123457: no such account in accounts.yaml; "
        "did you mean 123456? known here: 123456, 7"
    )


def test_no_enabled_rule_is_a_warning_for_each_account(tmp_path: Path) -> None:
    warnings = loaded(home_with(tmp_path, rules="rules: {size_limit: {limit: 1, enabled: false}}\n")).warnings
    assert [warning.allowed for warning in warnings] == [
        "no rule is enabled for account 123456",
        "no rule is enabled for account 7",
    ]


def test_a_disabled_account_has_no_policy_and_needs_no_key(tmp_path: Path) -> None:
    accounts = "accounts:\n  - {account_id: 1, username: a, api_key: env:NOWHERE, enabled: false}\n"
    configuration = loaded(home_with(tmp_path, accounts=accounts))
    assert configuration.policies == {}
    assert configuration.enabled_accounts == ()
    assert "nothing is watched" in configuration.warnings[0].allowed
