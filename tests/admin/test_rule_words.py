import pytest

from risk_manager.admin.rule_words import allowed, settings_of, words_of
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULE_NAMED, RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_and_every_setting_is_explained(rule: type[Rule]) -> None:
    assert rule.title
    assert rule.protects.startswith("From ")
    for path, field in settings_of(rule):
        assert words_of(rule, path).endswith("."), path
        assert allowed(field) != "text"


def test_a_section_is_explained_by_itself_and_setting_by_setting() -> None:
    frequency = RULE_NAMED["trade_frequency_limit"]
    assert words_of(frequency, "cooldowns") == "The pauses, one by one."
    assert words_of(frequency, "cooldowns.per_hour") == "The pause after too many trades in an hour."


@pytest.mark.parametrize("path", ["", "nothing", "limits.nothing", "count.nothing", "nothing.per_hour"])
def test_what_does_not_exist_has_no_words(path: str) -> None:
    assert words_of(RULE_NAMED["trade_frequency_limit"], path) == ""


def test_what_is_no_single_value_is_shown_by_an_example() -> None:
    settings = dict(settings_of(RULE_NAMED["max_contracts_per_instrument"]))
    assert allowed(settings["limits"]) == "such as {ES: 2, NQ: 1}"
    assert allowed(settings["unknown_symbol_action"]) == "such as block or allow_with_limit:2 or allow_unlimited"


def test_ranges_are_told_with_their_bounds() -> None:
    told = {path: allowed(field) for rule in RULES for path, field in settings_of(rule)}
    assert told["loss_limit"] == "a number > 0"
    assert told["micros_count_as"] == "a number > 0 and ≤ 1"
    assert told["limits.per_hour"] == "a whole number ≥ 1"
    assert told["grace_period"] == "a duration such as 90s, 15m, 1h ≥ 1s"
    assert told["require_full_size"] == "true | false"
    assert told["count"] == "orders | fills | round_turns"
