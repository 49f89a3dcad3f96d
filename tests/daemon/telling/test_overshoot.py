from decimal import Decimal

from risk_manager.core.decisions import Decision, Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import TradeReported
from risk_manager.core.policy import Policy
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.daemon.telling.overshoot import past_limit
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.stage import loss
from tests.daemon.virtual_time import START

ENGINE_POLICY = Policy(rules=(DailyRealizedLoss(loss_limit=Decimal(200)),))


def decided(rule: str) -> Plan:
    decision = Decision(rule=rule, code="X", actions=(), measured=Decimal(210), limit=Decimal(200))
    return Plan(at=START, account_id=ACCOUNT, decisions=(decision,), actions=())


def test_the_loss_at_the_proof_less_the_limit_is_what_it_cost() -> None:
    engine = Engine({ACCOUNT: ENGINE_POLICY}, at=START)
    engine.handle(TradeReported(at=START, trade=loss(260)))
    assert past_limit(decided("daily_realized_loss"), engine.state.accounts[ACCOUNT]) == Decimal(60)


def test_a_plan_about_counts_has_no_dollars() -> None:
    engine = Engine({ACCOUNT: ENGINE_POLICY}, at=START)
    assert past_limit(decided("max_contracts"), engine.state.accounts[ACCOUNT]) is None
