"""A change that would loosen a limit, and waits: as a message, and in words for people."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec


class PendingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that would loosen a limit: the setting, what holds, what is wanted, and when it comes into force.

    `due_at` None: the venue has not told the time yet. `state` is `waiting`, or `cancelled` for one that does not
    come, though the files still ask for it.
    """

    what: str
    old: str
    new: str
    since: datetime | None = None
    due_at: datetime | None = None
    state: Literal["waiting", "cancelled"] = "waiting"


def pending_text(one: PendingChange, zone: ZoneInfo) -> str:
    """Tell what is wanted and when it comes, in the time zone of the account's trading day."""
    change = f"{one.what} {one.old} → {one.new}"
    if one.state == "cancelled":
        return f"{change} was cancelled: {one.old} holds, though the files still ask for {one.new}"
    if one.due_at is None:
        return f"{change} waits until the venue has told the time, and then its time"
    return f"{change} waits until {one.due_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
