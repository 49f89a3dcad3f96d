import pytest

from risk_manager.admin.rule_words import PROTECTS, SETTINGS, allowed, settings_of
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_and_every_setting_is_explained(rule: type[Rule]) -> None:
    assert PROTECTS[rule.name]
    for path, field in settings_of(rule):
        assert SETTINGS[path]
        assert allowed(path, field) != "text"


def test_nothing_is_explained_that_is_not_there() -> None:
    paths = {path for rule in RULES for path, _ in settings_of(rule)}
    sections = {path.rpartition(".")[0] for path in paths} - {""}
    assert SETTINGS.keys() <= paths | sections
    assert PROTECTS.keys() == {rule.name for rule in RULES}


def test_ranges_are_told_with_their_bounds() -> None:
    told = {path: allowed(path, field) for rule in RULES for path, field in settings_of(rule)}
    assert told["loss_limit"] == "a number > 0"
    assert told["micros_count_as"] == "a number > 0 and ≤ 1"
    assert told["limits.per_hour"] == "a whole number ≥ 1"
    assert told["grace_period"] == "a duration such as 90s, 15m, 1h ≥ 1s"
    assert told["require_full_size"] == "true | false"
    assert told["count"] == "orders | fills | round_turns"
