"""The last look before a deadline: where only REST tells, a stop may have been placed since it was read."""

from datetime import datetime, timedelta

from risk_manager.daemon.watched import Watched

BEFORE_DEADLINE = 1.0
"""Seconds before a deadline from which on REST is read once more; an answer takes less as a rule."""


def is_near_deadline(watched: Watched, now: datetime) -> bool:
    """Tell whether time alone may soon change what is decided for an account."""
    deadline = watched.engine.next_deadline()
    return deadline is not None and deadline - now <= timedelta(seconds=BEFORE_DEADLINE)
