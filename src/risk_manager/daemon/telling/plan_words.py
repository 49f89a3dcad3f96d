"""Plans in the words of the journal and the local API."""

from datetime import datetime
from decimal import Decimal

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
    Unlock,
    Warn,
)
from risk_manager.core.decisions import Decision, Measure, Plan
from risk_manager.daemon.enforcement.case import Report
from risk_manager.local_api.messages import Deed, EnforcementAction, Verdict


def verdict_of(decision: Decision) -> Verdict:
    """Word a decision: rule, code and numbers."""
    return Verdict(
        rule=decision.rule,
        code=decision.code,
        measured=_number(decision.measured),
        limit=_number(decision.limit),
        subject=decision.subject,
    )


def shadow_id(plan: Plan) -> str:
    """Name a plan of which nothing is done; one that is carried out has its case's name."""
    return f"shadow-{plan.account_id}-{plan.at.isoformat()}"


def shadow_action(plan: Plan) -> EnforcementAction:
    """Word a plan of which nothing is done."""
    return EnforcementAction(
        id=shadow_id(plan),
        state="shadow",
        at=plan.at,
        decisions=tuple(map(verdict_of, plan.decisions)),
        actions=tuple(map(deed_of, plan.actions)),
    )


def stage_action(report: Report, at: datetime) -> EnforcementAction:
    """Word a stage of a plan that is carried out."""
    case = report.case
    return EnforcementAction(
        id=case.case_id,
        state=report.stage.value,
        at=at,
        decisions=tuple(map(verdict_of, case.plan.decisions)),
        actions=tuple(map(deed_of, case.plan.actions)),
        first_request_ms=case.first_request_ms,
        proven_ms=case.proven_ms,
        past_limit=case.past_limit,
        detail=report.detail,
    )


def deed_of(action: Action) -> Deed:  # noqa: C901, PLR0911  one line for each action
    """Word an action."""
    match action:
        case Close(contract_id):
            return Deed(do="close", contract_id=contract_id)
        case Lock():
            return Deed(
                do="lock",
                rule=action.rule,
                code=action.code,
                mode=action.mode.value,
                until=action.until,
                root=action.root,
            )
        case Reduce(contract_id, to):
            return Deed(do="reduce", contract_id=contract_id, to=to)
        case CloseAll():
            return Deed(do="close_all")
        case Cancel(order_id):
            return Deed(do="cancel", order_id=order_id)
        case CancelSymbol(root):
            return Deed(do="cancel_symbol", root=root)
        case CancelAll():
            return Deed(do="cancel_all")
        case Resize(order_id, size):
            return Deed(do="resize", order_id=order_id, size=size)
        case Unlock(rule=rule, root=root):
            return Deed(do="unlock", rule=rule, root=root)
        case PlaceStop(contract_id=contract_id, side=side, size=size, stop=stop):
            return Deed(do="place_stop", contract_id=contract_id, side=side.value, size=size, stop=stop)
        case MoveStop(order_id=order_id, stop=stop, size=size):
            return Deed(do="move_stop", order_id=order_id, stop=stop, size=size)
        case Warn(code):
            return Deed(do="warn", code=code)


def _number(value: Measure) -> Decimal | None:
    return None if value is None else Decimal(value)
