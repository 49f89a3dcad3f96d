"""What every rule has: settings read from YAML, locks, and a measure of how near a limit is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from risk_manager.core.actions import LockMode
from risk_manager.core.events import ContractLearned, PositionUpdated
from risk_manager.core.policy import Policy
from risk_manager.core.rule import AfterBreach, LockoutEnd, Utilization, lockout_text
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from tests.builders import RESET, account_state, after

RULE = MaxContracts(limit=1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (None, LockoutEnd.NONE),
        ("none", LockoutEnd.NONE),
        ("daily_reset", LockoutEnd.DAILY_RESET),
        ("session_start", LockoutEnd.SESSION_START),
        ("permanent", LockoutEnd.PERMANENT),
        ("15m", timedelta(minutes=15)),
        (timedelta(hours=1), timedelta(hours=1)),
    ],
)
def test_a_lockout_is_an_event_or_a_length_of_time(written: object, meant: object) -> None:
    assert MaxContracts.model_validate({"limit": 1, "lockout": written}).lockout == meant


@pytest.mark.parametrize("written", ["for ever", 15, True, ["15m"]])
def test_anything_else_is_no_lockout(written: object) -> None:
    with pytest.raises(ValidationError):
        MaxContracts.model_validate({"limit": 1, "lockout": written})


@pytest.mark.parametrize("written", ["none", "15m", "session_start"])
def test_a_limit_of_the_day_locks_until_the_reset_or_for_good(written: str) -> None:
    with pytest.raises(ValidationError, match="lockout"):
        DailyRealizedLoss.model_validate({"loss_limit": 1, "lockout": written})


@pytest.mark.parametrize(("lockout", "text"), [(LockoutEnd.PERMANENT, "permanent"), (timedelta(minutes=90), "1h30m")])
def test_a_lockout_is_written_as_it_is_read(lockout: LockoutEnd | timedelta, text: str) -> None:
    assert lockout_text(lockout) == text


def test_roots_are_read_without_regard_to_case_and_slash() -> None:
    assert SymbolBlocks.model_validate({"blocked_symbols": [" /es", "mnq"]}).blocked_symbols == ("ES", "MNQ")


@pytest.mark.parametrize("roots", [[""], [7]])
def test_a_root_is_a_word(roots: list[object]) -> None:
    with pytest.raises(ValidationError):
        SymbolBlocks.model_validate({"blocked_symbols": roots})


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValidationError):
        MaxContracts.model_validate({"limit": 1, "limmit": 2})


def test_a_rule_judges_what_triggers_it_and_nothing_else() -> None:
    assert RULE.triggered_by(PositionUpdated)
    assert not RULE.triggered_by(ContractLearned)


def test_a_rule_that_says_nothing_of_time_conditions_sessions_and_use_has_none() -> None:
    rule, state = AuthLossGuard(), account_state()
    assert rule.deadline(state, state.now) is None
    assert rule.conditions(state) is None
    assert rule.next_session_start(state, None) is None
    assert rule.utilization(state) == ()


@pytest.mark.parametrize(
    ("after_breach", "mode"),
    [(AfterBreach.KEEP_POSITIONS, LockMode.NO_NEW_RISK), (AfterBreach.CLOSE_ALL, LockMode.FLAT)],
)
def test_a_cooldown_that_closes_everything_is_a_flat_lock(after_breach: AfterBreach, mode: LockMode) -> None:
    assert after_breach.lock_mode is mode


@pytest.mark.parametrize(
    ("measured", "limit", "ratio"), [(250, 500, "0.5"), (-20, 500, "0"), (0, 0, "0"), (1, 0, "1"), (600, 500, "1.2")]
)
def test_utilization_is_measured_by_limit_and_never_below_nothing(measured: int, limit: int, ratio: str) -> None:
    assert Utilization(measured=Decimal(measured), limit=Decimal(limit)).ratio == Decimal(ratio)


@pytest.mark.parametrize(
    ("lockout", "until"),
    [(LockoutEnd.DAILY_RESET, RESET), (LockoutEnd.PERMANENT, None), (timedelta(minutes=15), after(900))],
)
def test_a_lock_ends_when_the_setting_says(lockout: LockoutEnd | timedelta, until: object) -> None:
    (lock,) = RULE.lock(account_state(), code="C", lockout=lockout, mode=LockMode.FLAT, root="ES")
    assert (lock.until, lock.rule, lock.root) == (until, "max_contracts", "ES")


def test_none_is_no_lock() -> None:
    assert RULE.lock(account_state(), code="C", lockout=LockoutEnd.NONE, mode=LockMode.FLAT) == ()


def test_a_lock_until_the_session_starts_asks_the_rule_that_knows_sessions() -> None:
    hours = {"start": "08:30", "end": "15:00", "timezone": "America/Chicago"}
    own = {"ES": {"start": "12:00", "end": "13:00", "timezone": "America/Chicago"}}
    session = SessionBlockOutside.model_validate({"global_session": hours, "per_instrument_sessions": own})
    state = account_state(policy=Policy(rules=(RULE, session)))

    def until(root: str | None) -> object:
        lock = RULE.lock(state, code="C", lockout=LockoutEnd.SESSION_START, mode=LockMode.FLAT, root=root)
        return lock[0].until

    assert until(None) == until("MNQ") == after(22.5 * 3600)
    assert until("ES") == after(2 * 3600)
    assert RULE.lock(account_state(), code="C", lockout=LockoutEnd.SESSION_START, mode=LockMode.FLAT)[0].until is None
