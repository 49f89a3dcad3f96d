"""What holds for one account: its rules, its trading day, and how its positions are marked."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

from risk_manager.core.model.trading_calendar import Holidays, TradingCalendar
from risk_manager.core.rule import Rule

TOPSTEP_DAY = TradingCalendar(time(17), ZoneInfo("America/Chicago"))
"""TopstepX's own trading day."""


class Mark(Enum):
    """The price at which an open position is valued."""

    LAST = "last"
    BID_ASK = "bid_ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The configuration of one account, as the engine uses it; `rules` are those that are enabled."""

    rules: tuple[Rule, ...] = ()
    calendar: TradingCalendar = TOPSTEP_DAY
    holidays: Holidays = field(default_factory=Holidays)
    mark: Mark = Mark.LAST
    stale_after: timedelta = timedelta(seconds=10)
    flatten_after: timedelta | None = None
    shadow: bool = False
    strict: bool = False
    warn_at: tuple[Decimal, ...] = (Decimal("0.7"), Decimal("0.9"))

    def locks_ended_by(self, later: "Policy") -> frozenset[str]:
        """Name the rules that a later policy lacks, and whose locks wait for a condition that nobody judges then."""
        kept = {rule.name for rule in later.rules}
        return frozenset(rule.name for rule in self.rules if rule.locks_until_condition and rule.name not in kept)
