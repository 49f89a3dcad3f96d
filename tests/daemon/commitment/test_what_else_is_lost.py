"""The files are broken at a restart, and something else is lost as well: keys, or a copy of what is held."""

from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.daemon.commitment.outlook import port_of
from tests.config.ciphers import carry_to_another_machine
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import THREE, first_day, forget_database, limit, live, spoil
from tests.daemon.stage import Stage, home_with, play


def clear_key(home: Home, key: str) -> None:
    entry = f"  - {{account_id: {ACCOUNT}, username: trader, api_key: '{key}'}}\n"
    home.accounts.write_text(f"accounts:\n{entry}", encoding="utf-8")


def test_an_account_whose_kept_key_is_gone_is_watched_by_the_same_key_in_an_accounts_yaml_that_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with(tmp_path, rules=THREE)
    clear_key(home, "in the clear")
    live(home)
    spoil(home)
    carry_to_another_machine(home, monkeypatch)
    stage = live(home)
    assert "COMMITMENT_KEY_GONE" not in stage.warnings()
    assert limit(stage) == 3


def test_another_key_in_an_accounts_yaml_beside_broken_rules_does_not_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with(tmp_path, rules=THREE)
    clear_key(home, "in the clear")
    live(home)
    spoil(home)
    carry_to_another_machine(home, monkeypatch)
    clear_key(home, "another")

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: "COMMITMENT_KEY_GONE" in stage.warnings())
        assert "mend the files first" in stage.warnings()
        assert stage.daemon.pipeline.accounts == {}

    play(home, scene)


def test_screens_find_the_daemon_by_either_copy_of_what_is_held(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    port = port_of(home)
    spoil(home)
    assert port_of(home) == port
    home.commitment.unlink()
    assert port_of(home) == port
    live(home)  # which writes the file anew
    forget_database(home)
    assert port_of(home) == port
