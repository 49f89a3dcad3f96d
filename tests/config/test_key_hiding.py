from pathlib import Path

import pytest

from risk_manager.config.key_hiding import hide_keys
from tests.config.homes import home_with, loaded

TEXT = """# mine
accounts:
  - account_id: 1      # the main one
    username: ann
    api_key: "s3same"   # from the website
  - {account_id: 2, username: bob, api_key: env:KEY}
"""


def test_a_hidden_key_still_works_and_the_comments_stay(tmp_path: Path) -> None:
    home = home_with(tmp_path, accounts=TEXT)
    assert hide_keys(home) == ["ann"]
    text = home.accounts.read_text()
    assert "s3same" not in text
    assert "secret:ann" in text
    assert [comment in text for comment in ("# mine", "# the main one", "# from the website", "env:KEY")] == [True] * 4
    assert [account.api_key for account in loaded(home).accounts] == ["s3same", "abc"]
    assert loaded(home).warnings == ()


def test_with_nothing_to_hide_the_file_is_left_alone(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    before = home.accounts.read_bytes()
    assert hide_keys(home) == []
    assert home.accounts.read_bytes() == before


@pytest.mark.parametrize("text", ["", "accounts: 5\n", "accounts: [{}]\n", "a: ["])
def test_a_file_that_makes_no_sense_is_left_alone(tmp_path: Path, text: str) -> None:
    home = home_with(tmp_path, accounts=text)
    with pytest.raises(ValueError, match="risk-manager check"):
        hide_keys(home)
    assert home.accounts.read_text() == text
