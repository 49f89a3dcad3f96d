from collections.abc import Mapping
from typing import Any

import pytest

from risk_manager.config.policies import policy_from_body
from risk_manager.config.problems import ConfigurationRefusedError, nearest, path_text, value_text


def test_paths_read_as_people_write_them() -> None:
    assert path_text(("accounts", "0", "api_key")) == "accounts[0].api_key"
    assert path_text(("overrides", "123", "rules")) == "overrides.123.rules"


def test_values_are_short_and_printable() -> None:
    assert value_text(("a",), "x" * 100) == "x" * 59 + "…"
    assert value_text(("a",), "a\x1b[2Jb\n") == "a?[2Jb?"
    assert value_text(("a",), {"b": 1}) is None


def test_secrets_are_never_shown() -> None:
    assert value_text(("accounts", "0", "api_key"), "sesame") == "(not shown)"
    assert value_text(("accounts", "0", "api_key"), "env:KEY") == "env:KEY"


def test_a_secret_under_a_misspelt_key_or_in_the_wrong_place_is_not_shown_either() -> None:
    for path in (
        ("accounts", "0", "key"),
        ("accounts", "0", "colour"),
        ("accounts", "0"),
        ("accounts",),
        ("apikey",),
        ("Tokens",),
        ("gateway", "password_of_mine"),
        ("alerts", "0", "adress"),
    ):
        assert value_text(path, "sesame") == "(not shown)"
    assert value_text(("accounts", "0", "nickname"), "Main") == "Main"
    assert value_text(("rules", "max_contracts", "limit"), "nine") == "nine"


def test_a_word_far_from_all_others_gets_no_hint() -> None:
    assert nearest("zzz", ["limit"]) == "known here: limit"
    assert nearest("LIMT", ["limit", "mode"]) == "did you mean limit? known here: limit, mode"


@pytest.mark.parametrize(
    ("rule", "section", "allowed"),
    [
        ("no_stop_loss_grace", {"grace_period": "0.9s"}, "must be at least 1s"),
        ("auth_loss_guard", {"verify_every": "0s"}, "must be at least 1s"),
        ("cooldown_after_loss", {"loss_thresholds": [{"loss_amount": 1, "cooldown": "0s"}]}, "must be more than 0s"),
        ("daily_realized_loss", {"loss_limit": 5, "lockout": "15m"}, "write daily_reset or permanent"),
        ("daily_realized_profit", {"profit_target": 5, "lockout": "none"}, "write daily_reset or permanent"),
        ("daily_realized_loss", {"loss_limit": True}, "must be a number"),
        ("daily_realized_loss", {"loss_limit": "much"}, "must be a number"),
        ("daily_realized_loss", {"loss_limit": 5, "include_fees": 3}, "must be true or false"),
        ("max_contracts", {"limit": 1, "enabled": "perhaps"}, "must be true or false"),
    ],
)
def test_what_is_allowed_is_said_in_words_of_the_file(rule: str, section: Mapping[str, Any], allowed: str) -> None:
    with pytest.raises(ConfigurationRefusedError) as refused:
        policy_from_body({"rules": {rule: section}}, [], 1)
    assert [problem.allowed for problem in refused.value.problems] == [allowed]
