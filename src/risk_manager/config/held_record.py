"""The record of what each account is held to: sealed, so that an edit by hand shows, and kept in two places."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from risk_manager.config.files import Home, expect_a_file, write_privately
from risk_manager.config.login_terms import Addresses, venue_of
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.config.terms import Held
from risk_manager.config.writing import read_held, write_held

_FORM = 1
KEY_PAUSES = (0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts to read a key that somebody has open."""
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeptKey:
    """An API key, encrypted as in the vault, and its fingerprint."""

    mark: str
    sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is held, by venue and account: what was agreed for one venue is not undone by time told by another.

    `revision` counts the times it was written, so that of two copies the later one is known.
    """

    revision: int = 0
    venue: str = ""
    venues: Mapping[str, Mapping[int, Held]] = field(default_factory=dict)
    logins: Mapping[str, KeptKey] = field(default_factory=dict)
    """The API keys of the logins that are held, by username: the files may name another one, or none."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Fingerprints of the secrets of alert channels that stand in the file in the clear, and are kept in the vault."""
    general: Mapping[str, Any] = field(default_factory=dict)
    """What is of no single account, as `general_terms` wrote it: a start with broken files goes by it."""
    unread: tuple[str, ...] = ()
    """In words, what of it could not be understood."""

    def gateway(self, written: Addresses) -> Addresses:
        """Tell where the venue is: where the accounts are held to, if any is, whatever is written."""
        held = self.venues.get(self.venue, {}).values()
        return next((one.terms.gateway for one in held if one.is_proven), written)

    def held_at(self, gateway: Addresses, wanted: frozenset[int]) -> dict[int, Held]:
        """Tell what holds at a venue; at a new one, of the accounts that are wanted there, what held at the last."""
        venue, last = venue_of(gateway.api), self.venues.get(self.venue, {})
        if venue == self.venue:
            return dict(last)
        known = self.venues.get(venue, {})
        found = known or {one: replace(last[one], pending=()) for one in sorted(wanted & last.keys())}
        # whether the logins are taken here is to be seen
        return {
            one: replace(held, terms=replace(held.terms, gateway=gateway), is_proven=False)
            for one, held in found.items()
        }

    def with_held(self, venue: str, held: Mapping[int, Held]) -> "Record":
        """Make the next record."""
        return replace(self, revision=self.revision + 1, venue=venue, venues={**self.venues, venue: dict(held)})


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of the record as it was found; `is_sealed`: nobody has changed it since."""

    record: Record
    is_sealed: bool


def kept_as(name: str) -> str:
    """Name in the vault what stands in the files in the clear: a secret of a channel."""
    return f"held-{name}"


def write_record(record: Record, key: bytes) -> str:
    """Write a record as text, with its seal."""
    body = json.dumps(
        {
            "form": _FORM,
            "revision": record.revision,
            "venue": record.venue,
            "logins": {username: asdict(kept) for username, kept in record.logins.items()},
            "keys": dict(record.keys),
            "general": dict(record.general),
            "venues": {
                venue: {str(account_id): write_held(one) for account_id, one in held.items()}
                for venue, held in record.venues.items()
            },
        },
        sort_keys=True,
    )
    return json.dumps({"seal": seal_of(body, key), "body": json.loads(body)}, indent=1) + "\n"


def read_record(text: str, key: bytes | None) -> Copy | None:
    """Read what `write_record` wrote, with the seal of a key; None where it is nothing of the kind."""
    try:
        found = json.loads(text)
        body = found["body"]
        is_sealed = is_seal(found["seal"], json.dumps(body, sort_keys=True), key)
        unread: list[str] = []
        venues = {
            str(venue): {
                int(one): held for one, written in accounts.items() if (held := _held(written, int(one), unread))
            }
            for venue, accounts in body["venues"].items()
        }
        record = Record(
            revision=int(body["revision"]),
            venue=str(body["venue"]),
            venues=venues,
            logins={str(username): KeptKey(**kept) for username, kept in body.get("logins", {}).items()},
            keys={str(name): str(mark) for name, mark in body["keys"].items()},
            general=dict(body.get("general", {})),
            unread=tuple(unread),
        )
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None
    return Copy(record, is_sealed)


def better(*copies: Copy | None) -> Copy | None:
    """Choose the copy to go by: one whose seal is whole before any other, then the later one."""
    return max(
        (one for one in copies if one is not None), key=lambda one: (one.is_sealed, one.record.revision), default=None
    )


def seal_of(body: str, key: bytes) -> str:
    """Make the seal of a text."""
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()


def is_seal(found: str, body: str, key: bytes | None) -> bool:
    """Tell whether a seal is that of a text; without a key none is."""
    return key is not None and hmac.compare_digest(found, seal_of(body, key))


def seal_key(home: Home) -> bytes | None:
    """Read what the seal is made with; None where it is not there, cannot be read, or is of no use."""
    for pause in (*KEY_PAUSES, None):
        try:
            key = bytes.fromhex(home.commitment_key.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        except OSError:  # somebody has it open for a moment, as a virus scanner does on Windows
            if pause is None:
                return None
            time.sleep(pause)
        else:
            return key if len(key) == _KEY_BYTES else None
    return None  # pragma: no cover - the last turn returns


def seal_key_is_closed(home: Home) -> bool:
    """Tell whether the key of the seal lies there and cannot be read: another one must not take its place."""
    try:
        home.commitment_key.read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def new_seal_key(home: Home) -> bytes:
    """Make the key of the seal; raise `OSError`."""
    key = secrets.token_bytes(_KEY_BYTES)
    write_privately(home.commitment_key, key.hex())
    return key


def read_file(home: Home) -> Copy | None:
    """Read the copy that lies beside the configuration."""
    try:
        expect_a_file(home.commitment)
        return read_record(home.commitment.read_text(encoding="utf-8"), seal_key(home))
    except (OSError, UnicodeDecodeError):
        return None


def _held(written: Mapping[str, object], account_id: int, unread: list[str]) -> Held | None:
    try:
        return read_held(written, account_id)
    except (ConfigurationRefusedError, ValueError, KeyError, TypeError) as error:
        unread.append(f"account {account_id}: {error}")
        return None
