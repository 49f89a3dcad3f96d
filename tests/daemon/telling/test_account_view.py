from decimal import Decimal

from risk_manager.core.engine import Engine
from risk_manager.core.events import LockRequested, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.policy import Policy
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.telling.account_view import account_status, figures_of, held_position
from tests.daemon.enforcement.test_pursuit import STOP, seen
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.stage import loss
from tests.daemon.virtual_time import START


def state(*, price: str | None = "11") -> AccountState:
    engine = Engine({ACCOUNT: Policy()}, at=START)
    engine.handle(TradeReported(at=START, trade=loss(120)))
    engine.handle(PositionUpdated(at=START, position=seen(2).positions[ES]))
    engine.handle(OrderUpdated(at=START, order=STOP, ours=True))
    engine.handle(LockRequested(at=START, account_id=ACCOUNT, until=None))
    if price is not None:
        engine.handle(QuoteUpdated(at=START, contract_id=ES, last=Decimal(price)))
    return engine.state.accounts[ACCOUNT]


def test_an_account_is_told_with_all_that_holds_for_it() -> None:
    account = account_status(state(), "Main")
    assert (account.id, account.nickname, account.realized_pnl) == (ACCOUNT, "Main", Decimal(-120))
    assert account.unrealized_pnl == Decimal(1000)
    assert (account.positions[0].side, account.positions[0].size, account.positions[0].mark) == ("long", 2, Decimal(11))
    assert (account.orders[0].status, account.orders[0].ours) == ("open", True)
    assert (account.locks[0].rule, account.locks[0].mode, account.locks[0].until) == ("admin", "flat", None)
    assert account.next_reset is not None


def test_open_pnl_is_not_known_while_nothing_that_is_held_has_a_price() -> None:
    assert figures_of(state(price=None)).unrealized_pnl is None
    assert account_status(state(price=None), "").unmarked == (ES,)


def test_a_position_that_is_gone_is_told_flat() -> None:
    one = held_position(
        state(),
        seen(2).positions[ES].__class__(account_id=ACCOUNT, contract_id=ES, net_size=0, average_price=Decimal(1)),
    )
    assert (one.side, one.size, one.unrealized_pnl) == ("flat", 0, None)
