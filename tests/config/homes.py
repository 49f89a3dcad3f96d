"""Homes for tests: folders with just the files that a test is about."""

from pathlib import Path

from risk_manager.config.configuration import Configuration, load
from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError
from tests.config.rule_examples import KNOWN

ACCOUNTS = """
accounts:
  - account_id: 123456
    username: trader
    api_key: env:KEY
    nickname: Main
  - account_id: 7
    username: trader
    api_key: env:KEY
"""
RULES_FILE = "rules:\n  size_limit: {limit: 5}\n"
ENVIRON = {"KEY": "abc"}


def home_with(
    folder: Path,
    *,
    rules: str | bytes | None = RULES_FILE,
    accounts: str | None = ACCOUNTS,
    holidays: str | None = None,
) -> Home:
    home = Home(folder / "home")
    home.create_folders()
    for path, content in ((home.risk_config, rules), (home.accounts, accounts), (home.holidays, holidays)):
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return home


def loaded(home: Home) -> Configuration:
    return load(home, environ=ENVIRON, known=KNOWN)


def problems_in(home: Home) -> list[str]:
    try:
        loaded(home)
    except ConfigurationRefusedError as refused:
        return [str(problem) for problem in refused.problems]
    return []
