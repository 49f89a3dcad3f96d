"""What waits for an account, for screens."""

from datetime import UTC, datetime

from risk_manager.config.terms import Change, Held, Pending, Terms
from risk_manager.core.policy import Policy
from risk_manager.daemon.commitment.pending_view import pending_changes, pending_lines
from risk_manager.local_api.pending import PendingChange

AT = datetime(2026, 3, 10, 15, tzinfo=UTC)
HELD = Held(Terms(policy=Policy()), (Pending(Change("mode", "enforce", "shadow"), AT, AT),), (Change("a", "1", "2"),))


def test_what_waits_and_what_was_cancelled_are_told_apart() -> None:
    assert pending_changes(HELD) == (
        PendingChange(what="mode", old="enforce", new="shadow", since=AT, due_at=AT),
        PendingChange(what="a", old="1", new="2", state="cancelled"),
    )


def test_each_is_a_line_with_its_account() -> None:
    first, second = pending_lines(7, HELD)
    assert first == "account 7: mode enforce → shadow waits until 2026-03-10 10:00 CDT"
    assert second.startswith("account 7: a 1 → 2 was cancelled")


def test_of_an_account_that_is_not_held_there_is_nothing_to_tell() -> None:
    assert pending_changes(None) == ()
    assert list(pending_lines(7, None)) == []
