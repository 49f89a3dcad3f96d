"""All of a home's configuration, read together."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from risk_manager.config.accounts import ConfiguredAccount, Gateway, accounts_of
from risk_manager.config.alerts import AlertChannel, channels_of
from risk_manager.config.document import Document, parse_document, read_document
from risk_manager.config.files import Home, may_be_there
from risk_manager.config.holidays import holidays_of
from risk_manager.config.login_terms import login_of
from risk_manager.config.policies import judge, terms_of, unknown_overrides
from risk_manager.config.problems import ConfigurationRefusedError, Problem
from risk_manager.config.secrets import SecretVault
from risk_manager.config.settings import AccountSettings, LocalApiSettings, Settings
from risk_manager.config.terms import Route, Terms
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.rules import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What holds; `policies` and `account_settings` are those of the enabled accounts."""

    gateway: Gateway
    accounts: tuple[ConfiguredAccount, ...]
    settings: Settings
    account_settings: Mapping[int, AccountSettings]
    policies: Mapping[int, Policy]
    alerts: tuple[AlertChannel, ...] = ()
    keyless: Mapping[int, Problem] = field(default_factory=dict)
    """Enabled accounts whose API key cannot be had, and why."""
    warnings: tuple[Problem, ...] = ()
    broken: tuple[Problem, ...] = ()
    """What is wrong with the files, where this is not what they say but what was last in force."""
    still_named: tuple[ConfiguredAccount, ...] = ()
    """Accounts of an accounts.yaml that is whole, where other files are broken: nothing but their keys serves."""

    @property
    def terms(self) -> dict[int, Terms]:
        """What each enabled account would be held to, if nothing had to wait."""
        return {one.account_id: self._terms(one) for one in self.enabled_accounts}

    @property
    def enabled_accounts(self) -> tuple[ConfiguredAccount, ...]:
        """The accounts to watch."""
        return tuple(account for account in self.accounts if account.enabled)

    def _terms(self, account: ConfiguredAccount) -> Terms:
        terms = terms_of(self.policies[account.account_id], self.account_settings[account.account_id])
        return replace(
            terms,
            login=login_of(account.username, account.api_key),
            gateway=self.gateway.addresses,
            route=Route(account.nickname, account.key_reference),
        )


def load(
    home: Home,
    *,
    environ: Mapping[str, str] = os.environ,
    known: tuple[type[Rule], ...] = RULES,
    instead: Mapping[Path, str] = MappingProxyType({}),
) -> Configuration:
    """Read and check everything; raise `ConfigurationRefusedError` with all problems of all files.

    `instead` holds texts to be read in place of files, to see what they would mean.
    """
    read, problems = _read(home, environ, known, instead)
    missing = () if read is None else read.keyless.values()
    if read is None or missing:
        raise ConfigurationRefusedError(_in_order([*problems, *missing]))
    return read


def load_what_is_there(home: Home, *, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Read as `load` does, but for API keys that cannot be had: those are left empty, and their accounts `keyless`."""
    read, problems = _read(home, environ, RULES, {})
    if read is None:
        raise ConfigurationRefusedError(_in_order(problems))
    return read


def named_accounts(home: Home, *, environ: Mapping[str, str]) -> tuple[ConfiguredAccount, ...]:
    """Read the accounts that accounts.yaml names, whatever is wrong with the other files; none where it is broken."""
    document = read_document(home.accounts, name=home.accounts.name)
    found = accounts_of(document, vault=SecretVault(home), environ=environ)
    return () if document.problems or found.problems else tuple(one for one in found.accounts if one.enabled)


def _read(
    home: Home, environ: Mapping[str, str], known: tuple[type[Rule], ...], instead: Mapping[Path, str]
) -> tuple[Configuration | None, list[Problem]]:
    """Read all files; with problems other than missing keys there is no configuration."""
    accounts_file = _document(home.accounts, instead)
    rules_file = _document(home.risk_config, instead)
    holidays_file = _optional(home)
    problems = [*_unusable(accounts_file, rules_file), *holidays_file.problems]
    accounts = accounts_of(accounts_file, vault=SecretVault(home), environ=environ)
    holidays, wrong_holidays = holidays_of(holidays_file)
    enabled = [account.account_id for account in accounts.accounts if account.enabled]
    # overrides are read for every account that is written down: all problems at once, also where a key is missing
    named = accounts.listed if accounts.listed is not None else _overridden(rules_file)
    judged = judge(rules_file, holidays, account_ids=sorted(named), known=known)
    if accounts_file.body is not None:
        problems += accounts.problems
    if accounts.listed is not None:
        problems += unknown_overrides(rules_file, accounts.listed)
    alerts = channels_of(rules_file, vault=SecretVault(home), environ=environ)
    problems += [*wrong_holidays, *judged.problems, *alerts.problems]
    if problems:
        return None, [*problems, *(accounts.keyless.values() if accounts_file.body is not None else ())]
    configuration = Configuration(
        gateway=accounts.gateway,
        accounts=tuple(accounts.accounts),
        settings=judged.settings,
        account_settings={account_id: judged.account_settings[account_id] for account_id in enabled},
        policies={account_id: judged.policies[account_id] for account_id in enabled},
        alerts=tuple(alerts.channels),
        keyless=accounts.keyless,
        warnings=(*accounts.warnings, *judged.warnings, *alerts.warnings, *_idle(rules_file, judged.policies, enabled)),
    )
    return configuration, []


def _document(path: Path, instead: Mapping[Path, str]) -> Document:
    if path in instead:
        return parse_document(instead[path], name=path.name)
    return read_document(path, name=path.name)


def local_api_port(home: Home, *, kept: Callable[[], Mapping[str, object]]) -> int:
    """Find where the daemon of a home listens: by the file, by what was last in force, or the default port."""
    return known_port(home, kept=kept) or LocalApiSettings().port


def known_port(home: Home, *, kept: Callable[[], Mapping[str, object]]) -> int | None:
    """Find where the daemon of a home listens; None where neither the file nor what was last in force can be read."""
    document = read_document(home.risk_config, name="risk_config.yaml")
    if isinstance(document.body, dict):
        with suppress(ValidationError):
            return _port(document.value(("local_api",)))
    settings = kept().get("settings")
    if isinstance(settings, dict):
        with suppress(ValidationError):
            return _port(settings.get("local_api"))
    return None


def _port(section: object) -> int:
    return LocalApiSettings.model_validate({} if section is None else section).port


def _optional(home: Home) -> Document:
    """Without a holidays.yaml there are no holidays."""
    if may_be_there(home.holidays):
        return read_document(home.holidays, name="holidays.yaml")
    return Document("holidays.yaml")


def _unusable(*documents: Document) -> Iterator[Problem]:
    for document in documents:
        yield from document.problems
        if document.body is None and not document.problems:
            yield document.place(()).problem("the file is empty; `risk-manager init` in a new home writes a sample")


def _overridden(document: Document) -> list[int]:
    overrides = document.value(("overrides",))
    return [key for key in overrides if type(key) is int] if isinstance(overrides, dict) else []


def _idle(document: Document, policies: Mapping[int, Policy], enabled: Iterable[int]) -> Iterator[Problem]:
    for account_id in enabled:
        if not policies[account_id].rules:
            yield document.place(("rules",)).problem(f"no rule is enabled for account {account_id}")


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by file and line; of one value only the first complaint, which the others follow from."""
    first: dict[tuple[str, int | None, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.file, problem.line, problem.key), problem)
    return sorted(first.values(), key=lambda problem: (problem.file, problem.line or 0))
