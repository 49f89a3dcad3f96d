from datetime import datetime, timedelta

from risk_manager.core.engine import Engine
from risk_manager.core.events import LockCleared
from risk_manager.core.policy import Policy
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.lock_changes import Cause, LockChanges
from tests.builders import lock
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.virtual_time import START

SOON, LATER = START + timedelta(minutes=1), START + timedelta(minutes=9)


def account() -> AccountState:
    return Engine({ACCOUNT: Policy()}, at=START).state.accounts[ACCOUNT]


def put(state: AccountState, rule: str, until: datetime | None) -> None:
    state.lockouts.put(lock(rule, until=until), now=START, reason="why", ceilings={})


def told(
    changes: LockChanges, state: AccountState, now: datetime = START
) -> list[tuple[str, datetime | None, Cause | None]]:
    return [(one.lock.rule, one.lock.until, one.ended) for one in changes.since_told(state, now=now)]


def test_a_lock_is_told_once_and_again_when_it_is_lengthened() -> None:
    state, changes = account(), LockChanges()
    put(state, "a", SOON)
    assert told(changes, state) == [("a", SOON, None)]
    assert told(changes, state) == []
    put(state, "a", LATER)
    assert told(changes, state) == [("a", LATER, None)]


def test_its_end_is_told_with_what_ended_it() -> None:
    state, changes = account(), LockChanges()
    for rule, until in (("a", SOON), ("b", LATER), ("c", None)):
        put(state, rule, until)
    changes.since_told(state, now=START)
    state.lockouts.by_key.clear()
    changes.hear(LockCleared(at=START, account_id=ACCOUNT, rule="b"))
    assert told(changes, state, now=SOON) == [
        ("a", SOON, Cause.EXPIRED),
        ("b", LATER, Cause.ADMIN),
        ("c", None, Cause.RULE),
    ]


def test_what_an_admin_has_cleared_once_may_end_by_itself_the_next_time() -> None:
    state, changes = account(), LockChanges()
    changes.hear(LockCleared(at=START, account_id=ACCOUNT, rule="a"))
    put(state, "a", SOON)
    changes.since_told(state, now=START)
    state.lockouts.by_key.clear()
    assert told(changes, state, now=SOON) == [("a", SOON, Cause.EXPIRED)]


def test_restored_locks_are_known_and_what_was_told_of_is_not_taken_for_restored() -> None:
    state, changes = account(), LockChanges()
    put(state, "a", None)
    changes.remember(state)
    assert told(changes, state) == []
    put(state, "b", None)
    changes.remember(state)
    assert told(changes, state) == [("b", None, None)]
