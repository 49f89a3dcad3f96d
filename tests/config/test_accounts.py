from pathlib import Path

import pytest

from tests.config.homes import home_with, loaded, problems_in

ENTRY = "  - {account_id: 1, username: a, api_key: env:KEY}\n"


def complaints(folder: Path, text: str) -> list[str]:
    return [problem.removeprefix("accounts.yaml:") for problem in problems_in(home_with(folder, accounts=text))]


def test_an_account_listed_twice_is_named_with_both_lines(tmp_path: Path) -> None:
    assert complaints(tmp_path, f"accounts:\n{ENTRY}{ENTRY}") == [
        "3: accounts[1].account_id: 1: this account is listed twice; first on line 2"
    ]


def test_one_login_has_one_key(tmp_path: Path) -> None:
    second = ENTRY.replace("id: 1", "id: 2").replace("env:KEY", "qwertz")
    assert complaints(tmp_path, f"accounts:\n{ENTRY}{second}") == [
        "3: accounts[1].api_key: (not shown): another key than before for the same username a; a login has one"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accounts:\n  - {account_id: 1, username: '  ', api_key: env:KEY}\n", "2: accounts[0].username:   : must not"),
        ("accounts: []\n", "1: accounts: needs at least 1 entry"),
        ("gateway: {}\n", "1: accounts is required"),
        ("[]\n", "1: must be"),
        ("accounts:\n  - 5\n", "2: accounts[0]: (not shown): must be"),
        ("accounts:\n  - {account_id: 1.5, username: a, api_key: env:KEY}\n",
         "2: accounts[0].account_id: 1.5: must be"),
        ("accounts:\n  - {account_id: 0, username: a, api_key: env:KEY}\n", "2: accounts[0].account_id: 0: must be"),
        ("accounts:\n  - {account_id: 1, username: a}\n", "2: accounts[0]: api_key is required"),
        ("accounts:\n  - {account_id: 1, username: a, api_key: env:NONE}\n",
         "2: accounts[0].api_key: env:NONE: the environment variable NONE is not set"),
        ("accounts:\n  - {account_id: 1, username: a, api_key: secret:x}\n",
         "2: accounts[0].api_key: secret:x: no key is stored under the name x; store it with `risk-manager store-"),
        (f"gateway: {{api: topstep}}\naccounts:\n{ENTRY}", "1: gateway.api: topstep: must be an address"),
        (f"gateway: {{url: 'http://x'}}\naccounts:\n{ENTRY}", "1: gateway.url: http://x: unknown key"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_one_problem_on_its_line(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = complaints(tmp_path, text)
    assert problem.startswith(said)


def test_a_key_in_the_clear_works_and_the_warning_names_the_remedy_but_not_the_key(tmp_path: Path) -> None:
    configuration = loaded(home_with(tmp_path, accounts=f"accounts:\n{ENTRY.replace('env:KEY', 'qwertz')}"))
    assert configuration.accounts[0].api_key == "qwertz"
    (warning,) = configuration.warnings
    assert "`risk-manager hide-keys`" in str(warning)
    assert "qwertz" not in f"{warning} {configuration.accounts}"


def test_numbers_for_names_are_taken_as_text(tmp_path: Path) -> None:
    text = "accounts:\n  - {account_id: 1, username: 4711, api_key: env:KEY, nickname: 50}\n"
    account = loaded(home_with(tmp_path, accounts=text)).accounts[0]
    assert (account.username, account.nickname) == ("4711", "50")


def test_the_gateway_may_be_elsewhere(tmp_path: Path) -> None:
    text = f"gateway: {{api: 'http://127.0.0.1:9000/', user_hub: 'ws://[::1]:9000/hubs/user'}}\naccounts:\n{ENTRY}"
    configuration = loaded(home_with(tmp_path, accounts=text))
    assert configuration.gateway.api == "http://127.0.0.1:9000"
    assert configuration.gateway.market_hub == "https://rtc.topstepx.com/hubs/market"
    assert configuration.warnings == ()


@pytest.mark.parametrize("port", ["abc", "99999", "0", "-1"])
def test_a_gateway_at_a_port_that_is_none_is_a_problem_and_no_traceback(tmp_path: Path, port: str) -> None:
    text = f"gateway: {{api: 'https://api.topstepx.com:{port}'}}\naccounts:\n{ENTRY}"
    (problem,) = complaints(tmp_path, text)
    assert problem.startswith("1: gateway.api: ")


def test_a_gateway_without_encryption_is_warned_of(tmp_path: Path) -> None:
    text = f"gateway: {{api: 'http://example.com'}}\naccounts:\n{ENTRY}"
    (warning,) = loaded(home_with(tmp_path, accounts=text)).warnings
    assert "not encrypted" in warning.allowed
