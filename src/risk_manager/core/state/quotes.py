"""The last good prices of each contract."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from risk_manager.core.events import QuoteUpdated
from risk_manager.core.policy import Mark

_BID_ASK = Mark.BID_ASK
"""Found once: Python 3.11 looks a member of an enum up in Python code, and every quote would pay for it."""
_HIGHEST_POWER = 9
"""No price has more than ten digits before the point; with a larger one money could not be rounded to the cent."""


@dataclass(slots=True)
class Quote:
    """Prices of one contract in points; None until a good one came."""

    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    at: datetime | None = None
    is_stale: bool = False
    """People have been told that it has grown old."""

    def mark(self, net_size: int, method: Mark) -> Decimal | None:
        """Tell at which price a position is valued: long at the bid and short at the ask, or at the last price."""
        if method is _BID_ASK:
            side = self.bid if net_size > 0 else self.ask
            if side is not None:
                return side
        return self.last


def _is_new(price: Decimal | None, known: Decimal | None) -> bool:
    """Tell whether it is a price, and another one: negative prices are; zero, what is no number or too long are not."""
    if price is None or not price.is_finite() or price == known:
        return False
    return price != 0 and price.adjusted() <= _HIGHEST_POWER


@dataclass(slots=True)
class Quotes:
    """Quotes by contract id. They are never stored: after a restart there are none."""

    by_contract: dict[str, Quote] = field(default_factory=dict)
    has_begun: bool = False
    """A quote came where there was none, or an old one: a new instant is near at which it grows stale."""

    def apply(self, event: QuoteUpdated) -> bool:
        """Merge a quote, in which an absent or bad price leaves the last good one; tell whether it is news."""
        quote = self.by_contract.get(event.contract_id)
        if quote is None:
            quote = self.by_contract[event.contract_id] = Quote()
            self.has_begun = True
        quote.at = event.at
        changed = False
        if quote.is_stale:
            quote.is_stale, self.has_begun, changed = False, True, True
        if _is_new(event.last, quote.last):
            quote.last, changed = event.last, True
        if _is_new(event.bid, quote.bid):
            quote.bid, changed = event.bid, True
        if _is_new(event.ask, quote.ask):
            quote.ask, changed = event.ask, True
        return changed

    def get(self, contract_id: str) -> Quote | None:
        """Find a contract's quote; None when none came yet."""
        return self.by_contract.get(contract_id)
