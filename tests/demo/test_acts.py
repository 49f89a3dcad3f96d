"""The story that the demo tells."""

from datetime import UTC, datetime

from risk_manager.config.document import parse_document
from risk_manager.config.policies import policy_from_body
from risk_manager.core.rules import RULES
from risk_manager.demo.acts import NICKNAMES, acts, rules_yaml

NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)


def test_every_rule_is_broken_in_one_of_its_acts() -> None:
    broken = {act.name.partition(":")[0] for act in acts() if act.is_breach}
    assert {rule.name for rule in RULES} <= broken


def test_it_also_shows_what_must_not_be_stopped() -> None:
    assert sum(not act.is_breach for act in acts()) >= 3


def test_every_act_plays_on_an_account_that_is_watched() -> None:
    assert {act.account for act in acts()} <= NICKNAMES.keys()


def test_its_rules_are_accepted_for_every_account_and_each_exists_somewhere() -> None:
    body = parse_document(rules_yaml(NOON), name="demo").body
    policies = [policy_from_body(body, [], account_id) for account_id in NICKNAMES]
    assert {rule.name for policy in policies for rule in policy.rules} == {rule.name for rule in RULES}
