"""The keys that accounts are held to: kept encrypted, found again, and no other key in their place."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from risk_manager.config.accounts import ConfiguredAccount
from risk_manager.config.files import Home
from risk_manager.config.held_record import KeptKey
from risk_manager.config.login_terms import Login, login_of
from risk_manager.config.secrets import SecretVault
from risk_manager.daemon.commitment.held_keys import HeldKeys, seal_told_keys, sealed_elsewhere
from tests.config.ciphers import carry_to_another_machine, let_nothing_be_encrypted
from tests.daemon.virtual_time import in_virtual_time

TRADER = login_of("trader", "s3cret")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_folders()
    return home


def knowing(home: Home, reference: str, key: str = "s3cret") -> HeldKeys:
    keys = HeldKeys(home)
    keys.learn([ConfiguredAccount(account_id=7, username="trader", api_key=key, key_reference=reference)])
    return keys


@pytest.mark.parametrize("reference", ["", "secret:trader"])
async def test_a_key_is_kept_encrypted_and_found_by_a_later_life(home: Home, reference: str) -> None:
    SecretVault(home).store("trader", "s3cret")
    kept = await knowing(home, reference).seal([TRADER], {})
    home.secrets.unlink()
    assert "s3cret" not in str(kept)
    assert HeldKeys(home).find(TRADER, kept) == "s3cret"
    assert HeldKeys(home).find(login_of("trader", "other"), kept) is None
    assert await knowing(home, reference).seal([TRADER], kept) == {}


async def test_a_key_of_the_environment_is_not_kept(home: Home) -> None:
    assert await knowing(home, "env:KEY").seal([TRADER], {}) == {}


async def test_another_key_written_into_the_vault_meanwhile_is_not_taken_for_the_one_that_is_held(home: Home) -> None:
    SecretVault(home).store("trader", "other")
    kept = await knowing(home, "secret:trader").seal([TRADER], {})
    assert HeldKeys(home).find(TRADER, kept) == "s3cret"


def test_a_kept_key_that_is_another_or_cannot_be_opened_is_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = SecretVault(home).seal("other")
    assert HeldKeys(home).find(TRADER, {"trader": KeptKey(TRADER.mark, sealed)}) is None
    assert HeldKeys(home).find(TRADER, {"trader": KeptKey(TRADER.mark, "nonsense")}) is None
    carry_to_another_machine(home, monkeypatch)
    right = KeptKey(TRADER.mark, SecretVault(home).seal("s3cret"))
    carry_to_another_machine(home, monkeypatch)
    assert HeldKeys(home).find(TRADER, {"trader": right}) is None


async def test_where_nothing_can_be_encrypted_nothing_is_kept_and_the_daemon_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.secrets.write_text("[]", encoding="utf-8")
    let_nothing_be_encrypted(home, monkeypatch)
    assert await knowing(home, "secret:trader").seal([TRADER], {}) == {}
    assert await knowing(home, "").seal([TRADER], {}) == {}


def test_a_key_that_the_files_name_is_known_at_once(home: Home) -> None:
    keys = knowing(home, "env:KEY")
    assert keys.find(TRADER, {}) == "s3cret"
    assert keys.find(replace(TRADER, mark=Login().mark), {}) is None


def test_the_other_process_encrypts_what_it_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = tmp_path / "told"
    told.write_text(json.dumps({"home": str(home.folder), "keys": {"trader": "s3cret"}}), encoding="utf-8")
    with told.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        seal_told_keys()
    assert SecretVault(home).open(json.loads(capsys.readouterr().out)["trader"]) == "s3cret"


@pytest.mark.parametrize("turns", [1, 40, 400])
def test_hours_went_by_while_a_stopping_daemon_waited_for_the_process_that_encrypts(home: Home, turns: int) -> None:
    async def stop_while_it_encrypts() -> float:
        loop = asyncio.get_running_loop()
        encrypting = asyncio.create_task(sealed_elsewhere(home, {"trader": "s3cret"}))
        for _ in range(turns):
            await asyncio.sleep(0)
        loop.call_later(3600, lambda: None)
        began = loop.time()
        encrypting.cancel()
        await asyncio.wait([encrypting])
        return loop.time() - began

    assert in_virtual_time(stop_while_it_encrypts()) == 0
