"""Account 1 with prices and fills at instants of their own, for the tests of its marks."""

from dataclasses import replace

from risk_manager.core.events import QuoteUpdated, Reconciled
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.state.account import AccountState
from tests.builders import AT, MNQ, Number, account_state, after, dec, trade


def filled(signed_size: int, price: Number, *, at: float, pnl: Number | None = None, trade_id: int = 1) -> Trade:
    return replace(trade(pnl, trade_id=trade_id, signed_size=signed_size, at=after(at)), price=dec(price))


def quoted(
    state: AccountState, last: Number | None = None, *, at: float, book: tuple[Number, Number] | None = None
) -> bool:
    bid, ask = (None, None) if book is None else map(dec, book)
    price = None if last is None else dec(last)
    told = state.quotes.apply(QuoteUpdated(at=after(at), contract_id=MNQ, last=price, bid=bid, ask=ask))
    return told and state.mark(MNQ)


def pictured(*held: Position) -> AccountState:
    """Know of positions, and of the fills that made them, by a full picture."""
    state = account_state()
    state.learn_picture(Reconciled(at=AT, account_id=1, positions=held, orders=()))
    return state
