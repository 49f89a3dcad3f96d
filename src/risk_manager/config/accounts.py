"""accounts.yaml: where the venue is, the logins, and the accounts to watch."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from risk_manager.config.document import Document
from risk_manager.config.login_terms import TOPSTEPX, Addresses
from risk_manager.config.problems import Problem, problems_of
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, is_reference, resolve_key
from risk_manager.config.settings import Section

HIDE_COMMAND = "risk-manager hide-keys"
_LARGEST_ACCOUNT_ID = 2**63 - 1


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "ws", "wss"} or not parts.hostname or not _has_port(parts):
        raise ValueError("must be an address such as https://api.topstepx.com")
    return url.rstrip("/")


def _has_port(parts: SplitResult) -> bool:
    """Tell whether the port is one, or none is written."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def written(value: object) -> object:
    """A username or key of digits alone is read as a number; it was meant as text."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Endpoint = Annotated[str, AfterValidator(_endpoint)]
"""An address of the venue, without a slash at its end."""
Written = Annotated[str, BeforeValidator(written), Field(min_length=1)]
"""Text that must not be empty."""


class Gateway(Section):
    """Where the venue is; TopstepX unless said otherwise."""

    api: Endpoint = TOPSTEPX.api
    user_hub: Endpoint = TOPSTEPX.user_hub
    market_hub: Endpoint = TOPSTEPX.market_hub

    @property
    def addresses(self) -> Addresses:
        """The same as a part of what was agreed."""
        return Addresses(self.api, self.user_hub, self.market_hub)


class AccountEntry(Section):
    """One account as it is written down."""

    account_id: Annotated[int, Field(gt=0, le=_LARGEST_ACCOUNT_ID, strict=True)]
    username: Written
    api_key: Written
    nickname: Annotated[str, BeforeValidator(written)] = ""
    enabled: bool = True


class AccountsFile(Section):
    """The whole file."""

    gateway: Gateway = Gateway()
    accounts: Annotated[tuple[AccountEntry, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredAccount:
    """One account with the key of its login (empty: it cannot be had); `enabled` False is listed and left alone."""

    account_id: int
    username: str
    api_key: str = field(repr=False)
    nickname: str = ""
    enabled: bool = True
    key_reference: str = ""
    """How the file names the key (`secret:NAME`, `env:NAME`); empty for one that stands there in the clear."""


@dataclass(slots=True, kw_only=True)
class Accounts:
    """What accounts.yaml says, and what is wrong or odd with it."""

    gateway: Gateway = field(default_factory=Gateway)
    accounts: list[ConfiguredAccount] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    keyless: dict[int, Problem] = field(default_factory=dict)
    """Accounts whose API key cannot be had, and why."""
    listed: set[int] | None = None
    """Ids that are written down, usable or not; None when even that is not known."""


def accounts_of(document: Document, *, vault: SecretVault, environ: Mapping[str, str]) -> Accounts:
    """Read the body of accounts.yaml, keys included."""
    found = Accounts(listed=_listed(document.body))
    body = document.body
    if isinstance(body, dict) and body.get("gateway", "") is None:
        body = {key: value for key, value in body.items() if key != "gateway"}
    try:
        read = AccountsFile.model_validate(body if body is not None else {})
    except ValidationError as error:
        found.problems += problems_of(error, model=AccountsFile, find=document.place)
        found.problems += _doubles(document)
        return found
    found.gateway = read.gateway
    found.problems += _doubles(document)
    found.warnings += _warnings(document, read)
    if not any(entry.enabled for entry in read.accounts):
        found.warnings.append(document.place(("accounts",)).problem("no account is enabled: nothing is watched"))
    for index, entry in enumerate(read.accounts):
        key = ""
        try:
            key = resolve_key(entry.api_key, vault=vault, environ=environ) if entry.enabled else ""
        except SecretUnavailableError as error:
            place = document.place(("accounts", str(index), "api_key"))
            found.keyless[entry.account_id] = place.problem(str(error))
        reference = entry.api_key if is_reference(entry.api_key) else ""
        found.accounts.append(ConfiguredAccount(**{**entry.model_dump(), "api_key": key, "key_reference": reference}))
    return found


def _listed(body: object) -> set[int] | None:
    entries = body.get("accounts") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return None
    ids = [entry.get("account_id") if isinstance(entry, dict) else None for entry in entries]
    whole = {number for number in ids if type(number) is int}
    return whole if all(type(number) is int for number in ids) else None


def _doubles(document: Document) -> list[Problem]:
    """Find accounts that are listed twice, and logins with two keys."""
    entries = document.value(("accounts",))
    problems: list[Problem] = []
    ids: dict[object, int] = {}
    keys: dict[object, object] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            continue
        account_id, username = entry.get("account_id"), str(entry.get("username"))
        place = document.place(("accounts", str(index), "account_id"))
        if account_id is not None and str(account_id) in ids:
            problems.append(place.problem(f"this account is listed twice; first on line {ids[str(account_id)]}"))
        ids.setdefault(str(account_id), place.line or 0)
        if keys.setdefault(username, entry.get("api_key")) != entry.get("api_key"):
            place = document.place(("accounts", str(index), "api_key"))
            problems.append(place.problem(f"another key than before for the same username {username}; a login has one"))
    return problems


def _warnings(document: Document, read: AccountsFile) -> list[Problem]:
    found: list[Problem] = []
    for index, entry in enumerate(read.accounts):
        if not is_reference(entry.api_key):
            place = document.place(("accounts", str(index), "api_key"))
            found.append(place.problem(f"the key stands here in the clear; `{HIDE_COMMAND}` encrypts it"))
    for name in Gateway.model_fields:
        parts = urlsplit(getattr(read.gateway, name))
        if parts.scheme in {"http", "ws"} and not is_loopback(parts.hostname or ""):
            place = document.place(("gateway", name))
            found.append(place.problem("not encrypted on its way: anybody in between can read the key"))
    return found


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, so that nobody is in between."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
