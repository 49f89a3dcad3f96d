"""A change that waits, in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from risk_manager.local_api.pending import PendingChange, pending_text

CHICAGO = ZoneInfo("America/Chicago")


def test_a_change_is_told_with_the_moment_at_which_it_comes() -> None:
    due = datetime(2026, 3, 10, 22, tzinfo=UTC)
    change = PendingChange(what="max_contracts.limit", old="3", new="5", due_at=due)
    assert pending_text(change, CHICAGO) == "max_contracts.limit 3 → 5 waits until 2026-03-10 17:00 CDT"


def test_before_the_time_is_known_no_moment_is_told() -> None:
    change = PendingChange(what="mode", old="enforce", new="shadow")
    assert "until the venue has told the time" in pending_text(change, CHICAGO)


def test_a_cancelled_change_is_told_with_what_holds() -> None:
    change = PendingChange(what="mode", old="enforce", new="shadow", state="cancelled")
    told = "mode enforce → shadow was cancelled: enforce holds, though the files still ask for shadow"
    assert pending_text(change, CHICAGO) == told
