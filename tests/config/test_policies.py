from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.config.document import parse_document
from risk_manager.config.policies import judge, merged, policy_from_body
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.core.model.trading_calendar import Holidays
from tests.config.homes import home_with, loaded, problems_in
from tests.config.rule_examples import KNOWN, Counting, SizeLimit


def test_an_override_is_merged_key_by_key() -> None:
    base = {"a": {"x": 1, "y": [1, 2]}, "b": 1, "c": {"z": 1}}
    over = {"a": {"y": [3], "w": 2}, "b": 2, "c": None}
    assert merged(base, over) == {"a": {"x": 1, "y": [3], "w": 2}, "b": 2, "c": {"z": 1}}


def test_in_an_override_a_root_may_be_spelled_otherwise() -> None:
    base = {"limits": {"ES": 5, "NQ": 2}, "hours": {"es": {"start": 1, "end": 2}}}
    over = {"limits": {"es": 1, "/nq": 1}, "hours": {"ES": {"end": 3}}}
    assert merged(base, over) == {"limits": {"es": 1, "/nq": 1}, "hours": {"ES": {"start": 1, "end": 3}}}


def test_an_account_shares_what_its_override_leaves_alone(tmp_path: Path) -> None:
    rules = """
rules:
  size_limit: {limit: 5, count_type: gross}
overrides:
  7: {strict_mode: true, rules: {size_limit: {limit: 2}}}
"""
    policies = loaded(home_with(tmp_path, rules=rules)).policies
    assert policies[123456].rules == (SizeLimit(limit=5, count_type=Counting.GROSS),)
    assert policies[7].rules == (SizeLimit(limit=2, count_type=Counting.GROSS),)
    assert (policies[123456].strict, policies[7].strict) == (False, True)


def test_a_problem_in_an_override_names_the_overrides_own_line(tmp_path: Path) -> None:
    rules = """rules:
  size_limit: {limit: 5}
overrides:
  7:
    rules:
      size_limit: {limit: -1}
      loss_steps: {steps: []}
    local_api: {port: 1}
"""
    assert problems_in(home_with(tmp_path, rules=rules)) == [
        "risk_config.yaml:6: overrides.7.rules.size_limit.limit: -1: must be greater than or equal to 1",
        "risk_config.yaml:7: overrides.7.rules.loss_steps.steps: needs at least 1 entry",
        (
            "risk_config.yaml:8: overrides.7.local_api: unknown key; known here: "
            "commitment, feed, lockouts, mode, quotes, rules, strict_mode, trading_day, warn_at"
        ),
    ]


def test_a_problem_of_the_shared_part_is_told_once(tmp_path: Path) -> None:
    rules = "rules:\n  size_limit: {limit: 0}\noverrides:\n  7: {mode: shadow}\n"
    assert len(problems_in(home_with(tmp_path, rules=rules))) == 1


@pytest.mark.parametrize("overrides", ["[1]", "{x: {}}", "{7: 3}", "{7: {}, '7': {}}", "{-7: {}}"])
def test_overrides_of_another_form_are_refused(tmp_path: Path, overrides: str) -> None:
    assert len(problems_in(home_with(tmp_path, rules=f"rules: {{}}\noverrides: {overrides}\n"))) == 1


def test_rules_stand_in_their_own_order_not_that_of_the_file() -> None:
    document = parse_document("rules: {loss_steps: {steps: [{loss_amount: 1}]}, size_limit: {limit: 1}}", name="f")
    judged = judge(document, Holidays(), account_ids=[1], known=KNOWN)
    assert [rule.name for rule in judged.policies[1].rules] == ["size_limit", "loss_steps"]


def test_a_body_from_any_parser_makes_a_policy() -> None:
    policy = policy_from_body({"warn_at": [0.1], "rules": {}}, [{"date": "2026-12-25"}], 1)
    assert policy.warn_at == (Decimal("0.1"),)
    assert len(policy.holidays.closed) == 1


def test_an_override_without_lines_still_holds() -> None:
    assert policy_from_body({"overrides": {2: {"mode": "shadow"}}}, [], 2).shadow
    assert not policy_from_body({"overrides": {2: {"mode": "shadow"}}}, [], 1).shadow


def test_a_wrong_body_raises_all_its_problems() -> None:
    with pytest.raises(ConfigurationRefusedError) as refused:
        policy_from_body({"mode": "x", "warn": 1, "rules": {"nothing_like_it": {}}}, [{"dat": 1}], 1)
    assert [problem.key for problem in refused.value.problems] == [
        "[0]", "[0].dat", "mode", "warn", "rules.nothing_like_it",
    ]  # fmt: skip


@pytest.mark.parametrize("body", ["[]", "text", "5"])
def test_a_body_that_is_no_section_is_refused(tmp_path: Path, body: str) -> None:
    assert len(problems_in(home_with(tmp_path, rules=body))) == 1
