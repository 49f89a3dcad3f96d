"""Quotes that have grown old: what rests on them still counts, and people are told."""

from collections.abc import Iterator
from datetime import datetime

from risk_manager.core.actions import Warn
from risk_manager.core.decisions import Decision
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.quotes import Quote

QUOTES = "quotes"
"""The name under which people are told of stale quotes."""
QUOTE_STALE = "QUOTE_STALE"


def next_stale(state: AccountState) -> datetime | None:
    """Name the next instant at which the quote of a held contract grows stale unless another one comes."""
    return min((at for _, _, at in _ages(state) if at > state.now), default=None)


def tell_stale(state: AccountState) -> list[Decision]:
    """Warn of every stale quote that an open P&L rests on."""
    warnings = []
    for contract_id, quote, at in _ages(state):
        if at <= state.now:
            quote.is_stale = True
            warnings.append(
                Decision(rule=QUOTES, code=QUOTE_STALE, subject=contract_id, actions=(Warn(QUOTE_STALE),), breach=False)
            )
    return warnings


def _ages(state: AccountState) -> Iterator[tuple[str, Quote, datetime]]:
    """List the quotes of what is held, each with the instant from which on it is stale."""
    for contract_id in state.holdings:
        quote = state.quotes.get(contract_id)
        if quote is not None and quote.at is not None:
            yield contract_id, quote, quote.at + state.policy.stale_after
