"""What is of no single account, written down and read again."""

import json
from pathlib import Path

import pytest

from risk_manager.config.alerts import ChannelKind
from risk_manager.config.configuration import Configuration, load, local_api_port
from risk_manager.config.files import Home
from risk_manager.config.general_terms import read_general, write_general
from risk_manager.config.held_record import kept_as
from risk_manager.config.problems import Problem
from risk_manager.config.secrets import SecretVault
from risk_manager.core.rule import RuleMode
from tests.config.homes import ENVIRON, home_with

HOOK, TOKEN = "https://example.com/h00k-0815", "123:t0ken"
RULES = f"""
local_api: {{port: 4711}}
metrics: {{port: 9100}}
logs: {{level: debug}}
alerts:
  - {{kind: webhook, name: phone, url: "{HOOK}", on: [breach]}}
  - {{kind: telegram, token: "env:BOT", chat_id: "-100"}}
  - {{kind: toast}}
rules: {{max_contracts: {{limit: 3}}}}
"""
ENVIRON_TOO = {**ENVIRON, "BOT": TOKEN}
BROKEN = (Problem(file="risk_config.yaml", allowed="broken YAML"),)


def written(home: Home) -> Configuration:
    return load(home, environ=ENVIRON_TOO)


def read(home: Home, configuration: Configuration, environ: dict[str, str] | None = None) -> Configuration:
    general = json.loads(json.dumps(write_general(configuration)))
    return read_general(general, vault=SecretVault(home), environ=environ or ENVIRON_TOO, broken=BROKEN)


def test_addresses_ports_logs_and_channels_are_read_back_as_they_were(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=RULES)
    SecretVault(home).store(kept_as("alert phone url"), HOOK)
    before = written(home)
    after = read(home, before)
    assert (after.gateway, after.alerts) == (before.gateway, before.alerts)
    for section in ("local_api", "metrics", "logs"):
        assert getattr(after.settings, section) == getattr(before.settings, section)
    assert after.broken == BROKEN
    assert after.accounts == ()


def test_no_secret_is_written_down(tmp_path: Path) -> None:
    text = json.dumps(write_general(written(home_with(tmp_path, rules=RULES))))
    assert HOOK not in text
    assert TOKEN not in text
    assert "env:BOT" in text


def test_a_channel_whose_secret_is_gone_is_named_and_the_others_stay(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=RULES)
    after = read(home, written(home))
    assert [one.kind for one in after.alerts] == [ChannelKind.TELEGRAM, ChannelKind.TOAST]
    (problem,) = after.broken[1:]
    assert "held-alert phone url" in str(problem)


def test_who_is_held_decides_the_mode_and_not_what_is_of_nobody(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=RULES)
    assert read(home, written(home)).settings.mode is RuleMode.SHADOW


@pytest.mark.parametrize("general", [{}, {"settings": {}}, {"settings": [], "alerts": [], "gateway": {}}])
def test_what_makes_no_sense_is_refused(tmp_path: Path, general: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_general(general, vault=SecretVault(home_with(tmp_path)), environ={}, broken=BROKEN)


def test_screens_look_where_the_daemon_last_listened_while_the_file_is_broken(tmp_path: Path) -> None:
    home = home_with(tmp_path, rules=RULES)
    general = write_general(written(home))
    home.risk_config.write_text("local_api: {port: 4712}\nrules: {nonsense: {}}\n", encoding="utf-8")
    assert local_api_port(home, kept=lambda: general) == 4712
    home.risk_config.write_text("local_api: {port: {", encoding="utf-8")
    assert local_api_port(home, kept=lambda: general) == 4711
    assert local_api_port(home, kept=dict) == 8765
