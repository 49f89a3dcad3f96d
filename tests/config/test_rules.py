from decimal import Decimal
from pathlib import Path

import pytest

from tests.config.homes import home_with, loaded, problems_in
from tests.config.rule_examples import LossSteps


def complaint(folder: Path, section: str) -> list[str]:
    found = problems_in(home_with(folder, rules=f"rules:\n{section}"))
    return [problem.removeprefix("risk_config.yaml:") for problem in found]


def test_money_is_exactly_what_is_written(tmp_path: Path) -> None:
    section = "rules: {loss_steps: {loss_limit: 512.10, steps: [{loss_amount: 0.1}]}}"
    (rule,) = loaded(home_with(tmp_path, rules=section)).policies[7].rules
    assert isinstance(rule, LossSteps)
    assert str(rule.loss_limit) == "512.10"
    assert rule.steps[0].loss_amount == Decimal("0.1")


def test_a_rule_with_only_its_heading_uses_its_defaults(tmp_path: Path) -> None:
    rules = loaded(home_with(tmp_path, rules="rules:\n  session_block_outside:\n")).policies[7].rules
    assert [rule.name for rule in rules] == ["session_block_outside"]


def test_a_rule_that_is_not_enabled_is_checked_and_left_out(tmp_path: Path) -> None:
    assert complaint(tmp_path, "  size_limit: {enabled: false, limit: 0}\n") == [
        "2: rules.size_limit.limit: 0: must be greater than or equal to 1"
    ]


def test_a_missing_key_is_named_at_its_section(tmp_path: Path) -> None:
    assert complaint(tmp_path, "  size_limit:\n    count_type: net\n") == ["2: rules.size_limit: limit is required"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("  size_limit: 5\n", "2: rules.size_limit: 5: must be"),
        ("  size_limit: {limit: 1.5}\n", "2: rules.size_limit.limit: 1.5: must be a whole number"),
        ("  size_limit: {limit: true}\n", "2: rules.size_limit.limit: true: must be a whole number"),
        ("  size_limit: {limit: [1]}\n", "2: rules.size_limit.limit: must be a whole number"),
        ("  size_limit: {limit: 1, lockout: soon}\n", "2: rules.size_limit.lockout: soon: write"),
        ("  size_limit: {limit: 1, lockout: 99999999h}\n", "2: rules.size_limit.lockout: 99999999h: must be at most"),
        ("  size_limit: {limit: 1, mode: off}\n", "2: rules.size_limit.mode: off: must be 'enforce' or 'shadow'"),
        ("  root_limits: {limits: {ES: -1}}\n", "2: rules.root_limits.limits.ES: -1: must be greater than"),
        ("  loss_steps: {steps: {}}\n", "2: rules.loss_steps.steps: must be a list"),
        ("  loss_steps:\n    steps:\n      - {loss_amount: 1, cooldwn: 5m}\n",
         "4: rules.loss_steps.steps[0].cooldwn: 5m: unknown key; did you mean cooldown?"),
        ("  loss_steps: {steps: [{loss_amount: .nan}]}\n", "2: rules.loss_steps.steps[0].loss_amount: .nan is no"),
    ],
)  # fmt: skip
def test_wrong_settings_say_where_and_what_is_allowed(tmp_path: Path, section: str, said: str) -> None:
    (problem,) = complaint(tmp_path, section)
    assert problem.startswith(said)


def test_a_list_of_rules_is_no_section(tmp_path: Path) -> None:
    assert complaint(tmp_path, "  - size_limit\n") == ["1: rules: must be a section with one key for each rule"]


@pytest.mark.parametrize("hours", ["", "  session_block_outside: {enabled: false}\n"])
def test_a_lock_until_the_session_starts_needs_the_rule_that_knows_sessions(tmp_path: Path, hours: str) -> None:
    section = f"  size_limit:\n    limit: 1\n    lockout: session_start\n{hours}"
    assert complaint(tmp_path, section) == [
        "4: rules.size_limit.lockout: session_start: session_start needs the rule session_block_outside, enabled"
    ]


def test_with_that_rule_it_is_fine(tmp_path: Path) -> None:
    assert complaint(tmp_path, "  size_limit: {limit: 1, lockout: session_start}\n  session_block_outside: {}\n") == []


def test_roots_that_can_never_match_are_warned_of(tmp_path: Path) -> None:
    section = "rules:\n  root_limits: {limits: {es: 1, EP: 2, XYZ: 3}}\n"
    warnings = loaded(home_with(tmp_path, rules=section)).warnings
    assert [warning.allowed for warning in warnings] == [
        "EP is no product known here: it is the gateway's code of ES, write ES; it would never match",
        "XYZ is no product known here; it would never match",
    ]
