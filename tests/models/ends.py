"""When a lock ends, from the words of a rule's `lockout` key."""

from datetime import datetime, timedelta

from risk_manager.core.actions import Lock, LockMode
from risk_manager.core.rule import LockoutEnd
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from tests.models.history import History
from tests.models.session_block_outside import next_start

NAMELESS = LockoutEnd.NONE


def end_of(
    lockout: LockoutEnd | timedelta, history: History, *, root: str | None = None, since: datetime | None = None
) -> datetime | None:
    """Tell the end of a lock that begins now, or ran from `since`; None is without an end."""
    begun = since or history.now
    if isinstance(lockout, timedelta):
        return begun + lockout
    if lockout is LockoutEnd.DAILY_RESET:
        return history.day_of(begun)[1]
    if lockout is LockoutEnd.SESSION_START:
        session = next(one for one in history.policy.rules if isinstance(one, SessionBlockOutside))
        return next_start(session, history, root, since=begun)
    return None


def lock_for(
    rule: str, code: str, mode: LockMode, lockout: LockoutEnd | timedelta, history: History, *, root: str | None = None
) -> tuple[Lock, ...]:
    """Make the lock that a rule's `lockout` asks for; nothing for `none`."""
    if lockout is LockoutEnd.NONE:
        return ()
    return (Lock(rule=rule, code=code, mode=mode, until=end_of(lockout, history, root=root), root=root),)
