"""The files are broken at a restart: what was last in force goes on, people are told, and nothing is loosened by it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.config.secrets import SecretVault
from risk_manager.core.rule import RuleMode
from risk_manager.daemon.commitment.outlook import read_or_held
from tests.config.ciphers import carry_to_another_machine
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import (
    ENVIRON,
    FIVE,
    OTHER,
    THREE,
    TWO,
    both_gone,
    first_day,
    forget_database,
    limit,
    live,
    live_and,
    policy,
    reload,
    spoil,
    write,
)
from tests.daemon.stage import AT_ONCE, Stage, home_with, play
from tests.daemon.test_commands import ask


def with_rules(content: bytes) -> Callable[[Home], object]:
    return lambda home: home.risk_config.write_bytes(content)


def without_rules(home: Home) -> None:
    home.risk_config.unlink()


def without_accounts(home: Home) -> None:
    home.accounts.unlink()


def without_either(home: Home) -> None:
    without_rules(home)
    without_accounts(home)


def with_a_folder(home: Home) -> None:
    without_rules(home)
    home.risk_config.mkdir()


BREAKAGES: dict[str, Callable[[Home], object]] = {
    "broken YAML": spoil,
    "an unknown key": with_rules(b"rules: {max_contract: {limit: 9}}"),
    "a value that is not allowed": with_rules(b"rules: {max_contracts: {limit: -1}}"),
    "an empty file": with_rules(b""),
    "another encoding": with_rules("rules: {} # ü".encode("utf-16")),
    "no rules": without_rules,
    "no accounts": without_accounts,
    "neither file": without_either,
    "accounts that are none": lambda home: home.accounts.write_text("accounts: [7, 8]", encoding="utf-8"),
    "broken holidays": lambda home: home.holidays.write_text("- {date: tomorrow}", encoding="utf-8"),
    "a folder in the place of a file": with_a_folder,
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_what_was_last_in_force_is_enforced_and_the_problems_are_told(tmp_path: Path, breakage: str) -> None:
    home = first_day(tmp_path)
    BREAKAGES[breakage](home)

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.says(4)
        await stage.until(lambda: stage.venue.net and not any(stage.venue.net.values()) and stage.is_quiet())
        status = stage.daemon.snapshot()
        assert status.daemon.state == "degraded"
        assert "the configuration files are broken" in status.daemon.detail
        (part,) = (one for one in status.parts if one.name == "configuration")
        assert part.state == "failing"
        for problem in stage.configuration.broken:
            assert str(problem) in part.meaning
        assert "CONFIGURATION_BROKEN" in stage.warnings()
        assert stage.journal("alarm")[0]["code"] == "CONFIGURATION_BROKEN"

    play(home, scene)


def test_the_database_alone_or_the_sealed_file_alone_is_enough(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    spoil(home)
    forget_database(home)
    assert limit(live(home)) == 3
    home.commitment.unlink()
    assert limit(live(home)) == 3


def test_a_first_start_with_broken_files_is_refused(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules="rules: {max_contracts: {limit: 0}, no_such_rule: {}}")
    with pytest.raises(ConfigurationRefusedError) as refused:
        read_or_held(home, ENVIRON)
    assert len(refused.value.problems) == 2


def test_both_copies_gone_and_the_files_broken_is_refused(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    spoil(home)
    both_gone(home)
    with pytest.raises(ConfigurationRefusedError):
        read_or_held(home, ENVIRON)


def test_the_mended_files_are_gone_over_to_with_a_reload(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    spoil(home)

    def mend(stage: Stage) -> None:
        write(home, TWO)
        reload(stage)
        assert limit(stage) == 2
        assert stage.daemon.snapshot().daemon.detail == ""
        (part,) = (one for one in stage.daemon.snapshot().parts if one.name == "configuration")
        assert part.state == "live"

    live_and(home, mend)
    assert limit(live(home)) == 2


def test_breaking_the_files_and_mending_them_looser_still_waits(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    spoil(home)

    def mend(stage: Stage) -> None:
        write(home, FIVE)
        reload(stage)
        assert limit(stage) == 3

    live_and(home, mend)
    assert limit(live(home)) == 3
    assert limit(live(home, days=1)) == 5


def test_what_waits_does_not_come_while_the_files_are_broken_and_comes_with_an_alarm_once_they_are_mended(
    tmp_path: Path,
) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    live(home)
    spoil(home)
    assert limit(live(home)) == 3

    def mend(stage: Stage) -> None:
        assert limit(stage) == 3
        (waits,) = stage.daemon.commitments.pending_of(ACCOUNT)
        assert (waits.old, waits.new) == ("3", "5")
        write(home, FIVE)
        reload(stage)
        assert limit(stage) == 5
        assert "LIMITS_LOOSENED" in stage.warnings()

    live_and(home, mend, days=2)


def test_what_was_cancelled_stays_so_over_broken_files(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    live_and(home, lambda stage: stage.daemon.commitments.cancel(None, None))
    spoil(home)
    live(home)
    write(home, FIVE)
    stage = live(home, days=3)
    assert limit(stage) == 3
    assert [one.state for one in stage.daemon.commitments.pending_of(ACCOUNT)] == ["cancelled"]


def test_where_nothing_has_to_wait_broken_files_loosen_nothing_either(tmp_path: Path) -> None:
    home = first_day(tmp_path, THREE + AT_ONCE)
    home.risk_config.write_text(f"{AT_ONCE}rules: {{max_contracts: {{limit: 50}}, nonsense: {{}}}}\n", encoding="utf-8")
    assert limit(live(home)) == 3


def test_an_account_in_shadow_stays_so_and_the_others_enforce(tmp_path: Path) -> None:
    home = first_day(tmp_path, f"overrides: {{{OTHER}: {{mode: shadow}}}}\n{THREE}", (ACCOUNT, OTHER))
    spoil(home)
    stage = live(home)
    assert (policy(stage).shadow, policy(stage, OTHER).shadow) == (False, True)
    assert stage.daemon.in_force.settings.mode is RuleMode.ENFORCE


def test_only_shadow_is_told_as_shadow(tmp_path: Path) -> None:
    home = first_day(tmp_path, f"mode: shadow\n{THREE}")
    spoil(home)
    assert live(home).daemon.in_force.settings.mode is RuleMode.SHADOW


def test_the_mode_stays_while_the_files_are_broken(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    spoil(home)

    async def scene(stage: Stage) -> None:
        await stage.live()
        answer = await ask(stage, "set_mode", mode="shadow")
        assert not answer.ok
        assert "mend them and reload" in answer.message
        assert not policy(stage).shadow

    play(home, scene)


def test_without_the_vault_the_keys_that_were_kept_serve_and_where_these_are_gone_too_only_their_accounts_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with(tmp_path)
    SecretVault(home).store("second", "s")
    entries = (
        f"  - {{account_id: {ACCOUNT}, username: trader, api_key: 'env:KEY'}}\n"
        f"  - {{account_id: {OTHER}, username: second, api_key: 'secret:second'}}\n"
    )
    home.accounts.write_text(f"accounts:\n{entries}", encoding="utf-8")
    live(home)
    for spoiled in (b"{", b"\xff\xfe", b'{"second": "bm8ga2V5"}'):
        home.secrets.write_bytes(spoiled)
        assert sorted(live(home).daemon.pipeline.accounts) == [ACCOUNT, OTHER]
    carry_to_another_machine(home, monkeypatch)
    stage = live(home)
    assert sorted(stage.daemon.pipeline.accounts) == [ACCOUNT]
    assert "COMMITMENT_KEY_GONE" in stage.warnings()
    monkeypatch.delenv("KEY")
    without_either(home)

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: "CONFIGURATION_BROKEN" in stage.warnings())
        assert stage.daemon.pipeline.accounts == {}
        status = stage.daemon.snapshot().daemon
        assert (status.state, status.mode) == ("degraded", "enforce")

    play(home, scene)


def test_the_ports_and_channels_are_those_of_the_last_life(tmp_path: Path) -> None:
    home = first_day(
        tmp_path, "alerts: [{kind: toast, on: [breach]}]\nmetrics: {port: none}\nlogs: {level: warning}\n" + THREE
    )
    before = read_or_held(home, ENVIRON)
    spoil(home)
    after = read_or_held(home, ENVIRON)
    assert after.alerts == before.alerts
    assert after.settings.local_api == before.settings.local_api
    assert after.settings.logs == before.settings.logs


def test_a_start_with_broken_files_leaves_the_record_as_it_was(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    before = home.commitment.read_text(encoding="utf-8")
    spoil(home)
    live(home, days=400, ahead=timedelta(days=5))
    assert home.commitment.read_text(encoding="utf-8") == before
