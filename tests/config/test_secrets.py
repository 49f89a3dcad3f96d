import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from risk_manager.config.files import Home
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, resolve_key


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create_folders()
    return home


def test_a_stored_key_comes_back(home: Home) -> None:
    SecretVault(home).store("trader", "sésame=")
    assert resolve_key("secret:trader", vault=SecretVault(home), environ={}) == "sésame="
    assert SecretVault(home).names() == ["trader"]


def test_no_file_holds_the_key_in_the_clear(home: Home) -> None:
    SecretVault(home).store("trader", "sesame-open")
    assert all(b"sesame" not in path.read_bytes() for path in home.folder.rglob("*") if path.is_file())


def test_storing_again_replaces(home: Home) -> None:
    vault = SecretVault(home)
    vault.store("a", "1")
    vault.store("b", "2")
    vault.store("a", "3")
    assert (vault.fetch("a"), vault.fetch("b")) == ("3", "2")


def test_keys_stored_in_the_same_instant_are_all_kept(home: Home) -> None:
    start = threading.Barrier(4)

    def store(who: int) -> None:
        start.wait()
        for number in range(5):
            SecretVault(home).store(f"{who}-{number}", f"key {who} {number}")

    with ThreadPoolExecutor(4) as admins:
        list(admins.map(store, range(4)))
    kept = {name: SecretVault(home).fetch(name) for name in SecretVault(home).names()}
    assert kept == {f"{who}-{number}": f"key {who} {number}" for who in range(4) for number in range(5)}


def test_an_environment_variable_serves_too(home: Home) -> None:
    vault = SecretVault(home)
    assert resolve_key("env:KEY", vault=vault, environ={"KEY": " abc\n"}) == "abc"
    with pytest.raises(SecretUnavailableError, match="KEY is not set"):
        resolve_key("env:KEY", vault=vault, environ={"KEY": ""})


def test_a_key_in_the_clear_is_itself_even_with_a_colon(home: Home) -> None:
    assert resolve_key("a:b", vault=SecretVault(home), environ={}) == "a:b"


def test_an_unknown_name_says_how_to_store_it(home: Home) -> None:
    with pytest.raises(SecretUnavailableError, match="risk-manager store-key nobody"):
        SecretVault(home).fetch("nobody")


def test_a_variable_of_bytes_that_are_no_text_holds_no_key(home: Home) -> None:
    with pytest.raises(SecretUnavailableError, match="KEY"):
        resolve_key("env:KEY", vault=SecretVault(home), environ={"KEY": "k\udcff"})


def test_a_pipe_in_place_of_the_stored_keys_is_said_to_be_so_and_nobody_waits_for_it(home: Home) -> None:
    getattr(os, "mkfifo", os.mkdir)(home.secrets)  # where there are no pipes, a folder
    with pytest.raises(SecretUnavailableError, match="cannot be read"):
        SecretVault(home).fetch("trader")


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', pytest.param("[" * 100_000, id="deeply nested")])
def test_a_damaged_file_is_said_to_be_so(home: Home, content: str) -> None:
    home.secrets.write_text(content)
    with pytest.raises(SecretUnavailableError, match=r"secrets\.json"):
        SecretVault(home).fetch("a")


@pytest.mark.parametrize("content", ['{"a": "????"}', '{"a": "YWJj"}'])
def test_a_key_that_cannot_be_decrypted_asks_to_be_stored_again(home: Home, content: str) -> None:
    home.secrets.write_text(content)
    with pytest.raises(SecretUnavailableError, match="cannot be decrypted"):
        SecretVault(home).fetch("a")


if sys.platform != "win32":

    def test_a_look_at_a_key_whose_own_key_is_gone_makes_no_new_one_and_says_so(home: Home) -> None:
        SecretVault(home).store("trader", "k")
        home.secrets_key.unlink()
        with pytest.raises(SecretUnavailableError, match=r"secrets\.key, with which it was encrypted, is gone"):
            SecretVault(home).fetch("trader")
        assert not home.secrets_key.exists()

    @pytest.mark.parametrize(
        ("content", "why"), [("", "is damaged"), ("short", "is damaged"), (f"{'a' * 43}=", "another")]
    )
    def test_a_key_that_another_key_file_opens_is_said_to_be_so(home: Home, content: str, why: str) -> None:
        SecretVault(home).store("trader", "k")
        home.secrets_key.write_text(content, encoding="ascii")
        with pytest.raises(SecretUnavailableError, match=why):
            SecretVault(home).fetch("trader")

    def test_nobody_else_may_read_the_files(home: Home) -> None:
        SecretVault(home).store("a", "1")
        assert [path.stat().st_mode & 0o777 for path in (home.secrets, home.secrets_key)] == [0o600, 0o600]

    def test_a_key_sealed_under_another_key_file_is_not_guessed_at(home: Home) -> None:
        SecretVault(home).store("a", "1")
        home.secrets_key.unlink()
        with pytest.raises(SecretUnavailableError, match="cannot be decrypted"):
            SecretVault(home).fetch("a")


def test_windows_that_does_not_encrypt_is_a_trouble_like_a_disk_that_does_not_write(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class RefusedError(Exception):
        """As pywin32 has it: no `OSError`, and whoever expects one would end with it."""

    def refuse(*_: object) -> bytes:
        raise RefusedError("(5, 'CryptProtectData', 'Access is denied.')")

    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(error=RefusedError))
    monkeypatch.setitem(sys.modules, "win32crypt", SimpleNamespace(CryptProtectData=refuse))
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(OSError, match="Access is denied"):
        SecretVault(home).seal("k")


def test_a_forgotten_key_is_gone_and_the_others_stay(home: Home) -> None:
    vault = SecretVault(home)
    vault.store("a", "1")
    vault.store("b", "2")
    vault.forget("a")
    vault.forget("a")
    assert vault.names() == ["b"]
