from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest

from risk_manager.core.model.contract import Contract
from risk_manager.core.model.order import OrderSide
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.store.database import Database, open_in_memory
from risk_manager.store.rows import StateRow
from risk_manager.store.snapshots import SEEN, Snapshots
from risk_manager.store.writer import Writer

AT = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)


@pytest.fixture
def database() -> Iterator[Database]:
    opened = open_in_memory()
    yield opened
    opened.close()


def position(net_size: int) -> Position:
    return Position(account_id=1, contract_id="C", net_size=net_size, average_price=Decimal("21000.25"), opened_at=AT)


@dataclass(slots=True)
class Clock:
    since: datetime
    seen: set[int] = field(default_factory=set)


def test_rows_come_back_as_what_they_were(database: Database) -> None:
    trade = Trade(
        trade_id=5, account_id=1, contract_id="C", order_id=7, side=OrderSide.SELL, size=2,
        price=Decimal("0.0000005"), at=AT, realized_pnl=Decimal("-12.50"), fees=Decimal("0.37"),
    )  # fmt: skip
    clock = Clock(AT, {3})
    database.snapshots.save(1, {"trades": {5: trade}, "positions": {"C": position(-2)}, "timers": {"x": clock}}, at=AT)
    assert database.flush()
    assert database.snapshots.load_as(1, "trades", Trade) == {"5": trade}
    assert database.snapshots.load_as(1, "positions", Position) == {"C": position(-2)}
    assert database.snapshots.load_as(1, "timers", Clock) == {"x": clock}


def test_only_what_changed_is_written(database: Database) -> None:
    snapshots = database.snapshots
    rows = {"C": position(1), "D": position(2)}
    assert [row.key for row in snapshots.changes(1, {"positions": rows}, at=AT)] == ["C", "D"]
    assert snapshots.changes(1, {"positions": rows}, at=AT) == []
    assert snapshots.changes(1, {"positions": {"C": position(1), "D": position(2)}}, at=AT) == []
    (changed,) = snapshots.changes(1, {"positions": {**rows, "D": position(3)}}, at=AT)
    assert changed.key == "D"


class Letterbox:
    """Takes what a writer is given."""

    def __init__(self) -> None:
        self.hurried: list[str] = []
        self.unhurried: list[str] = []

    def put(self, rows: list[StateRow]) -> None:
        self.hurried += [row.key for row in rows]

    def put_unhurried(self, rows: list[StateRow]) -> None:
        self.unhurried += [row.key for row in rows]

    def read(self, *_: object) -> list[object]:
        return []


def test_when_the_venue_last_told_is_in_no_hurry_unless_something_else_is_new() -> None:
    letterbox = Letterbox()
    snapshots = Snapshots(cast("Writer", letterbox))
    snapshots.save(1, {"account_state": {SEEN: 1, "loose": 1}}, at=AT)
    assert (letterbox.hurried, letterbox.unhurried) == ([SEEN, "loose"], [])
    snapshots.save(1, {"account_state": {SEEN: 2, "loose": 1}}, at=AT)
    assert (letterbox.hurried, letterbox.unhurried) == ([SEEN, "loose"], [SEEN])
    snapshots.save(1, {"account_state": {SEEN: 2, "loose": 1}}, at=AT)
    assert (letterbox.hurried, letterbox.unhurried) == ([SEEN, "loose"], [SEEN])


def test_a_row_that_was_changed_in_place_is_noticed(database: Database) -> None:
    clock = Clock(AT)
    database.snapshots.changes(1, {"timers": {"x": clock}}, at=AT)
    clock.seen.add(4)
    assert len(database.snapshots.changes(1, {"timers": {"x": clock}}, at=AT)) == 1


def test_a_row_that_is_gone_is_deleted_and_an_unnamed_part_stays(database: Database) -> None:
    snapshots = database.snapshots
    snapshots.save(1, {"positions": {"C": position(1), "D": position(2)}, "timers": {"x": Clock(AT)}}, at=AT)
    snapshots.save(1, {"positions": {"D": position(2)}}, at=AT)
    assert database.flush()
    assert list(snapshots.load(1, "positions")) == ["D"]
    assert list(snapshots.load(1, "timers")) == ["x"]


def test_a_row_that_is_replaced_by_another_is_deleted(database: Database) -> None:
    snapshots = database.snapshots
    snapshots.save(1, {"positions": {"C": position(1)}}, at=AT)
    snapshots.save(1, {"positions": {"D": position(1)}}, at=AT)
    assert database.flush()
    assert list(snapshots.load(1, "positions")) == ["D"]


def test_the_history_of_days_stays(database: Database) -> None:
    snapshots = database.snapshots
    snapshots.save(1, {"daily_pnl": {"2026-03-09": {"gross": "1"}}}, at=AT)
    snapshots.save(1, {"daily_pnl": {"2026-03-10": {"gross": "2"}}}, at=AT)
    assert database.flush()
    assert list(snapshots.load(1, "daily_pnl")) == ["2026-03-09", "2026-03-10"]


def test_accounts_do_not_mix(database: Database) -> None:
    snapshots = database.snapshots
    snapshots.save(1, {"account_state": {"account": {"a": 1}}}, at=AT)
    snapshots.save(2, {"account_state": {"account": {"a": 2}}}, at=AT)
    snapshots.save(1, {"account_state": {}}, at=AT)
    assert database.flush()
    assert snapshots.accounts() == [2]
    assert snapshots.load(2, "account_state") == {"account": '{"a":2}'}


def test_what_was_there_before_a_restart_is_deleted_when_it_is_gone(database: Database) -> None:
    database.snapshots.save(1, {"positions": {"C": position(1)}}, at=AT)
    assert database.flush()
    restarted = type(database.snapshots)(database.writer)
    (row,) = restarted.changes(1, {"positions": {}}, at=AT)
    assert (row.key, row.body) == ("C", None)


def test_nothing_is_written_again_after_a_restart_that_changed_nothing(database: Database) -> None:
    rows = {5: position(1), 6: position(2)}
    database.snapshots.save(1, {"trades": rows}, at=AT)
    assert database.flush()
    restarted = type(database.snapshots)(database.writer)
    assert restarted.changes(1, {"trades": rows}, at=AT) == []
    assert [row.key for row in restarted.changes(1, {"trades": {6: position(2)}}, at=AT)] == ["5"]


def test_a_row_that_no_longer_fits_is_left_out_and_noted(database: Database) -> None:
    database.snapshots.save(1, {"positions": {"C": {"strange": True}, "D": position(2)}}, at=AT)
    assert database.flush()
    assert database.snapshots.load_as(1, "positions", Position) == {"D": position(2)}
    assert [note.split(":")[0] for note in database.snapshots.unreadable] == ["positions 1 C"]


def test_contracts_are_remembered_exactly(database: Database) -> None:
    contract = Contract("CON.F.US.EP.U26", "ESU6", "F.US.EP", Decimal("0.25"), Decimal("12.50"))
    database.snapshots.remember_contract(contract, at=AT)
    database.snapshots.remember_contract(contract, at=AT + timedelta(days=1))
    assert database.flush()
    assert database.snapshots.contracts() == [contract]
