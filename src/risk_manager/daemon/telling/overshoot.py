"""How many dollars past its limit a breach ended."""

from decimal import Decimal

from risk_manager.core.decisions import Plan
from risk_manager.core.rule import Measures
from risk_manager.core.rules import measures_of
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.account_view import Measure, measure_plainly

_LOSSES = frozenset({Measures.LOSS_OF_DAY, Measures.OPEN_LOSS})
"""What can run past its limit while it is closed."""


def past_limit(plan: Plan, state: AccountState, measure: Measure = measure_plainly) -> Decimal | None:
    """Tell the dollars beyond the limit that the plan's money rules measure now; None where it names none."""
    named = {decision.rule: decision for decision in plan.decisions if measures_of(decision.rule) in _LOSSES}
    worst: Decimal | None = None
    for rule in state.policy.rules:
        decision = named.get(rule.name)
        if decision is None or decision.limit is None:
            continue
        measured = [use.measured for use in measure(rule, state) if use.subject in ("", decision.subject)]
        measured.append(Decimal(decision.measured or 0))
        beyond = max(measured) - Decimal(decision.limit)
        worst = beyond if worst is None else max(worst, beyond)
    return worst
