"""What the journal is told of commitments: each change of what holds, of what waits, and of what waits no more."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from risk_manager.config.terms import Change, Held
from risk_manager.config.writing import differences

Body = dict[str, str]


class Note(Protocol):
    """Journals something that happened."""

    def __call__(self, kind: str, body: object, *, account_id: int | None = None) -> None:
        """Journal it."""


def notes(before: Mapping[int, Held], after: Mapping[int, Held]) -> Iterator[tuple[int, Body]]:
    """Word all that is another than before, by account."""
    for account_id in sorted(before.keys() | after.keys()):
        for body in _notes_of(before.get(account_id), after.get(account_id)):
            yield account_id, body


def note(state: str, change: Change, due_at: datetime | None = None) -> Body:
    """Word one change."""
    body = {"state": state, "what": change.what, "old": change.old, "new": change.new}
    if due_at is not None:
        body["due_at"] = due_at.isoformat()
    return body


def _notes_of(before: Held | None, after: Held | None) -> Iterator[Body]:
    if before == after:
        return
    if before is None or after is None:
        yield {"state": "left alone" if after is None else "held"}
        return
    changed = list(differences(before.terms, after.terms))
    for change in changed:
        yield note("in force", change)
    if after.is_proven and not before.is_proven:
        yield {"state": "proven", "what": "login", "new": str(after.terms.login), "gateway": str(after.terms.gateway)}
    waited = {one.change for one in before.pending}
    for one in after.pending:
        if one.change not in waited:
            yield note("waits", one.change, one.due_at)
    over = waited - {one.change for one in after.pending} - set(after.cancelled)
    # of a list or a section the journal names the entries that have changed
    names = {change.what for change in changed} | {change.what.rpartition(".")[0] for change in changed}
    for change in sorted(over, key=str):
        if change.what not in names:
            yield note("taken back", change)
