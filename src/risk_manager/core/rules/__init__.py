"""The rules, in order."""

from risk_manager.core.rule import Rule
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.daily_realized_profit import DailyRealizedProfit
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.session_block_outside import SessionBlockOutside

RULES: tuple[type[Rule], ...] = (
    MaxContracts,  # RULE-001
    MaxContractsPerInstrument,  # RULE-002
    DailyRealizedLoss,  # RULE-003
    SessionBlockOutside,  # RULE-009
    DailyRealizedProfit,  # RULE-013
)
"""Every rule there is; a rule that is not listed here does not exist."""
