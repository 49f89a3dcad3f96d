"""What a rule is, and the settings that all of them share."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import TypeAdapter, ValidationError

from risk_manager.core.actions import LockMode
from risk_manager.core.decisions import Decision
from risk_manager.core.events import ClockTicked, Event, QuoteUpdated
from risk_manager.core.policy import Policy
from risk_manager.core.rule import (
    EACH_ROOT_ONCE,
    LONGER_LOCK,
    AfterBreach,
    DayLockout,
    Lockout,
    LockoutEnd,
    Measures,
    Root,
    Rule,
    RuleMode,
    Utilization,
)
from risk_manager.core.rules import RULES
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from risk_manager.core.state.account import AccountState
from tests.builders import AT, RESET, account_state, after, dec


class Silent(Rule):
    name: ClassVar[str] = "silent"
    triggers: ClassVar[tuple[type[Event], ...]] = (ClockTicked,)
    codes: ClassVar[tuple[str, ...]] = ()

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        del state, event
        return ()


def test_a_rule_times_nothing_and_knows_no_sessions_unless_it_says_so() -> None:
    rule, state = Silent(), account_state()
    assert rule.conditions(state) is None
    assert rule.deadline(state, AT) is None
    assert rule.next_session_start(state, None) is None
    assert rule.looks_back == timedelta(0)
    assert rule.utilization(state) == ()
    assert not rule.evaluate(state, ClockTicked(at=AT))


def test_a_rule_judges_on_its_triggers() -> None:
    assert Silent().triggered_by(ClockTicked)
    assert not Silent().triggered_by(QuoteUpdated)


def test_a_rule_is_on_and_enforced_unless_told_otherwise() -> None:
    assert (Silent().enabled, Silent().mode) == (True, RuleMode.ENFORCE)
    assert Silent().setting("mode") is RuleMode.ENFORCE
    with pytest.raises(ValidationError, match="extra"):
        Silent.model_validate({"unknown": 1})


def test_every_rule_stands_in_the_table_once_with_a_name_and_codes_of_its_own() -> None:
    assert len(RULES) == len({rule.name for rule in RULES})
    codes = [code for rule in RULES for code in rule.codes]
    assert len(codes) == len(set(codes))
    assert all(rule.triggers for rule in RULES), "a check that nothing calls"


@pytest.mark.parametrize(
    ("text", "lockout"),
    [
        (None, LockoutEnd.NONE),
        ("none", LockoutEnd.NONE),
        ("daily_reset", LockoutEnd.DAILY_RESET),
        ("session_start", LockoutEnd.SESSION_START),
        ("permanent", LockoutEnd.PERMANENT),
        ("15m", timedelta(minutes=15)),
    ],
)
def test_a_lockout_has_the_same_form_everywhere(text: str | None, lockout: LockoutEnd | timedelta) -> None:
    setting: TypeAdapter[Any] = TypeAdapter(Lockout)
    assert setting.validate_python(text) == lockout
    assert setting.validate_python(lockout) == lockout


@pytest.mark.parametrize("bad", ["forever", 60, "1d"])
def test_any_other_lockout_is_refused(bad: object) -> None:
    setting: TypeAdapter[Any] = TypeAdapter(Lockout)
    with pytest.raises(ValidationError):
        setting.validate_python(bad)


@pytest.mark.parametrize(("written", "root"), [("es", "ES"), (" /mnq ", "MNQ")])
def test_roots_are_case_insensitive(written: str, root: str) -> None:
    setting: TypeAdapter[str] = TypeAdapter(Root)
    assert setting.validate_python(written) == root
    for bad in ("", 5):
        with pytest.raises(ValidationError):
            setting.validate_python(bad)


@pytest.mark.parametrize("roots", [("ES", "es"), ("/ES", "ES"), ("NQ", "es", " Es ")])
def test_a_root_stands_once_in_a_section_however_it_is_spelled(roots: tuple[str, ...]) -> None:
    section: TypeAdapter[dict[str, int]] = TypeAdapter(Annotated[dict[Root, int], EACH_ROOT_ONCE])
    with pytest.raises(ValidationError, match="ES is given twice"):
        section.validate_python(dict.fromkeys(roots, 1))
    assert section.validate_python({"es": 1, "mes": 2}) == {"ES": 1, "MES": 2}
    with pytest.raises(ValidationError, match="valid dictionary"):
        section.validate_python(["ES", "ES"])


@pytest.mark.parametrize(
    ("measured", "limit", "ratio"), [(1, 2, "0.5"), (-1, 2, "0"), (3, 2, "1.5"), (1, 0, "1"), (0, 0, "0")]
)
def test_utilization_is_measured_by_limit(measured: int, limit: int, ratio: str) -> None:
    assert Utilization(measured=dec(measured), limit=dec(limit)).ratio == dec(ratio)


def test_a_limit_of_the_day_locks_until_the_reset_or_for_good() -> None:
    setting: TypeAdapter[Any] = TypeAdapter(DayLockout)
    assert setting.validate_python("daily_reset") is LockoutEnd.DAILY_RESET
    assert setting.validate_python("permanent") is LockoutEnd.PERMANENT
    for bad in ("session_start", None):
        with pytest.raises(ValidationError, match="write daily_reset or permanent"):
            setting.validate_python(bad)


RULE = MaxContracts(limit=1)


@pytest.mark.parametrize(
    ("after_breach", "mode"),
    [(AfterBreach.KEEP_POSITIONS, LockMode.NO_NEW_RISK), (AfterBreach.CLOSE_ALL, LockMode.FLAT)],
)
def test_a_cooldown_that_closes_everything_is_a_flat_lock(after_breach: AfterBreach, mode: LockMode) -> None:
    assert after_breach.lock_mode is mode


@pytest.mark.parametrize(
    ("lockout", "until"),
    [(LockoutEnd.DAILY_RESET, RESET), (LockoutEnd.PERMANENT, None), (timedelta(minutes=15), after(900))],
)
def test_a_lock_ends_when_the_setting_says(lockout: LockoutEnd | timedelta, until: object) -> None:
    (lock,) = RULE.lock(account_state(), code="C", lockout=lockout, mode=LockMode.FLAT, root="ES")
    assert (lock.until, lock.rule, lock.root) == (until, "max_contracts", "ES")


def test_none_is_no_lock() -> None:
    assert RULE.lock(account_state(), code="C", lockout=LockoutEnd.NONE, mode=LockMode.FLAT) == ()


@pytest.mark.parametrize(
    ("lockout", "until"),
    [
        (LockoutEnd.DAILY_RESET, RESET - timedelta(days=1)),
        (LockoutEnd.SESSION_START, after(-1.5 * 3600)),
        (LockoutEnd.PERMANENT, None),
        (timedelta(minutes=15), after(900 - 86400)),
    ],
)
def test_a_lock_for_what_was_learned_late_runs_from_its_own_time(
    lockout: LockoutEnd | timedelta, until: datetime | None
) -> None:
    hours = {"start": "08:30", "end": "15:00", "timezone": "America/Chicago"}
    session = SessionBlockOutside.model_validate({"global_session": hours})
    state = account_state(policy=Policy(rules=(RULE, session)))
    (lock,) = RULE.lock(state, code="C", lockout=lockout, mode=LockMode.FLAT, since=after(-86400))
    assert lock.until == until


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


@pytest.mark.parametrize("measures", Measures)
def test_only_a_number_is_not_money(measures: Measures) -> None:
    assert measures.in_dollars is (measures is not Measures.NUMBER)


@pytest.mark.parametrize(
    ("old", "new", "is_looser"),
    [
        ("15m", "14m", True),
        ("15m", "15m", False),
        ("15m", "16m", False),
        ("none", "15m", False),
        ("15m", "none", True),
        ("15m", "permanent", False),
        ("permanent", "15m", True),
        ("daily_reset", "session_start", True),
        ("daily_reset", "daily_reset", False),
    ],
)
def test_a_lock_loosens_when_it_may_end_earlier(old: str, new: str, is_looser: bool) -> None:  # noqa: FBT001 - a table
    before, after_it = (MaxContracts.model_validate({"limit": 1, "lockout": one}) for one in (old, new))
    assert LONGER_LOCK.loosens(before.lockout, after_it.lockout) is is_looser
