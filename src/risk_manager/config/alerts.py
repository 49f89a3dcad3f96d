"""The `alerts` of risk_config.yaml: who is told of what, over which channel; addresses and tokens are secrets."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from risk_manager.config.accounts import is_loopback, written
from risk_manager.config.document import Document
from risk_manager.config.problems import Problem, problems_of
from risk_manager.config.secrets import SecretUnavailableError, SecretVault, is_reference, resolve_key
from risk_manager.config.settings import Section

_NAME = re.compile(r"[\w .-]{1,40}")
_TOKEN = re.compile(r"\d+:[\w-]+")
_CHAT = re.compile(r"-?\d+|@\w+")


class AlertKind(Enum):
    """What people can be told of."""

    BREACH = "breach"
    LOCK = "lock"
    UNLOCK = "unlock"
    FAILED = "failed"
    BLIND = "blind"
    DAEMON = "daemon"


class ChannelKind(Enum):
    """The ways to tell."""

    WEBHOOK = "webhook"
    DISCORD = "discord"
    SLACK = "slack"
    TELEGRAM = "telegram"
    TOAST = "toast"


_NEEDS: Mapping[ChannelKind, tuple[str, ...]] = {
    ChannelKind.WEBHOOK: ("url",),
    ChannelKind.DISCORD: ("url",),
    ChannelKind.SLACK: ("url",),
    ChannelKind.TELEGRAM: ("token", "chat_id"),
    ChannelKind.TOAST: (),
}
_SECRETS = ("url", "token")


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("must be letters, digits, spaces, points and dashes, 40 at most")
    return name


def _chat(chat_id: str) -> str:
    if not _CHAT.fullmatch(chat_id):
        raise ValueError("must be the number of a chat, or @ and the name of a channel")
    return chat_id


Text = Annotated[str, BeforeValidator(written), Field(min_length=1)]


class AlertEntry(Section):
    """One channel as it is written down."""

    kind: ChannelKind
    name: Annotated[Text, AfterValidator(_name)] | None = None
    url: Annotated[Text | None, Field(repr=False)] = None
    token: Annotated[Text | None, Field(repr=False)] = None
    chat_id: Annotated[Text, AfterValidator(_chat)] | None = None
    on: Annotated[tuple[AlertKind, ...], Field(min_length=1)] = tuple(AlertKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChannel:
    """One channel, ready for use; `name` tells it from the others."""

    kind: ChannelKind
    name: str
    url: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    chat_id: str = ""
    on: frozenset[AlertKind] = frozenset(AlertKind)
    references: Mapping[str, str] = field(default_factory=dict, compare=False)
    """How the file names `url` or `token` (`secret:NAME`, `env:NAME`), where it stands there not in the clear."""

    @property
    def clear_secrets(self) -> dict[str, str]:
        """What stands in the file in the clear, by a name of its own."""
        found = {"url": self.url, "token": self.token}
        return {clear_name(self.name, key): one for key, one in found.items() if one and key not in self.references}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be told."""
        return tuple(secret for secret in (self.url, self.token) if secret)


@dataclass(slots=True)
class AlertChannels:
    """What the section says, and what is wrong or odd with it."""

    channels: list[AlertChannel] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def clear_name(channel: str, key: str) -> str:
    """Name a secret of a channel that stands in the file in the clear."""
    return f"alert {channel} {key}"


def channels_of(document: Document, *, vault: SecretVault, environ: Mapping[str, str]) -> AlertChannels:
    """Read the section out of the body of risk_config.yaml, secrets included; without it nobody is told."""
    found = AlertChannels()
    section = document.value(("alerts",))
    if section is None:
        return found
    if not isinstance(section, list):
        found.problems.append(document.place(("alerts",)).problem("must be a list of channels"))
        return found
    reading = _Reading(document, vault, environ, found)
    for index, body in enumerate(section):
        reading.read(str(index), body)
    return found


@dataclass(slots=True)
class _Reading:
    """One pass over the list."""

    document: Document
    vault: SecretVault
    environ: Mapping[str, str]
    found: AlertChannels
    names: set[str] = field(default_factory=set)

    def read(self, index: str, body: object) -> None:
        """Take one channel in, or say what is wrong with it."""
        try:
            entry = AlertEntry.model_validate(body)
        except ValidationError as error:
            self.found.problems += problems_of(
                error, model=AlertEntry, find=self.document.place, under=("alerts", index)
            )
            return
        problems = [*self._unfitting(index, entry)]
        secrets: dict[str, str] = {}
        for key in _SECRETS:
            value = getattr(entry, key)
            if value is not None and key in _NEEDS[entry.kind]:
                problems += self._fetch(index, key, value, secrets)
        name = entry.name or self._free_name(entry.kind.value)
        if name in self.names:
            problems.append(self._problem(index, "name", "another channel has this name already"))
        self.names.add(name)
        self.found.problems += problems
        if not problems:
            written = {key: str(getattr(entry, key)) for key in secrets}
            channel = AlertChannel(
                kind=entry.kind,
                name=name,
                url=secrets.get("url", ""),
                token=secrets.get("token", ""),
                chat_id=entry.chat_id or "",
                on=frozenset(entry.on),
                references={key: value for key, value in written.items() if is_reference(value)},
            )
            self.found.channels.append(channel)

    def _unfitting(self, index: str, entry: AlertEntry) -> Iterable[Problem]:
        """Name what a channel of this kind lacks, and what it has no use for."""
        needs = _NEEDS[entry.kind]
        given = [key for key in ("url", "token", "chat_id") if getattr(entry, key) is not None]
        missing = [key for key in needs if key not in given]
        if missing:
            yield self.document.place(("alerts", index)).problem(f"{entry.kind.value} needs {' and '.join(missing)}")
        for key in given:
            if key not in needs:
                yield self._problem(index, key, f"is of no use for {entry.kind.value}")

    def _fetch(self, index: str, key: str, value: str, secrets: dict[str, str]) -> Iterable[Problem]:
        try:
            secret = resolve_key(value, vault=self.vault, environ=self.environ)
        except SecretUnavailableError as error:
            yield self._problem(index, key, str(error))
            return
        wrong = _wrong_address(secret) if key == "url" else _wrong_token(secret)
        if wrong:
            yield self._problem(index, key, wrong)
            return
        secrets[key] = secret
        if not is_reference(value):
            advice = "store it with `risk-manager store-key NAME` and write secret:NAME"
            self.found.warnings.append(self._problem(index, key, f"stands here in the clear; {advice}"))
        if key == "url" and secret.startswith("http:") and not is_loopback(urlsplit(secret).hostname or ""):
            self.found.warnings.append(self._problem(index, key, "not encrypted: anybody in between can read along"))

    def _problem(self, index: str, key: str, allowed: str) -> Problem:
        return self.document.place(("alerts", index, key)).problem(allowed)

    def _free_name(self, kind: str) -> str:
        name, number = kind, 1
        while name in self.names:
            number += 1
            name = f"{kind}-{number}"
        return name


def _wrong_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    is_usable = is_usable and url.isprintable() and " " not in url
    return "" if is_usable else "must be an address that begins with https://"


def _wrong_token(token: str) -> str:
    return "" if _TOKEN.fullmatch(token) else "must be the token of a bot, as @BotFather gives it: digits:letters"
