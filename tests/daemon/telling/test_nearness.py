from decimal import Decimal

from risk_manager.core.engine import Engine
from risk_manager.core.policy import Policy
from risk_manager.daemon.telling.nearness import Nearness
from risk_manager.local_api.messages import RuleStatus
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.virtual_time import START

STATE = Engine({ACCOUNT: Policy(warn_at=(Decimal("0.7"), Decimal("0.9")))}, at=START).state.accounts[ACCOUNT]


def used(share: float, subject: str = "") -> RuleStatus:
    return RuleStatus(name="max_contracts", utilization=share, subject=subject)


def test_each_threshold_is_passed_once_and_again_after_a_fall() -> None:
    nearness = Nearness()
    passed = [len(list(nearness.passed(STATE, (used(share),)))) for share in (0.6, 0.7, 0.8, 0.9, 0.5, 0.75)]
    assert passed == [0, 1, 0, 1, 0, 1]


def test_a_limit_that_is_met_is_no_warning_any_more() -> None:
    assert not list(Nearness().passed(STATE, (used(1.0),)))


def test_the_limits_of_one_rule_are_told_apart() -> None:
    nearness = Nearness()
    assert [one.subject for one in nearness.passed(STATE, (used(0.8, "ES"), used(0.8, "NQ")))] == ["ES", "NQ"]


def test_a_rule_that_measures_nothing_is_near_nothing() -> None:
    assert not list(Nearness().passed(STATE, (RuleStatus(name="symbol_blocks"),)))
