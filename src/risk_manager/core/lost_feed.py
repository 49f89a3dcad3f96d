"""An account that nobody sees: what it holds is closed once that has lasted as long as it may."""

from collections.abc import Sequence
from datetime import datetime

from risk_manager.core.actions import CancelAll, CloseAll
from risk_manager.core.decisions import Decision
from risk_manager.core.state.account import AccountState

FEED_LOST = "feed_lost"
"""The name under which it is closed."""


def blind_until(state: AccountState) -> datetime | None:
    """Tell until when nothing comes of it; None while the account is seen, or where nothing ever does."""
    blind_since, flatten_after = state.memory.blind_since, state.policy.flatten_after
    return None if blind_since is None or flatten_after is None else blind_since + flatten_after


def tell_lost(state: AccountState) -> Sequence[Decision]:
    """Close what is held since then."""
    until = blind_until(state)
    if until is None or until > state.now or not state.holdings:
        return ()
    seconds = int((state.now - (state.memory.blind_since or until)).total_seconds())
    actions, shadow = (CloseAll(), CancelAll()), state.policy.shadow
    return [Decision(rule=FEED_LOST, code="FEED_LOST", measured=seconds, actions=actions, shadow=shadow)]
