import pytest

from risk_manager.admin.rules import default_text
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from tests.admin.desk import RULES, Desk


def test_every_rule_is_listed_with_how_it_stands(desk: Desk) -> None:
    assert desk.command("rules", "list") == 0
    assert "on      daily_realized_loss" in desk.told
    assert "off     symbol_blocks" in desk.told
    assert all(len(line) <= 80 for line in desk.said)


def test_a_rule_is_shown_with_values_ranges_and_effects(desk: Desk) -> None:
    assert desk.command("rules", "show", "daily_realized_loss") == 0
    assert "  loss_limit: 800\n      allowed: a number > 0\n      At this loss" in desk.told
    assert "  lockout: daily_reset (not written)" in desk.told


def test_a_setting_is_changed_and_the_rest_of_the_file_stays(desk: Desk) -> None:
    before = desk.rules
    assert desk.command("rules", "set", "daily_realized_loss.loss_limit", "400") == 0
    assert desk.rules == before.replace("800 ", "400 ")
    assert "daily_realized_loss.loss_limit: 800 → 400. At this loss" in desk.told
    assert "The daemon is not running: it will hold from its next start." in desk.told


def test_a_setting_may_differ_for_one_account(desk: Desk) -> None:
    assert desk.command("rules", "set", "max_contracts.limit", "1", "--account", "1001") == 0
    assert "overrides:\n  1001:\n    rules:\n      max_contracts:\n        limit: 1" in desk.rules
    assert desk.command("rules", "set", "max_contracts.limit", "1", "--account", "5") == 2


def test_settings_of_the_whole_can_be_changed_too(desk: Desk) -> None:
    assert desk.command("rules", "set", "lockouts.admin_may_clear", "false") == 0
    assert desk.command("rules", "set", "mode", "shadow") == 0
    assert "mode: shadow\n" in desk.rules


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("daily_realized_loss.loss_limit", "none", "must be"),
        ("daily_realized_loss.loss_limit", "-1", "greater than 0"),
        ("daily_realized_loss.loss_limt", "1", "did you mean loss_limit?"),
        ("daily_realised_loss.loss_limit", "1", "did you mean daily_realized_loss?"),
        ("max_contracts", "1", "has no setting"),
        ("max_contracts.limit", "[", "cannot be read"),
        ("max_contracts..limit", "1", "is no setting"),
        ("max_contracts.limit.deep", "1", "cannot be changed here"),
    ],
)
def test_a_wrong_value_changes_nothing_and_is_told(desk: Desk, key: str, value: str, told: str) -> None:
    before = desk.files()
    assert desk.command("rules", "set", key, value) != 0
    assert told in desk.complaint
    assert desk.files() == before


def test_rules_are_disabled_enabled_and_put_into_shadow(desk: Desk) -> None:
    before = desk.rules
    assert desk.command("rules", "disable", "max_contracts") == 0
    assert "max_contracts: {limit: 3, on_breach: close_all, enabled: false}" in desk.rules
    assert desk.command("rules", "disable", "max_contracts") == 0
    assert "is off already" in desk.told
    assert desk.command("rules", "shadow", "max_contracts") == 0
    assert "enabled: true, mode: shadow}" in desk.rules
    assert "max_contracts: off → shadow" in desk.told
    assert desk.command("rules", "shadow", "max_contracts") == 0
    assert "is so already" in desk.told
    assert desk.command("rules", "enable", "max_contracts") == 0
    assert "enabled: true, mode: enforce}" in desk.rules
    assert desk.rules.replace(", enabled: true, mode: enforce", "") == before
    assert desk.command("rules", "enable", "max_contracts") == 0
    assert "is on already" in desk.told


def test_a_rule_that_is_not_in_the_file_begins_as_in_the_sample(desk: Desk) -> None:
    assert desk.command("rules", "shadow", "symbol_blocks") == 1
    assert desk.command("rules", "enable", "symbol_blocks") == 0
    assert "  symbol_blocks: {blocked_symbols: [MBT, MET], close_existing: true, enabled: true}\n" in desk.rules


@pytest.mark.parametrize("name", ["session_block_outside", "trade_management", "cooldown_after_loss"])
def test_every_sample_section_can_be_enabled(desk: Desk, name: str) -> None:
    assert desk.command("rules", "enable", name) == 0
    assert desk.command("rules", "list") == 0
    assert f"on      {name}" in desk.told


def test_no_rule_is_made_up(desk: Desk) -> None:
    for word in ("enable", "disable", "shadow", "show"):
        assert desk.command("rules", word, "max_contract") == 2
        assert "did you mean max_contracts?" in desk.complaint


def test_a_file_that_is_broken_is_not_made_worse(desk: Desk) -> None:
    desk.home.risk_config.write_text(RULES + "broken: [\n")
    before = desk.files()
    assert desk.command("rules", "set", "max_contracts.limit", "2") != 0
    assert "the file is broken" in desk.complaint
    assert desk.command("rules", "disable", "max_contracts") in (0, 1)
    desk.home.risk_config.write_bytes(b"mode: \xff\n")
    assert desk.command("rules", "set", "mode", "shadow") == 1
    assert before["accounts.yaml"] == desk.files()["accounts.yaml"]


def test_what_holds_where_nothing_is_written_is_told() -> None:
    assert default_text(DailyRealizedLoss, "lockout") == "daily_reset"
    assert default_text(DailyRealizedLoss, "enabled") == "true"
    assert default_text(DailyRealizedLoss, "loss_limit") == "none"
    assert default_text(TradeFrequencyLimit, "cooldowns.per_hour") == "30m"
