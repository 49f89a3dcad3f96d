"""What is stricter holds at once, what is looser waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from risk_manager.config.commitment import Commitment
from risk_manager.config.terms import ACCOUNT, LoosenAfter, Terms
from risk_manager.core.policy import Policy
from risk_manager.core.rule import LockoutEnd
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.max_unrealized_profit import ExitMode, MaxUnrealizedProfit
from risk_manager.core.rules.session_block_outside import SessionBlockOutside

NOON = datetime(2026, 3, 10, 17, tzinfo=UTC)
RESET = datetime(2026, 3, 10, 22, tzinfo=UTC)  # 17:00 in Chicago


def terms(*rules: Any, **more: Any) -> Terms:
    return Terms(policy=Policy(rules=rules, **more))


def loss(limit: int) -> DailyRealizedLoss:
    return DailyRealizedLoss(loss_limit=Decimal(limit))


def committed(*, to: Terms) -> Commitment:
    commitment = Commitment()
    commitment.wish({1: to}, NOON)
    return commitment


def limit_in(commitment: Commitment, wanted: Terms, at: datetime) -> Decimal:
    held = commitment.wish({1: wanted}, at)[1].terms
    (rule,) = (rule for rule in held.policy.rules if isinstance(rule, DailyRealizedLoss))
    return rule.loss_limit


def test_what_is_wished_first_holds_at_once() -> None:
    assert limit_in(Commitment(), terms(loss(500)), NOON) == 500


def test_a_tighter_limit_holds_at_once() -> None:
    assert limit_in(committed(to=terms(loss(500))), terms(loss(400)), NOON) == 400


def test_a_looser_limit_waits_for_the_reset_and_not_a_moment_longer() -> None:
    commitment = committed(to=terms(loss(500)))
    wanted = terms(loss(600))
    assert limit_in(commitment, wanted, NOON) == 500
    assert commitment.next_due(NOON) == RESET
    assert limit_in(commitment, wanted, RESET - timedelta(microseconds=1)) == 500
    assert limit_in(commitment, wanted, RESET) == 600
    assert commitment.next_due(NOON) is None


def test_wishing_it_again_and_again_neither_hastens_nor_delays_it() -> None:
    commitment = committed(to=terms(loss(500)))
    for hour in range(5):
        assert limit_in(commitment, terms(loss(600)), NOON + timedelta(hours=hour)) == 500
    assert limit_in(commitment, terms(loss(600)), RESET) == 600


def test_a_wish_for_more_begins_its_own_wait() -> None:
    commitment = committed(to=replace(terms(loss(500)), loosen_after=timedelta(hours=12)))
    limit_in(commitment, replace(terms(loss(600)), loosen_after=timedelta(hours=12)), NOON)
    later = NOON + timedelta(hours=11)
    assert limit_in(commitment, replace(terms(loss(9000)), loosen_after=timedelta(hours=12)), later) == 500
    assert commitment.next_due(later) == later + timedelta(hours=12)


def test_taking_the_wish_back_ends_the_wait() -> None:
    commitment = committed(to=terms(loss(500)))
    limit_in(commitment, terms(loss(600)), NOON)
    limit_in(commitment, terms(loss(500)), NOON)
    assert commitment.held[1].pending == ()


def test_a_mixture_takes_the_stricter_part_at_once() -> None:
    commitment = committed(to=terms(loss(500)))
    wanted = terms(DailyRealizedLoss(loss_limit=Decimal(600), lockout=LockoutEnd.PERMANENT))
    held = commitment.wish({1: wanted}, NOON)[1]
    rule = held.terms.policy.rules[0]
    assert isinstance(rule, DailyRealizedLoss)
    assert (rule.loss_limit, rule.lockout.value) == (Decimal(500), "permanent")
    assert [one.change.what for one in held.pending] == ["daily_realized_loss.loss_limit"]


def test_a_rule_that_is_taken_off_stays_until_the_reset() -> None:
    commitment = committed(to=terms(loss(500)))
    assert limit_in(commitment, terms(), NOON) == 500
    held = commitment.wish({1: terms()}, RESET)[1].terms
    assert held.policy.rules == ()


def test_a_new_rule_holds_at_once_beside_what_waits() -> None:
    commitment = committed(to=terms(loss(500)))
    held = commitment.wish({1: terms(MaxContracts(limit=3))}, NOON)[1].terms
    assert {rule.name for rule in held.policy.rules} == {"max_contracts", "daily_realized_loss"}


def test_settings_that_only_fit_together_stay_as_they_were() -> None:
    old = MaxUnrealizedProfit(profit_target=Decimal(500))
    commitment = committed(to=terms(old))
    new = MaxUnrealizedProfit(mode_of_exit=ExitMode.BREAKEVEN, arm_profit=Decimal(100))
    held = commitment.wish({1: terms(new)}, NOON)[1].terms
    assert held.policy.rules[0].model_dump()["profit_target"] == 500


def test_an_account_that_is_taken_off_is_watched_until_the_reset() -> None:
    commitment = committed(to=terms(loss(500)))
    held = commitment.wish({}, NOON)[1]
    assert [one.change.what for one in held.pending] == [ACCOUNT]
    assert commitment.wish({}, RESET) == {}


def test_that_an_admin_may_clear_locks_is_looser() -> None:
    strict = replace(terms(), admin_may_clear=False)
    held = committed(to=strict).wish({1: terms()}, NOON)[1]
    assert held.terms == strict
    held = committed(to=terms()).wish({1: strict}, NOON)[1]
    assert held.terms == strict


@pytest.mark.parametrize("wait", [LoosenAfter.NONE, timedelta(hours=1)])
def test_the_wait_itself_cannot_be_shortened_at_once(wait: LoosenAfter | timedelta) -> None:
    commitment = committed(to=terms(loss(500)))
    assert limit_in(commitment, replace(terms(loss(600)), loosen_after=wait), NOON + timedelta(hours=2)) == 500
    assert commitment.next_due(NOON) == RESET


def test_without_a_wait_everything_holds_at_once() -> None:
    free = replace(terms(loss(500)), loosen_after=LoosenAfter.NONE)
    assert limit_in(committed(to=free), replace(terms(loss(600)), loosen_after=LoosenAfter.NONE), NOON) == 600


def test_a_longer_wait_holds_at_once() -> None:
    free = replace(terms(loss(500)), loosen_after=LoosenAfter.NONE)
    commitment = committed(to=free)
    commitment.wish({1: terms(loss(500))}, NOON)
    assert limit_in(commitment, terms(loss(600)), NOON) == 500


def test_while_the_time_is_not_known_nothing_comes_into_force_and_what_is_stricter_does() -> None:
    commitment = committed(to=terms(loss(500), MaxContracts(limit=3)))
    commitment.wish({1: terms(loss(600), MaxContracts(limit=3))}, NOON)
    held = commitment.wish({1: terms(loss(600), MaxContracts(limit=2))}, None)[1]
    assert held.terms.policy.rules == (MaxContracts(limit=2), loss(500))
    assert [one.due_at for one in held.pending] == [RESET]
    assert limit_in(commitment, terms(loss(600), MaxContracts(limit=2)), RESET) == 600


def test_what_is_wished_before_the_time_is_known_begins_its_wait_when_it_is() -> None:
    commitment = committed(to=terms(loss(500)))
    held = commitment.wish({1: terms(loss(600))}, None)[1]
    assert [(one.since, one.due_at) for one in held.pending] == [(None, None)]
    assert commitment.next_due(NOON) is None
    assert limit_in(commitment, terms(loss(600)), RESET) == 500
    assert limit_in(commitment, terms(loss(600)), RESET + timedelta(days=1)) == 600


def test_an_account_taken_off_stays_while_the_time_is_not_known() -> None:
    commitment = committed(to=terms(loss(500)))
    commitment.wish({}, NOON)
    assert 1 in commitment.wish({}, None)


def test_without_a_wait_the_time_need_not_be_known() -> None:
    free = replace(terms(loss(500)), loosen_after=LoosenAfter.NONE)
    assert committed(to=free).wish({1: replace(free, policy=Policy())}, None)[1].terms.policy.rules == ()


def test_a_cancelled_change_does_not_come_though_the_files_still_ask_for_it() -> None:
    commitment = committed(to=terms(loss(500)))
    commitment.wish({1: terms(loss(600))}, NOON)
    assert [str(one) for one in commitment.cancel(1, "daily_realized_loss.loss_limit")] == [
        "daily_realized_loss.loss_limit 500 → 600"
    ]
    assert limit_in(commitment, terms(loss(600)), RESET + timedelta(days=3)) == 500
    assert commitment.held[1].pending == ()
    assert len(commitment.held[1].cancelled) == 1


def test_another_wish_after_a_cancelled_one_waits_anew() -> None:
    commitment = committed(to=terms(loss(500)))
    commitment.wish({1: terms(loss(600))}, NOON)
    commitment.cancel(1)
    assert limit_in(commitment, terms(loss(500)), NOON) == 500
    assert commitment.held[1].cancelled == ()
    assert limit_in(commitment, terms(loss(600)), NOON) == 500
    assert limit_in(commitment, terms(loss(600)), RESET) == 600


def test_the_removal_of_an_account_can_be_cancelled_too() -> None:
    commitment = committed(to=terms(loss(500)))
    commitment.wish({}, NOON)
    commitment.cancel(1, ACCOUNT)
    assert 1 in commitment.wish({}, RESET)


def test_nothing_is_cancelled_where_nothing_waits() -> None:
    assert committed(to=terms(loss(500))).cancel(1) == ()
    assert Commitment().cancel(1) == ()


def test_of_two_limits_changed_in_one_setting_the_lower_holds_at_once_and_the_higher_waits() -> None:
    def limits(es: int, nq: int) -> Terms:
        return terms(MaxContractsPerInstrument(limits={"ES": es, "NQ": nq}, unknown_symbol_action="block"))

    commitment = committed(to=limits(2, 2))
    for at in (NOON, NOON + timedelta(hours=1)):
        held = commitment.wish({1: limits(3, 1)}, at)[1]
        assert held.terms == limits(2, 1)
        assert [(str(one.change), one.since) for one in held.pending] == [
            ("max_contracts_per_instrument.limits {ES: 2, NQ: 1} → {ES: 3, NQ: 1}", NOON)
        ]
    assert commitment.wish({1: limits(3, 1)}, RESET)[1].terms == limits(3, 1)


def test_what_says_when_a_session_starts_stays_for_as_long_as_a_lock_waits_for_it() -> None:
    hours = SessionBlockOutside.model_validate(
        {"global_session": {"start": "09:30", "end": "16:00", "timezone": "America/New_York"}}
    )
    until_session = MaxContracts(limit=3, lockout=LockoutEnd.SESSION_START)
    commitment = committed(to=terms(until_session, hours))
    commitment.wish({1: terms(until_session)}, NOON)
    assert commitment.wish({1: terms(until_session)}, RESET)[1].terms.policy.rules == (until_session, hours)
    assert commitment.next_due(RESET) is None
    longer = MaxContracts(limit=3, lockout=LockoutEnd.PERMANENT)
    assert commitment.wish({1: terms(longer)}, RESET)[1].terms.policy.rules == (longer,)


def test_settings_that_only_fit_together_come_together() -> None:
    old = MaxUnrealizedProfit(profit_target=Decimal(500))
    new = MaxUnrealizedProfit(mode_of_exit=ExitMode.BREAKEVEN, arm_profit=Decimal(100))
    commitment = committed(to=terms(old))
    commitment.wish({1: terms(new)}, NOON)
    assert commitment.wish({1: terms(new)}, RESET)[1].terms.policy.rules == (new,)
