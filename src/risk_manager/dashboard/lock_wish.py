"""The trader's wish to be locked out: for how long, and what the daemon is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from risk_manager.dashboard.wording import moment, zone_of
from risk_manager.local_api.messages import AccountStatus

LENGTHS = (
    ("15 minutes", 15),
    ("30 minutes", 30),
    ("1 hour", 60),
    ("2 hours", 120),
    ("4 hours", 240),
)
"""Lengths to choose from, in minutes; the next reset and any other number come after them."""
UNTIL_RESET, ANOTHER = len(LENGTHS), len(LENGTHS) + 1


@dataclass(frozen=True, slots=True)
class LockWish:
    """For how many minutes; None is until the next reset."""

    minutes: int | None

    def request(self, account: AccountStatus) -> dict[str, Any]:
        """Write it as the daemon is asked."""
        if self.minutes is None:
            return {"account_id": account.id, "until": "reset"}
        return {"account_id": account.id, "seconds": self.minutes * 60}

    def question(self, account: AccountStatus, now: datetime) -> str:
        """Say what will happen, before it does."""
        name = f"{account.nickname} ({account.id})" if account.nickname else str(account.id)
        held = len(account.positions)
        closes = f"Your {held} position{'s are' if held > 1 else ' is'} closed and every" if held else "Every"
        return (
            f"Lock {name} {self._until(account, now)}?\n\n"
            f"{closes} working order\n"
            "is cancelled at once. Whatever is opened until then is\n"
            "closed again. Nothing on this screen ends it earlier."
        )

    def _until(self, account: AccountStatus, now: datetime) -> str:
        zone = zone_of(account.timezone)
        if self.minutes is None:
            reset = account.next_reset
            return "until the next reset" + (f", {moment(reset, zone=zone, now=now)}" if reset else "")
        end = (now + timedelta(minutes=self.minutes)).replace(second=0, microsecond=0)
        return f"for {_words(self.minutes)}, until about {moment(end, zone=zone, now=now)}"


def choices(account: AccountStatus, now: datetime) -> tuple[str, ...]:
    """List what may be chosen."""
    reset = account.next_reset
    when = "" if reset is None else f" ({moment(reset, zone=zone_of(account.timezone), now=now)})"
    return (*(words for words, _ in LENGTHS), f"until the next reset{when}", "another number of minutes")


def _words(minutes: int) -> str:
    known = next((words for words, length in LENGTHS if length == minutes), None)
    return known or f"{minutes} minute{'' if minutes == 1 else 's'}"
