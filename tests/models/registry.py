"""The model of each rule."""

from typing import Any

from risk_manager.core.rule import Rule
from tests.models.auth_loss_guard import AuthLossGuardModel
from tests.models.cooldown_after_loss import CooldownAfterLossModel
from tests.models.day_limits import DayLimitModel
from tests.models.max_contracts import MaxContractsModel
from tests.models.max_contracts_per_instrument import MaxContractsPerInstrumentModel
from tests.models.no_stop_loss_grace import NoStopLossGraceModel
from tests.models.open_limits import DailyUnrealizedLossModel, MaxUnrealizedProfitModel
from tests.models.session_block_outside import SessionBlockOutsideModel
from tests.models.symbol_blocks import SymbolBlocksModel
from tests.models.trade_frequency_limit import TradeFrequencyLimitModel

MODELS: dict[str, Any] = {
    "max_contracts": MaxContractsModel,
    "max_contracts_per_instrument": MaxContractsPerInstrumentModel,
    "daily_realized_loss": DayLimitModel,
    "daily_unrealized_loss": DailyUnrealizedLossModel,
    "max_unrealized_profit": MaxUnrealizedProfitModel,
    "trade_frequency_limit": TradeFrequencyLimitModel,
    "cooldown_after_loss": CooldownAfterLossModel,
    "no_stop_loss_grace": NoStopLossGraceModel,
    "session_block_outside": SessionBlockOutsideModel,
    "auth_loss_guard": AuthLossGuardModel,
    "symbol_blocks": SymbolBlocksModel,
    "daily_realized_profit": DayLimitModel,
}


def model_of(rule: Rule) -> Any:
    """Build the model of a rule from its settings."""
    return MODELS[rule.name](rule)
