from pathlib import Path

import pytest

from risk_manager.config.configuration import load
from risk_manager.config.document import parse_document
from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.config.sample import sample_rules, sample_text, write_samples
from risk_manager.config.secrets import SecretVault
from risk_manager.core.rules import RULES

EVERY_RULE = [rule.name for rule in RULES]


def test_the_sample_holds_every_rule_in_order() -> None:
    assert list(parse_document(sample_text("risk_config.yaml"), name="f").body["rules"]) == EVERY_RULE


@pytest.mark.parametrize("known", [[], ["max_contracts"], ["cooldown_after_loss", "auth_loss_guard"], EVERY_RULE])
def test_only_known_rules_are_active_in_it(known: list[str]) -> None:
    document = parse_document(sample_rules(known), name="f")
    assert document.problems == []
    assert list(document.body["rules"] or {}) == known
    assert document.body["mode"] == "enforce"


def test_with_all_rules_known_it_is_the_text_itself() -> None:
    assert sample_rules(EVERY_RULE) == sample_text("risk_config.yaml")


def test_a_new_home_needs_nothing_but_the_key(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert write_samples(home) == [home.accounts, home.risk_config, home.holidays]
    with pytest.raises(ConfigurationRefusedError) as refused:
        load(home)
    (problem,) = refused.value.problems
    assert problem.key == "accounts[0].api_key"
    SecretVault(home).store("trader", "abc")
    configuration = load(home)
    expected = [rule.name for rule in RULES if rule.name != "trade_management"]
    assert [rule.name for rule in configuration.policies[123456].rules] == expected


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    write_samples(home)
    home.risk_config.write_text("mine")
    home.holidays.unlink()
    assert write_samples(home) == [home.holidays]
    assert home.risk_config.read_text() == "mine"
