from decimal import Decimal

from risk_manager.core.engine import Engine
from risk_manager.core.policy import Policy
from risk_manager.daemon.telling.quote_view import market_quote
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.telling.test_account_view import state
from tests.daemon.virtual_time import START


def test_a_quote_is_told_with_what_it_makes_of_each_account_that_holds_the_contract() -> None:
    nobody = Engine({ACCOUNT + 1: Policy()}, at=START).state.accounts[ACCOUNT + 1]
    quote = market_quote(ES, [state(), nobody], now=START)
    assert quote is not None
    assert (quote.root, quote.last, quote.at) == ("ES", Decimal(11), START)
    (marked,) = quote.positions
    assert (marked.account_id, marked.mark, marked.unrealized_pnl) == (ACCOUNT, Decimal(11), Decimal(1000))


def test_without_a_price_there_is_nothing_to_tell() -> None:
    assert market_quote(ES, [state(price=None)], now=START) is None
