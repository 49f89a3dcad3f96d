"""Keys that stand in the clear, kept for as long as an account is held."""

from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.config.held_record import kept_as
from risk_manager.config.secrets import SecretUnavailableError, SecretVault
from risk_manager.config.terms import Route
from risk_manager.daemon.commitment.held_keys import fingerprint, forget_key, keep_keys, key_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_folders()
    return home


async def test_a_key_is_kept_in_the_vault_found_again_and_forgotten(home: Home) -> None:
    assert await keep_keys(home, {"trader": "s3cret"}) == {"trader": fingerprint("s3cret")}
    assert SecretVault(home).fetch(kept_as("trader")) == "s3cret"
    assert "s3cret" not in home.secrets.read_text(encoding="utf-8")
    assert key_of(home, Route("trader")) == "s3cret"
    forget_key(home, "trader")
    with pytest.raises(SecretUnavailableError):
        key_of(home, Route("trader"))


async def test_a_key_that_cannot_be_kept_is_not_said_to_be(home: Home) -> None:
    home.secrets.write_text("[]", encoding="utf-8")
    assert await keep_keys(home, {"trader": "s3cret"}) == {}
    forget_key(home, "trader")


def test_a_key_with_another_place_is_read_there(home: Home) -> None:
    assert key_of(home, Route("trader", "", "env:KEY"), {"KEY": "k"}) == "k"


def test_a_fingerprint_tells_keys_apart_and_does_not_tell_the_key() -> None:
    assert fingerprint("one") != fingerprint("two")
    assert "one" not in fingerprint("one")
