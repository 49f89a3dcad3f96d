from pathlib import Path

import pytest

from risk_manager.config.alerts import AlertChannel, AlertKind, ChannelKind
from risk_manager.config.configuration import load
from risk_manager.config.document import parse_document
from risk_manager.config.files import Home
from risk_manager.config.sample import sample_text
from risk_manager.config.secrets import SecretVault
from tests.config.homes import ENVIRON, RULES_FILE, home_with, loaded, problems_in
from tests.config.rule_examples import KNOWN

HOOK = "https://example.com/s3same"
TOKEN = "123456:AAs3same-secret_secret"


def home(folder: Path, *entries: str) -> Home:
    lines = "".join(f"  - {entry}\n" for entry in entries)
    return home_with(folder, rules=f"{RULES_FILE}alerts:\n{lines}")


def problems(folder: Path, *entries: str) -> list[str]:
    return problems_in(home(folder, *entries))


def test_without_the_section_nobody_is_told(tmp_path: Path) -> None:
    assert loaded(home_with(tmp_path)).alerts == ()
    assert problems_in(home_with(tmp_path, rules=f"{RULES_FILE}alerts:\n")) == []


def test_channels_of_every_kind_are_read(tmp_path: Path) -> None:
    made = home(
        tmp_path,
        "{kind: discord, url: 'secret:hook', on: [breach, lock]}",
        "{kind: slack, url: 'env:HOOK'}",
        "{kind: telegram, token: 'env:TOKEN', chat_id: -100}",
        "{kind: webhook, url: 'env:HOOK', name: My server}",
        "{kind: toast}",
        "{kind: toast}",
    )
    SecretVault(made).store("hook", HOOK)
    configuration = load(made, environ=ENVIRON | {"HOOK": HOOK, "TOKEN": TOKEN}, known=KNOWN)
    assert configuration.warnings == ()
    discord, slack, telegram, webhook, toast, another = configuration.alerts
    assert (discord.url, discord.on) == (HOOK, frozenset({AlertKind.BREACH, AlertKind.LOCK}))
    assert slack.on == frozenset(AlertKind)
    assert (telegram.token, telegram.chat_id, telegram.secrets) == (TOKEN, "-100", (TOKEN,))
    assert [webhook.name, toast.name, another.name] == ["My server", "toast", "toast-2"]


def test_a_secret_in_the_clear_works_with_a_warning_that_does_not_repeat_it(tmp_path: Path) -> None:
    configuration = loaded(home(tmp_path, f"{{kind: slack, url: '{HOOK}'}}"))
    assert configuration.alerts[0].url == HOOK
    (warning,) = configuration.warnings
    assert "alerts[0].url: (not shown): stands here in the clear; store it with" in str(warning)


def test_an_address_without_encryption_is_warned_of_but_on_this_machine(tmp_path: Path) -> None:
    configuration = loaded(
        home(tmp_path, "{kind: webhook, url: 'http://a.example'}", "{kind: webhook, url: 'http://[::1]:1'}")
    )
    assert len([one for one in configuration.warnings if "not encrypted" in str(one)]) == 1


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "{kind: telegram}",
        "{kind: toast, url: 'env:KEY'}",
        "{kind: pigeon}",
        "{kind: slack, url: 'secret:gone', on: []}",
        "{kind: slack, url: 'secret:gone', colour: red}",
        "{kind: slack, url: 'secret:gone'}",
    )
    text = "\n".join(found)
    assert "alerts[0]: telegram needs token and chat_id" in text
    assert "alerts[1].url: env:KEY: is of no use for toast" in text
    assert "alerts[2].kind: pigeon: must be 'webhook'" in text
    assert "alerts[3].on: needs at least 1 entry" in text
    assert "alerts[4].colour: (not shown): unknown key" in text
    assert "alerts[5].url: secret:gone: no key is stored under the name gone" in text


@pytest.mark.parametrize(
    "entry",
    [
        "{kind: slack, url: s3same}",
        "{kind: slack, url: 'ftp://s3same'}",
        "{kind: slack, url: 'https://s3same:99999999'}",
        "{kind: slack, url: 'https://s3same/ x'}",
        "{kind: telegram, chat_id: 1, token: 's3same/../x'}",
        "{kind: slack, url: ['s3same']}",
        "{kind: slack, ulr: s3same}",
        "s3same",
    ],
)
def test_a_secret_that_cannot_be_one_is_refused_without_being_shown(tmp_path: Path, entry: str) -> None:
    found = problems(tmp_path, entry)
    assert found
    assert "s3same" not in "".join(found)


def test_two_channels_of_one_name_are_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, "{kind: toast, name: a}", "{kind: toast, name: a}")
    assert "another channel has this name already" in found[0]


@pytest.mark.parametrize(
    "entry", ["{kind: toast, name: 'a|b'}", "{kind: telegram, token: 'env:KEY', chat_id: 'x y'}", "5"]
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, entry: str) -> None:
    assert problems(tmp_path, entry)


def test_the_section_is_a_list_and_of_no_single_account(tmp_path: Path) -> None:
    assert "must be a list" in problems_in(home_with(tmp_path, rules=f"{RULES_FILE}alerts: {{kind: toast}}\n"))[0]
    text = f"{RULES_FILE}overrides: {{7: {{alerts: []}}}}\n"
    assert "unknown key" in problems_in(home_with(tmp_path, rules=text))[0]


def test_no_secret_is_in_what_a_channel_is_written_as() -> None:
    channel = AlertChannel(kind=ChannelKind.TELEGRAM, name="a", url=HOOK, token=TOKEN, chat_id="1")
    assert "s3same" not in repr(channel)


def test_the_sample_of_channels_is_accepted_once_it_is_no_comment(tmp_path: Path) -> None:
    lines = sample_text("risk_config.yaml").splitlines()
    start = lines.index("# alerts:")
    text = "\n".join(line.removeprefix("# ") for line in lines[start : start + 4])
    assert parse_document(text, name="f").problems == []
    made = home_with(tmp_path, rules=f"{RULES_FILE}{text}\n")
    SecretVault(made).store("discord", HOOK)
    SecretVault(made).store("telegram", TOKEN)
    assert [channel.name for channel in loaded(made).alerts] == ["discord", "telegram", "toast"]
