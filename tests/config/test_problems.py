from risk_manager.config.problems import nearest, path_text, value_text


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
