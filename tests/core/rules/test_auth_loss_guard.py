"""RULE-010: the permission to trade."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import CancelAll, CloseAll, Lock, LockMode, Unlock, Warn
from risk_manager.core.events import AccountUpdated, AccountVanished, ClockTicked
from risk_manager.core.policy import Policy
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from tests.builders import AT, MNQ, Desk, after, dec, deeds, evidence

GUARD = AuthLossGuard()
WARNING = Warn("NO_WORD_ON_TRADING")


def test_permission_taken_away_flattens_and_locks_until_it_is_given_back() -> None:
    desk = Desk(GUARD)
    close, cancel, lock = deeds(desk.may_trade(can_trade=False, at=0))
    assert (close, cancel) == (CloseAll(), CancelAll())
    assert isinstance(lock, Lock)
    assert (lock.mode, lock.until, lock.root) == (LockMode.FLAT, None, None)
    assert deeds(desk.may_trade(can_trade=True, at=1)) == [Unlock(rule="auth_loss_guard")]
    assert not desk.locks
    assert not desk.may_trade(can_trade=True, at=2)


def test_a_lock_does_not_stop_the_rule_that_could_end_it() -> None:
    desk = Desk(GUARD)
    desk.may_trade(can_trade=False)
    desk.holds(MNQ, 1, at=1)
    assert Unlock(rule="auth_loss_guard") in deeds(desk.may_trade(can_trade=True, at=2))


def test_an_account_restricted_at_the_start_is_judged_with_the_first_picture() -> None:
    desk = Desk(GUARD, can_trade=False)
    assert CloseAll() in deeds(desk.reads(at=1))


@pytest.mark.parametrize("known", [True, False])
def test_no_word_changes_nothing_and_is_told(known: bool) -> None:  # noqa: FBT001 - the venue's own word
    desk = Desk(GUARD)
    desk.may_trade(known)
    assert deeds(desk.may_trade(None, at=1)) == [WARNING]
    assert bool(desk.locks) is not known
    assert not desk.may_trade(None, at=2)


def test_an_unknown_permission_is_neither_a_breach_nor_a_release() -> None:
    desk = Desk(GUARD, can_trade=None)
    assert not desk.reads(at=1)
    assert deeds(desk.may_trade(None, at=2)) == [WARNING]


def test_an_account_that_vanished_counts_as_false_until_the_venue_says_otherwise() -> None:
    desk = Desk(GUARD)
    assert CloseAll() in deeds(desk.hear(AccountVanished(at=AT, account_id=1)))
    desk.hear(AccountUpdated(at=after(1), account_id=1, balance=dec(5)))
    assert desk.locks == {"auth_loss_guard"}
    desk.may_trade(can_trade=True, at=2)
    assert not desk.locks


def test_without_auto_unlock_an_admin_must_end_it() -> None:
    desk = Desk(AuthLossGuard(auto_unlock_on_restore=False))
    desk.may_trade(can_trade=False)
    assert not desk.may_trade(can_trade=True, at=1)
    assert desk.locks
    desk.clears("auth_loss_guard", at=2)
    assert not desk.locks


def test_the_lock_of_strict_mode_outlives_the_permission() -> None:
    desk = Desk(GUARD, policy=Policy(strict=True))
    desk.may_trade(can_trade=False)
    desk.may_trade(can_trade=True, at=1)
    assert [one.code for one in desk.state.lockouts.by_key.values()] == ["STRICT_MODE"]


def test_removing_the_rule_ends_its_lock() -> None:
    desk = Desk(GUARD)
    desk.may_trade(can_trade=False)
    assert deeds(desk.reloads(at=1)) == [Unlock(rule="auth_loss_guard")]


def test_verifying_is_no_busy_loop() -> None:
    assert GUARD.verify_every == timedelta(seconds=60)
    assert AuthLossGuard.model_validate({"verify_every": "1s"})
    with pytest.raises(ValidationError):
        AuthLossGuard.model_validate({"verify_every": "0.5s"})


def test_its_decisions_say_who_decides_and_why() -> None:
    desk = Desk(GUARD)
    name = "auth_loss_guard"
    assert evidence(desk.may_trade(can_trade=False, at=1)) == [(name, "TRADING_NOT_ALLOWED", "", None, None, True)]
    (lock,) = desk.state.lockouts.by_key.values()
    assert (lock.rule, lock.code) == (name, "TRADING_NOT_ALLOWED")
    assert evidence(desk.may_trade(can_trade=True, at=2)) == [(name, "TRADING_ALLOWED_AGAIN", "", None, None, False)]
    assert evidence(desk.may_trade(can_trade=None, at=3)) == [(name, "NO_WORD_ON_TRADING", "", None, None, False)]


def test_while_nobody_has_told_whether_it_may_trade_nothing_is_unlocked() -> None:
    desk = Desk(GUARD, can_trade=None)
    assert not desk.ticks(60)
    assert not GUARD.evaluate(desk.state, ClockTicked(at=after(60)))
