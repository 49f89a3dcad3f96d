"""A contract's latest prices in the words of the local API, with what they make of every account."""

from collections.abc import Iterable
from datetime import datetime

from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.account_view import figures_of, mark_of
from risk_manager.local_api.quotes import MarkedPosition, MarketQuote


def market_quote(contract_id: str, states: Iterable[AccountState], *, now: datetime) -> MarketQuote | None:
    """Word the latest prices; None where nobody knows any."""
    marked: list[MarkedPosition] = []
    latest = None
    for state in states:
        quote = state.quotes.get(contract_id)
        if quote is None:
            continue
        latest = (quote, state.root(contract_id))
        position = state.positions.get(contract_id)
        if position is not None:
            marked.append(
                MarkedPosition(
                    account_id=state.account_id,
                    mark=mark_of(state, position),
                    unrealized_pnl=state.open_pnl(contract_id),
                    account_unrealized_pnl=figures_of(state).unrealized_pnl,
                )
            )
    if latest is None:
        return None
    quote, root = latest
    return MarketQuote(
        contract_id=contract_id,
        root=root,
        at=quote.at or now,
        last=quote.last,
        bid=quote.bid,
        ask=quote.ask,
        positions=tuple(marked),
    )
