"""How many dollars past its limit a breach ended."""

from decimal import Decimal

from risk_manager.core.decisions import Plan
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.account_view import Measure, measure_plainly

MONEY_RULES = frozenset({"daily_realized_loss", "daily_unrealized_loss"})
"""Rules whose limit is a loss in dollars."""


def past_limit(plan: Plan, state: AccountState, measure: Measure = measure_plainly) -> Decimal | None:
    """Tell the dollars beyond the limit that the plan's money rules measure now; None where it names none."""
    named = {decision.rule: decision for decision in plan.decisions if decision.rule in MONEY_RULES}
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
