"""What waits to loosen a limit, in the words of the local API and of people."""

from collections.abc import Iterable

from risk_manager.config.terms import Held
from risk_manager.local_api.pending import PendingChange, pending_text


def pending_changes(held: Held | None) -> tuple[PendingChange, ...]:
    """Word what waits, and what was cancelled."""
    if held is None:
        return ()
    waiting = (
        PendingChange(what=one.change.what, old=one.change.old, new=one.change.new, since=one.since, due_at=one.due_at)
        for one in held.pending
    )
    cancelled = (PendingChange(what=one.what, old=one.old, new=one.new, state="cancelled") for one in held.cancelled)
    return (*waiting, *cancelled)


def pending_lines(account_id: int, held: Held | None) -> Iterable[str]:
    """Tell each in a line, in the time zone of the account's trading day."""
    if held is None:
        return
    zone = held.terms.policy.calendar.zone
    for one in pending_changes(held):
        yield f"account {account_id}: {pending_text(one, zone)}"
