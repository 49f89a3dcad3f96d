"""The rules, in order."""

from collections.abc import Mapping

from risk_manager.core.rule import Measures, Rule
from risk_manager.core.rules.auth_loss_guard import AuthLossGuard
from risk_manager.core.rules.cooldown_after_loss import CooldownAfterLoss
from risk_manager.core.rules.daily_realized_loss import DailyRealizedLoss
from risk_manager.core.rules.daily_realized_profit import DailyRealizedProfit
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from risk_manager.core.rules.max_unrealized_profit import MaxUnrealizedProfit
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.core.rules.session_block_outside import SessionBlockOutside
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from risk_manager.core.rules.trade_frequency_limit import TradeFrequencyLimit
from risk_manager.core.rules.trade_management import TradeManagement

RULES: tuple[type[Rule], ...] = (
    MaxContracts,  # RULE-001
    MaxContractsPerInstrument,  # RULE-002
    DailyRealizedLoss,  # RULE-003
    DailyUnrealizedLoss,  # RULE-004
    MaxUnrealizedProfit,  # RULE-005
    TradeFrequencyLimit,  # RULE-006
    CooldownAfterLoss,  # RULE-007
    NoStopLossGrace,  # RULE-008
    SessionBlockOutside,  # RULE-009
    AuthLossGuard,  # RULE-010
    SymbolBlocks,  # RULE-011
    TradeManagement,  # RULE-012
    DailyRealizedProfit,  # RULE-013
)
"""Every rule there is; a rule that is not listed here does not exist."""

RULE_NAMED: Mapping[str, type[Rule]] = {rule.name: rule for rule in RULES}
"""Every rule by its name."""


def measures_of(name: str) -> Measures:
    """Tell what the numbers of a rule count; of one that does not exist, plain numbers."""
    rule = RULE_NAMED.get(name)
    return Measures.NUMBER if rule is None else rule.measures
