from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import msgspec

from risk_manager.core.engine import Engine
from risk_manager.core.events import LockRequested, OrderUpdated, PositionUpdated, Restarted, TradeReported
from risk_manager.core.model.account import Account
from risk_manager.core.policy import Policy
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.memory_rows import memory_of, parts_of
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.test_conductor import loss
from tests.daemon.test_pursuit import STOP, seen
from tests.daemon.virtual_time import START


def lived() -> AccountState:
    engine = Engine({ACCOUNT: Policy()}, at=START, accounts=[Account(account_id=ACCOUNT, balance=Decimal("50000.10"))])
    engine.handle(PositionUpdated(at=START, position=seen(2).positions[ES]))
    engine.handle(OrderUpdated(at=START, order=STOP, ours=True))
    engine.handle(TradeReported(at=START, trade=replace(loss(120), fees=Decimal("1.40")), ours=True))
    engine.handle(LockRequested(at=START, account_id=ACCOUNT, until=START + timedelta(hours=1)))
    engine.handle(LockRequested(at=START, account_id=ACCOUNT, until=None))
    return engine.state.accounts[ACCOUNT]


def stored(state: AccountState) -> dict[str, dict[str, str]]:
    return {
        table: {str(key): msgspec.json.encode(row).decode() for key, row in rows.items()}
        for table, rows in parts_of(state.memory).items()
    }


def test_what_is_stored_and_read_back_is_the_same_memory() -> None:
    state = lived()
    memory = memory_of(stored(state))
    assert memory is not None
    assert memory.account == state.memory.account
    assert memory.positions == state.memory.positions
    assert memory.orders == state.memory.orders
    assert memory.trades == state.memory.trades
    assert memory.lockouts == state.memory.lockouts
    assert memory.clocks == state.memory.clocks
    assert memory.now == state.memory.now


def test_an_engine_that_begins_with_it_knows_the_day_and_the_lock() -> None:
    memory = memory_of(stored(lived()))
    assert memory is not None
    engine = Engine({ACCOUNT: Policy()}, at=START, memories={ACCOUNT: memory})
    engine.handle(Restarted(at=START + timedelta(minutes=1)))
    state = engine.state.accounts[ACCOUNT]
    assert state.today.net == Decimal("-121.40")
    assert [lock.rule for lock in state.lockouts.by_key.values()] == ["admin"]


def test_nothing_stored_is_no_memory() -> None:
    assert memory_of({}) is None


def test_a_row_that_no_longer_fits_is_left_out() -> None:
    rows = stored(lived())
    rows["orders"] = {"1": '{"order_id": "x"}'}
    memory = memory_of(rows)
    assert memory is not None
    assert memory.orders.by_id == {}
