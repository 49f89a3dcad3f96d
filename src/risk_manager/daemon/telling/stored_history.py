"""The enforcements of earlier lives, read from the store in the form in which they were once told."""

from collections.abc import Iterable
from typing import Any

import msgspec

from risk_manager.local_api.frames import Message, remembered
from risk_manager.local_api.messages import EnforcementAction, Envelope
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.journal import Entry, Journal

MOST_STEPS = 300
NEVER_ENDED = "the daemon stopped before TopstepX confirmed it; it was judged anew at the next start"


def stored_history(journal: Journal) -> tuple[Envelope, ...]:
    """Read the latest enforcements, oldest first; nothing where nothing can be read."""
    try:
        entries = journal.enforcements(limit=MOST_STEPS)
    except StoreUnavailableError:
        return ()
    return tuple(remembered(message) for message in told_again(entries))


def told_again(entries: Iterable[Entry]) -> list[Message]:
    """Make one enforcement of the steps of each, in the order in which they began."""
    cases: dict[str, Message] = {}
    for entry in entries:
        case_id = str(entry.body.get("case", ""))
        earlier = cases.get(case_id)
        began = earlier.data.at if earlier is not None and isinstance(earlier.data, EnforcementAction) else entry.at
        action = _action(entry.kind, case_id, entry.body)
        if action is not None:
            cases[case_id] = Message(entry.account_id, msgspec.structs.replace(action, at=began))
    return list(cases.values())


def _action(kind: str, case_id: str, body: Any) -> EnforcementAction | None:
    """Read one step; None for one that another version wrote in words unknown here."""
    never_ended = kind == "started"
    plain = {
        "id": case_id,
        "state": "failed" if never_ended else kind,
        "at": "1970-01-01T00:00:00Z",
        "decisions": body.get("decisions") or [{"rule": rule, "code": ""} for rule in body.get("rules", ())],
        "actions": body.get("actions", ()),
        "first_request_ms": body.get("first_request_ms"),
        "proven_ms": body.get("proven_ms"),
        "past_limit": body.get("past_limit"),
        "detail": NEVER_ENDED if never_ended else body.get("detail", ""),
    }
    try:
        return msgspec.convert(plain, EnforcementAction, strict=False)
    except msgspec.ValidationError:
        return None
