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
    """When it was last heard of."""
    last_at: datetime | None = None
    """When, by the venue's clock, the last price was named."""
    book_at: datetime | None = None
    """When, by the venue's clock, bid or ask was named."""
    told_at: datetime | None = None
    """When, by the venue's clock, it last told of a price; it never goes back."""
    is_stale: bool = False
    """People have been told that it has grown old."""

    def mark(self, net_size: int, method: Mark) -> Decimal | None:
        """Tell at which price a position is valued: long at the bid and short at the ask, or at the last price."""
        if method is _BID_ASK:
            side = self.bid if net_size > 0 else self.ask
            if side is not None:
                return side
        return self.last

    def is_younger(self, instant: datetime) -> bool:
        """Tell whether all of its prices were named at an instant or after it."""
        last_at, book_at = self.last_at, self.book_at
        return last_at is not None and last_at >= instant and (book_at is None or book_at >= instant)

    def since(self, instant: datetime, fill: Decimal | None) -> "Quote":
        """Leave of it what holds after a fill (None: its price is not known) at an instant.

        A book of before holds when the fill was made inside it. The fill is the last price until another one is
        named, brought into a book that was named since. A fill is no price where no quote has ever come.
        """
        if self.last_at is None and self.book_at is None:
            return self
        bid, ask, last = self.bid, self.ask, self.last
        is_old_book = self.book_at is None or self.book_at < instant
        if is_old_book and not (fill is not None and bid is not None and ask is not None and bid <= fill <= ask):
            bid = ask = None
        if self.last_at is None or self.last_at < instant:
            last = fill
            if last is not None and bid is not None:
                last = max(last, bid)
            if last is not None and ask is not None:
                last = min(last, ask)
        return Quote(last, bid, ask, self.at)


def is_price(price: Decimal | None) -> bool:
    """Tell whether a price is one: negative prices are; zero, what is no number or has too many digits are not."""
    return price is not None and price.is_finite() and price != 0 and price.adjusted() <= _HIGHEST_POWER


@dataclass(slots=True)
class Quotes:
    """Quotes by contract id. They are never stored: after a restart there are none."""

    by_contract: dict[str, Quote] = field(default_factory=dict)
    has_begun: bool = False
    """A quote came where there was none, or an old one: a new instant is near at which it grows stale."""
    awaited: set[str] = field(default_factory=set)
    """Contracts of which a position waits for a younger price, be it the same as before."""

    def apply(self, event: QuoteUpdated) -> bool:  # noqa: C901 - price by price, a thousand times a second
        """Merge a quote, in which an absent or bad price leaves the last good one; tell whether it is news."""
        quote = self.by_contract.get(event.contract_id)
        if quote is None:
            quote = self.by_contract[event.contract_id] = Quote()
            self.has_begun = True
        quote.at = event.at
        told_at = min(event.quoted_at or event.at, event.at)  # nothing was named later than it was heard of
        if quote.told_at is not None and told_at < quote.told_at:
            told_at = quote.told_at  # nor earlier than what a stream has told before it, whatever its stamp
        quote.told_at = told_at
        changed = False
        if self.awaited and event.contract_id in self.awaited:
            self.awaited.discard(event.contract_id)
            changed = True
        if quote.is_stale:
            quote.is_stale, self.has_begun, changed = False, True, True
        if is_price(event.last):
            quote.last_at = told_at
            if event.last != quote.last:
                quote.last, changed = event.last, True
        if is_price(event.bid):
            quote.book_at = told_at
            if event.bid != quote.bid:
                quote.bid, changed = event.bid, True
        if is_price(event.ask):
            quote.book_at = told_at
            if event.ask != quote.ask:
                quote.ask, changed = event.ask, True
        return changed

    def get(self, contract_id: str) -> Quote | None:
        """Find a contract's quote; None when none came yet."""
        return self.by_contract.get(contract_id)
