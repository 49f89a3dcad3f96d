from decimal import Decimal

from risk_manager.core.actions import CloseAll
from risk_manager.core.decisions import Decision, Plan
from risk_manager.daemon.enforcement.case import Case, Report, Stage
from risk_manager.daemon.enforcement.goals import Goals
from risk_manager.daemon.telling.figures import Figures, percentiles
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.virtual_time import START


def case(milliseconds: float) -> Case:
    decision = Decision(rule="max_contracts", code="MAX", measured=Decimal(2), limit=Decimal(1), actions=(CloseAll(),))
    plan = Plan(account_id=ACCOUNT, at=START, decisions=(decision,), actions=(CloseAll(),))
    case = Case("1", plan, Goals(), received_at=10, began_at=10)
    case.first_request_at = 10 + milliseconds / 1000
    case.proven_at = 10 + milliseconds / 100
    return case


def test_breaches_and_their_enforcement_are_counted() -> None:
    figures = Figures()
    for milliseconds in range(1, 101):
        figures.reported(Report(case=case(milliseconds), stage=Stage.STARTED))
        figures.reported(Report(case=case(milliseconds), stage=Stage.PROVEN))
    told = figures.told()
    assert told["breaches"] == {"max_contracts": 100}
    assert told["enforcements"] == {"started": 100, "proven": 100}
    assert told["first_request_ms"] == {"p50": 51.0, "p95": 96.0, "p99": 100.0, "max": 100.0}
    assert told["proven_ms"] == {"p50": 510.0, "p95": 960.0, "p99": 1000.0, "max": 1000.0}


def test_nothing_measured_is_nothing_told() -> None:
    assert percentiles([]) == {}
    unmeasured = case(1)
    unmeasured.first_request_at = None
    figures = Figures()
    figures.reported(Report(case=unmeasured, stage=Stage.PROVEN))
    assert figures.told()["first_request_ms"] == {}
