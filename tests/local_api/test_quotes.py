"""Prices as they travel."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from risk_manager.local_api.quotes import MarkedPosition, MarketQuote


def test_a_quote_brings_what_it_makes_of_each_account() -> None:
    marked = MarkedPosition(account_id=1, mark=Decimal("5800.25"), unrealized_pnl=None, account_unrealized_pnl=None)
    quote = MarketQuote(contract_id="C", root="ES", at=datetime(2026, 3, 10, tzinfo=UTC), positions=(marked,))

    assert msgspec.json.decode(msgspec.json.encode(quote), type=MarketQuote) == quote
    assert b'"mark":"5800.25"' in msgspec.json.encode(quote)
