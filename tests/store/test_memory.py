from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from risk_manager.core.actions import Close, Lock, LockMode, MoveStop
from risk_manager.core.model.account import Account
from risk_manager.core.model.order import Order, OrderSide, OrderStatus, OrderType
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.policy import TOPSTEP_DAY
from risk_manager.core.state.clocks import ConditionClocks
from risk_manager.core.state.enforcements import Aims, Enforcement, Enforcements
from risk_manager.core.state.lockouts import Lockout, Lockouts
from risk_manager.core.state.memory import Memory
from risk_manager.core.state.orders import Orders
from risk_manager.core.state.positions import Fill, Holding, Positions
from risk_manager.core.state.stop_requests import Move, StopRequests
from risk_manager.core.state.trades import Trades
from risk_manager.store.database import Database, open_in_memory
from risk_manager.store.memory import load_memory, parts_of, set_by
from risk_manager.store.snapshots import SEEN

AT = datetime(2026, 3, 10, 14, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def database() -> Iterator[Database]:
    opened = open_in_memory()
    yield opened
    opened.close()


def order(order_id: int, status: OrderStatus) -> Order:
    return Order(
        order_id=order_id, account_id=1, contract_id="C", type=OrderType.STOP, side=OrderSide.SELL, size=2,
        status=status, stop_price=Decimal("20990.25"), tag="x", updated_at=AT,
    )  # fmt: skip


def lived_in() -> Memory:
    """Build a memory of which no part is left at its default."""
    memory = Memory(account=Account(account_id=1, name="Ann", balance=Decimal("50000.10"), can_trade=True), now=AT)
    position = Position(account_id=1, contract_id="C", net_size=-2, average_price=Decimal("21000.25"), opened_at=AT)
    memory.positions = Positions(
        held={"C": Holding(position, 3, 4, AT, Decimal(-5), Decimal("7.50"), Decimal(21000))},
        shown_at={"C": AT},
        unshown={"D": [Fill(AT, 9, -1, closing=True)]},
        unexplained={"E": 2},
        counter=5,
    )
    memory.orders = Orders(own={8, 12})
    memory.orders.learn(order(8, OrderStatus.SUSPENDED), AT - timedelta(seconds=1))
    memory.orders.learn(order(9, OrderStatus.FILLED), AT)
    memory.trades = Trades(own={70})
    for trade_id, pnl in ((70, None), (71, Decimal("-12.50"))):
        trade = Trade(
            trade_id=trade_id, account_id=1, contract_id="C", order_id=9, side=OrderSide.BUY, size=1,
            price=Decimal("21000.25"), at=AT, realized_pnl=pnl, fees=Decimal("0.37"),
        )  # fmt: skip
        memory.trades.learn(trade, TOPSTEP_DAY)
    lock = Lockout(
        rule="r", code="C", mode=LockMode.NO_NEW_RISK, root=None, since=AT, until=None, reason="C measured=1",
        except_roots=frozenset({"ES"}), ceilings={"C": -2},
    )  # fmt: skip
    memory.lockouts = Lockouts({lock.key: lock})
    memory.clocks = ConditionClocks({"no_stop_loss_grace": {"C": AT}})
    memory.enforcements = Enforcements(
        {
            ("r", "C", ""): Enforcement(Aims({("C", 3): 0}, {8: 1}), {lock.key}, Decimal("5.0"), lasting=True),
            ("s", "D", "C"): Enforcement(severity=5),
        },
        {("t", "E", ""): Decimal(1), ("u", "F", ""): None},
    )
    memory.stop_requests = StopRequests({"C": AT}, {8: Move(AT, Decimal("20990.25"), 2)})
    memory.blind_since, memory.vanished, memory.peak_open_total = AT, True, Decimal("7.50")
    return memory


def saved_and_loaded(database: Database, memory: Memory) -> Memory | None:
    database.snapshots.save(1, parts_of(memory), at=AT)
    assert database.flush()
    return load_memory(type(database.snapshots)(database.writer), 1)


def test_a_memory_comes_back_whole(database: Database) -> None:
    assert saved_and_loaded(database, lived_in()) == lived_in()


def test_the_example_leaves_no_part_at_its_default() -> None:
    memory, fresh = lived_in(), Memory(account=Account(account_id=1), now=AT - timedelta(days=1))
    assert [one.name for one in fields(Memory) if getattr(memory, one.name) == getattr(fresh, one.name)] == []


def test_a_new_memory_comes_back_too(database: Database) -> None:
    fresh = Memory(account=Account(account_id=1), now=AT)
    assert saved_and_loaded(database, fresh) == fresh


def test_an_account_that_was_never_saved_has_no_memory(database: Database) -> None:
    assert load_memory(database.snapshots, 1) is None


def test_a_lock_that_was_written_before_anything_else_of_its_account_comes_back_alone(database: Database) -> None:
    memory = lived_in()
    database.snapshots.save(1, {"lockouts": parts_of(memory)["lockouts"]}, at=AT)
    database.writer.flush()

    found = load_memory(database.snapshots, 1)
    assert found is not None
    assert found.lockouts == memory.lockouts
    assert found.now == max(lock.since for lock in memory.lockouts.by_key.values())


def test_a_memory_whose_instants_lay_with_its_other_loose_ends_comes_back_whole(database: Database) -> None:
    parts = dict(parts_of(lived_in()))
    rows = dict(parts["account_state"])
    once = {**msgspec.to_builtins(rows["loose"]), **msgspec.to_builtins(rows.pop(SEEN))}
    database.snapshots.save(1, {**parts, "account_state": {**rows, "loose": once}}, at=AT)
    assert database.flush()
    assert load_memory(type(database.snapshots)(database.writer), 1) == lived_in()


def test_a_picture_without_news_changes_only_what_is_in_no_hurry(database: Database) -> None:
    memory = lived_in()
    database.snapshots.changes(1, parts_of(memory), at=AT)
    later = AT + timedelta(seconds=5)
    memory.now = memory.positions.shown_at["C"] = memory.orders.seen_at[8] = later
    changed = {(row.table, row.key) for row in database.snapshots.changes(1, parts_of(memory), at=later)}
    assert changed == {("account_state", SEEN)}


def test_days_long_past_stay_in_the_table_and_out_of_the_memory(database: Database) -> None:
    memory = lived_in()
    old = Trade(
        trade_id=1, account_id=1, contract_id="C", order_id=1, side=OrderSide.BUY, size=1, price=Decimal(1),
        at=AT - timedelta(days=30), realized_pnl=Decimal(5),
    )  # fmt: skip
    memory.trades.learn(old, TOPSTEP_DAY)
    database.snapshots.save(1, parts_of(memory), at=AT)
    memory.trades.forget_before(AT - timedelta(days=2))
    restored = saved_and_loaded(database, memory)
    assert restored is not None
    assert list(restored.trades.sums) == [date(2026, 3, 10)]
    assert len(database.snapshots.load(1, "daily_pnl")) == 2


def test_only_what_an_event_changed_is_written(database: Database) -> None:
    memory = lived_in()
    database.snapshots.changes(1, parts_of(memory), at=AT)
    memory.now += timedelta(seconds=1)
    memory.orders.learn(order(10, OrderStatus.OPEN), AT)
    changed = {(row.table, row.key) for row in database.snapshots.changes(1, parts_of(memory), at=AT)}
    assert changed == {("orders", "10"), ("account_state", "seen")}


def test_people_can_read_the_tables(database: Database) -> None:
    database.snapshots.save(1, parts_of(lived_in()), at=AT)
    assert database.flush()
    read = database.writer.read
    assert tuple(read("SELECT contract_id, net_size, average_price FROM positions")[0]) == ("C", -2, "21000.25")
    assert tuple(read("SELECT rule, mode, root, until FROM lockouts")[0]) == ("r", "no_new_risk", None, None)
    assert tuple(read("SELECT key, gross, costs FROM daily_pnl")[0]) == ("2026-03-10", "-12.50", "0.74")
    assert tuple(read("SELECT rule, subject FROM timers")[0]) == ("no_stop_loss_grace", "C")
    assert [tuple(row) for row in read("SELECT order_id, status FROM orders")] == [(8, "suspended"), (9, "filled")]
    assert [tuple(row) for row in read("SELECT trade_id, realized_pnl FROM trades")] == [(70, None), (71, "-12.50")]


def test_a_plan_sets_its_own_locks_and_the_stops_that_it_asks_for() -> None:
    memory = lived_in()
    known = next(iter(memory.lockouts.by_key.values()))
    lock = Lock(rule=known.rule, code=known.code, mode=known.mode, until=known.until, root=known.root)
    in_shadow = Lock(rule="shadowy", code="CODE", mode=LockMode.FLAT, until=None)
    assert set_by([Close("C"), lock, in_shadow], memory) == {
        "lockouts": {key: one for key, one in parts_of(memory)["lockouts"].items() if one is known}
    }
    asked = set_by([MoveStop(order_id=8, stop=Decimal(1))], memory)
    assert asked == {"lockouts": {}, "account_state": {"stop_requests": memory.stop_requests}}
