from datetime import UTC, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from risk_manager.alerts import wording
from risk_manager.alerts.alert import Alert
from risk_manager.config.alerts import AlertKind
from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
    LockMode,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
    Warn,
)
from risk_manager.core.decisions import Decision
from risk_manager.core.model.order import OrderSide
from risk_manager.core.state.lockouts import Lockout
from tests.alerts.post_office import START

MAIN = wording.Told(123456, "Main", ZoneInfo("America/Chicago"))
ES = "CON.F.US.EP.U26"
RESET = START + timedelta(hours=8)
LOSS = Decision(
    rule="daily_realized_loss",
    code="DAILY_REALIZED_LOSS_REACHED",
    actions=(),
    measured=Decimal("512.5"),
    limit=Decimal(500),
)
LOCK = Lockout(
    rule="daily_realized_loss",
    code="DAILY_REALIZED_LOSS_REACHED",
    mode=LockMode.FLAT,
    root=None,
    since=START,
    until=RESET,
)


def breached(*actions: Action, decision: Decision = LOSS, shadow: bool = False) -> Alert:
    return wording.breach(MAIN, decision, actions, at=START, shadow=shadow)


def test_a_breach_tells_account_rule_numbers_deeds_and_until_when() -> None:
    lock = Lock(rule=LOSS.rule, code=LOSS.code, mode=LockMode.FLAT, until=RESET)
    told = breached(CloseAll(), CancelAll(), lock)
    assert told.title == "Main: daily realized loss breached"
    assert told.text.splitlines() == [
        "Daily realized loss reached: $512.50, limit $500.00",
        "Done: close everything; cancel all orders; lock account (no trading) until 2026-08-20 17:00:00 CDT",
        "2026-08-20 09:00:00 CDT",
    ]
    assert (told.kind, told.account_id, told.account) == (AlertKind.BREACH, 123456, "Main")


def test_a_count_is_no_money_and_a_contract_has_its_traders_name() -> None:
    decision = Decision(
        rule="max_contracts_per_instrument", code="TOO_MANY", actions=(), subject=ES, measured=3, limit=2
    )
    assert "Too many (ES): 3, limit 2\nDone: reduce ES to 2" in breached(Reduce(ES, 2), decision=decision).text


def test_in_shadow_mode_it_says_that_nothing_is_done() -> None:
    assert "nothing is done (it would be: close everything)" in breached(CloseAll(), shadow=True).text


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Close(ES), "close ES"),
        (Cancel(7), "cancel order 7"),
        (CancelSymbol("ES"), "cancel orders in ES"),
        (Resize(7, 1), "resize order 7 to 1"),
        (PlaceStop(contract_id=ES, side=OrderSide.SELL, size=1, stop=Decimal(6000)), "place a stop for ES at 6000"),
        (MoveStop(order_id=7, stop=Decimal(6001)), "move stop 7 to 6001"),
        (Warn("X"), "nothing is left to do"),
    ],
)
def test_every_deed_has_words(action: Action, words: str) -> None:
    assert f"Done: {words}\n" in breached(action).text


def test_a_lock_tells_by_whom_and_until_when_and_its_end_tells_why() -> None:
    locked = wording.locked(MAIN, LOCK, at=START)
    assert locked.title == "Main: account locked"
    assert "By daily realized loss: no trading until 2026-08-20 17:00:00 CDT." in locked.text
    ended = wording.unlocked(MAIN, LOCK, at=RESET, cause="its time is over")
    assert ended.title == "Main: account unlocked"
    assert "The lock of daily realized loss has ended: its time is over." in ended.text
    assert locked.fold != ended.fold


def test_a_lock_by_hand_and_without_end() -> None:
    lock = Lockout(rule="admin", code="LOCKED_BY_HAND", mode=LockMode.NO_NEW_RISK, root="ES", since=START, until=None)
    told = wording.locked(wording.Told(7, "", UTC), lock, at=START)
    assert told.title == "7: ES locked"
    assert "By an admin: no new risk until it is ended by hand." in told.text


def test_a_failure_says_what_is_open_and_its_end_is_told() -> None:
    failed = wording.not_enforced(MAIN, [LOSS.rule, LOSS.rule], at=START, detail="the venue refuses")
    assert failed.text.startswith("daily realized loss: the venue refuses\nThe daemon keeps trying.")
    assert "look at the account NOW" in failed.title
    assert wording.enforced_after_all(MAIN, [], at=START).text.startswith("a lock: proven")


def test_alarms_of_the_daemon_and_of_accounts() -> None:
    own = wording.trouble(None, "STORE_FAILED", "disk full", kind=AlertKind.DAEMON, at=START)
    assert (own.title, own.text, own.account_id) == ("Risk manager: Store failed", "disk full", 0)
    of_account = wording.trouble(MAIN, "BLIND_WITH_EXPOSURE", "…", kind=AlertKind.BLIND, at=START)
    assert of_account.title == "Main: Blind with exposure"
    assert wording.sees_again(MAIN, at=START).kind is AlertKind.BLIND


def test_a_start_says_since_when_nothing_was_enforced() -> None:
    first = wording.started(at=START, accounts=2, stopped_at=None, heard_at=None)
    assert first.text.startswith("It watches 2 account(s).")
    an_hour_ago = START - timedelta(hours=1)
    stopped = wording.started(at=START, accounts=2, stopped_at=an_hour_ago, heard_at=an_hour_ago)
    assert stopped.text.startswith("Stopped since 2026-08-20 13:00:00 UTC, for 1h.")
    died = wording.started(at=START, accounts=2, stopped_at=None, heard_at=an_hour_ago)
    assert died.title == "Risk manager: was down, is up again"
    assert "last heard of at 2026-08-20 13:00:00 UTC, 1h ago" in died.text


def test_a_stop_and_a_sleep_are_told() -> None:
    assert "Nothing is enforced until" in wording.stopped(at=START).text
    assert "for 1m30s" in wording.slept(at=START, seconds=90.4).text
