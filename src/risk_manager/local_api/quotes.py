"""Prices as the local API tells them, with what they make of the positions."""

from datetime import datetime
from decimal import Decimal

import msgspec


class MarkedPosition(msgspec.Struct, frozen=True, kw_only=True):
    """What a quote makes of one account: its position's mark and open P&L, and the account's whole open P&L."""

    account_id: int
    mark: Decimal | None
    unrealized_pnl: Decimal | None
    account_unrealized_pnl: Decimal | None


class MarketQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The latest prices of a contract, and what they make of the positions in it."""

    contract_id: str
    root: str
    at: datetime
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    positions: tuple[MarkedPosition, ...] = ()
