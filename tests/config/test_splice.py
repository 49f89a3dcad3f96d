import pytest

from risk_manager.config.document import parse_document
from risk_manager.config.sample import sample_text
from risk_manager.config.splice import EditRefusedError, append_section, remove, set_value, written

RULES = """\
# mine
mode:   enforce    # act
rules:
  # the day
  daily_realized_loss:
    loss_limit: 800   # dollars
    basis: realized

  max_contracts: { limit: 5,  count_type: gross }   # small
  symbol_blocks:
    blocked_symbols:
      - MBT   # bitcoin
      - MET
# the end
"""


def test_one_number_changes_and_not_a_space_around_it() -> None:
    assert set_value(RULES, ("rules", "daily_realized_loss", "loss_limit"), "400") == RULES.replace("800 ", "400 ")
    assert set_value(RULES, ("rules", "max_contracts", "limit"), "2") == RULES.replace("limit: 5", "limit: 2")
    assert set_value(RULES, ("mode",), "shadow") == RULES.replace("enforce ", "shadow ")


def test_every_value_of_the_sample_can_be_changed() -> None:
    text = sample_text("risk_config.yaml")
    for path, value in (
        (("rules", "session_block_outside", "global_session", "end"), "15:00"),
        (("warn_at",), "[0.5]"),
    ):
        fresh = set_value(text, path, value)
        before, after = text.splitlines(), fresh.splitlines()
        assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_a_missing_key_is_added_behind_the_last_one_of_its_section() -> None:
    fresh = set_value(RULES, ("rules", "daily_realized_loss", "include_fees"), "true")
    assert "    basis: realized\n    include_fees: true\n\n" in fresh
    assert "gross, lockout: none }   # small" in set_value(RULES, ("rules", "max_contracts", "lockout"), "none")


def test_missing_sections_are_made_on_the_way() -> None:
    fresh = set_value(RULES, ("overrides", "7", "rules", "max_contracts", "limit"), "1")
    assert parse_document(fresh, name="x").body["overrides"] == {7: {"rules": {"max_contracts": {"limit": 1}}}}
    assert set_value("", ("rules", "a"), "1") == "rules:\n  a: 1\n"
    assert set_value("rules:   # none yet\nmode: x\n", ("rules", "a"), "1") == "rules:   # none yet\n  a: 1\nmode: x\n"
    assert set_value("a: {b: }\n", ("a", "b", "c"), "1") == "a: {b: {c: 1} }\n"


def test_a_list_in_lines_becomes_a_list_in_one_line() -> None:
    fresh = set_value(RULES, ("rules", "symbol_blocks", "blocked_symbols"), "[MBT]")
    assert parse_document(fresh, name="x").body["rules"]["symbol_blocks"] == {"blocked_symbols": ["MBT"]}
    assert fresh.endswith("# the end\n")
    assert "NQ" in set_value(RULES, ("rules", "symbol_blocks", "blocked_symbols", "1"), "NQ")


def test_lines_end_as_they_did() -> None:
    fresh = set_value(RULES.replace("\n", "\r\n"), ("rules", "daily_realized_loss", "lockout"), "permanent")
    assert fresh.count("\n") == fresh.count("\r\n") == RULES.count("\n") + 1


def test_words_that_would_mean_something_else_in_their_place_are_quoted() -> None:
    fresh = set_value(RULES, ("rules", "max_contracts", "count_type"), "a, b")
    assert 'count_type: "a, b" }' in fresh


@pytest.mark.parametrize("value", ["", "[", "a\nb: c", "{a: 1", "!x y"])
def test_what_is_no_value_is_refused(value: str) -> None:
    with pytest.raises(EditRefusedError, match="cannot be read"):
        set_value(RULES, ("mode",), value)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("a", "b")),
        ("a: 1\n", ("a", "b")),
        ("a: [1]\n", ("a", "5")),
        ("a: &x 1\nb: *x\n", ("a",)),
        ("a: [\n", ("a",)),
    ],
)
def test_where_anything_else_would_change_too_nothing_does(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(EditRefusedError):
        set_value(text, path, "2")


ACCOUNTS = """\
accounts:
  - account_id: 1   # first
    username: a
  # the other one
  - {account_id: 2, username: b}
# end
"""


def test_a_section_is_added_to_a_list_in_the_form_of_the_list() -> None:
    fresh = append_section(ACCOUNTS, ("accounts",), [("account_id", "3"), ("username", "c")])
    assert fresh == ACCOUNTS.replace("# end", "  - account_id: 3\n    username: c\n# end")
    assert append_section("accounts: [{a: 1}]\n", ("accounts",), [("a", "2")]) == "accounts: [{a: 1}, {a: 2}]\n"
    assert append_section("accounts:\n", ("accounts",), [("a", "2")]) == "accounts: [{a: 2}]\n"
    assert append_section("", ("accounts",), [("a", "2")]) == "accounts: [{a: 2}]\n"
    assert append_section("accounts: []\n", ("accounts",), [("a", "2")]) == "accounts: [{a: 2}]\n"
    with pytest.raises(EditRefusedError):
        append_section("accounts: 5\n", ("accounts",), [("a", "2")])


def test_an_entry_is_taken_away_with_its_lines() -> None:
    gone = "  - account_id: 1   # first\n    username: a\n"
    assert remove(ACCOUNTS, ("accounts", "0")) == ACCOUNTS.replace(gone, "")
    assert remove(ACCOUNTS, ("accounts", "1", "username")) == ACCOUNTS.replace(", username: b", "")
    assert remove(ACCOUNTS, ("accounts", "1", "account_id")) == ACCOUNTS.replace("account_id: 2, ", "")
    assert remove(RULES, ("rules", "daily_realized_loss", "basis")) == RULES.replace("    basis: realized\n", "")
    assert remove("a: {b: 1}\n", ("a", "b")) == "a: {}\n"
    assert remove("a:\n  b: 1\n", ("a", "b")) == "a:\n"


@pytest.mark.parametrize(("text", "path"), [(ACCOUNTS, ("accounts", "7")), (ACCOUNTS, ("accounts", "0", "account_id"))])
def test_what_is_not_there_or_cannot_go_alone_is_refused(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(EditRefusedError):
        remove(text, path)


@pytest.mark.parametrize("words", ["Main", "true", "12", "a: b", 'say "x"', "Ü # 1", "", "null"])
def test_words_are_written_so_that_they_are_read_back(words: str) -> None:
    assert parse_document(f"{{a: {written(words)}}}", name="x").body == {"a": words}
