"""What waits to loosen a limit, in the words of the local API and of people."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from risk_manager.config.terms import Held
from risk_manager.local_api.messages import PendingChange


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


def pending_text(one: PendingChange, zone: ZoneInfo) -> str:
    """Tell one in words."""
    change = f"{one.what} {one.old} → {one.new}"
    if one.state == "cancelled":
        return f"{change} was cancelled: {one.old} holds, whatever the files say"
    if one.due_at is None:
        return f"{change} waits until the venue has told the time, and then its time"
    return f"{change} waits until {one.due_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
