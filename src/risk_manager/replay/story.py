"""A story as its YAML file tells it: a configuration, what happened, and every plan expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from risk_manager.config.document import Document, read_document
from risk_manager.core.model.contract import code_of_id
from risk_manager.core.model.duration import parse_duration
from risk_manager.core.model.product import BY_ROOT
from risk_manager.replay.form import faults_of

_FRONT_MONTH = "U26"


class StoryUnreadableError(Exception):
    """A story that cannot be played; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened: `kind` is the event's name in the story, `fields` what it says."""

    at: datetime
    account_id: int
    kind: str
    fields: Mapping[str, Any]
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story; `expect` None when it does not say what should come of it."""

    path: Path
    about: str
    start: datetime
    config: Mapping[str, Any]
    holidays: Sequence[Any]
    accounts: Sequence[Mapping[str, Any]]
    happenings: Sequence[Happening]
    expect: Sequence[Mapping[str, Any]] | None


def read_story(path: Path) -> Story:
    """Read a story; raise `StoryUnreadableError` for one that does not follow the form."""
    document = read_document(path, name=str(path))
    if document.problems:
        raise StoryUnreadableError("\n".join(str(problem) for problem in document.problems))
    if faults := faults_of(document):
        raise StoryUnreadableError("\n".join(faults))
    body = document.body
    start = instant(body.get("start"), None, path)
    return Story(
        path=path,
        about=str(body.get("about", "")),
        start=start,
        config=body.get("config") or {},
        holidays=body.get("holidays") or [],
        accounts=body.get("accounts") or [{"id": 1}],
        happenings=[_happening(document, index, start) for index in range(len(body.get("events") or []))],
        expect=body.get("expect"),
    )


def _happening(document: Document, index: int, start: datetime) -> Happening:
    raw = document.body["events"][index]
    line = document.place(("events", str(index))).line
    where = f"{document.file}:{line}"
    kind = next((key for key in raw if key not in {"at", "account"}), "account")
    fields = raw[kind] or {}
    number = raw.get("account", 1)
    account_id = int(fields.get("id", 1)) if isinstance(number, dict) else int(number)
    at = instant(raw.get("at"), start, where)
    return Happening(at=at, account_id=account_id, kind=kind, fields=fields, line=line)


def instant(value: object, start: datetime | None, where: object) -> datetime:
    """Read an offset from the story's start (`+90s`) or an ISO instant; the result is UTC."""
    text = str(value).strip()
    try:
        if text.startswith("+") and start is not None:
            return start + parse_duration(text[1:])
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise StoryUnreadableError(f"{where}: {text!r} is no instant: {error}") from error
    if parsed.tzinfo is None:
        raise StoryUnreadableError(f"{where}: {text!r} has no offset from UTC")
    return parsed.astimezone(UTC)


def contract_id(name: object) -> str:
    """Read `MNQ` (its front month), `MNQ.Z26` or a full id."""
    text = str(name)
    if text.startswith("CON."):
        return text
    root, _, month = text.partition(".")
    product = BY_ROOT.get(root)
    code = product.code if product else code_of_id(root)
    return f"CON.F.US.{code}.{month or _FRONT_MONTH}"


def decimal_or_none(value: object) -> Decimal | None:
    """Read a number exactly as it is written; None where there is none."""
    return None if value is None else Decimal(str(value))
