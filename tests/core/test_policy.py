from risk_manager.core.policy import Policy
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.symbol_blocks import SymbolBlocks

LOSS = DailyRealizedLoss.model_validate({"loss_limit": 500})


def test_a_later_policy_ends_the_locks_of_rules_that_it_lacks_where_they_wait_for_a_condition() -> None:
    policy = Policy(rules=(AuthLossGuard(), SymbolBlocks(blocked_symbols=("ES",)), LOSS))
    assert policy.locks_ended_by(Policy()) == {"auth_loss_guard", "symbol_blocks"}
    assert policy.locks_ended_by(Policy(rules=(SymbolBlocks(blocked_symbols=("CL",)),))) == {"auth_loss_guard"}


def test_a_later_policy_with_the_same_rules_or_more_ends_no_lock() -> None:
    assert not Policy(rules=(LOSS,)).locks_ended_by(Policy(rules=(LOSS, AuthLossGuard())))
