from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.core.events import TradeReported
from risk_manager.daemon.telling.last_known import last_known
from risk_manager.daemon.telling.stored_curves import Course, StoredCurves
from risk_manager.local_api.trading_day import PnlPoint
from risk_manager.store.database import open_in_memory
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.stage import Stage, home_with, loss, play
from tests.daemon.virtual_time import START, LoopClock

COURSE = Course(ACCOUNT, date(2026, 3, 10), (PnlPoint(START, Decimal("-12.50"), Decimal("3.25")),))


def test_what_is_kept_is_read_again_to_the_cent() -> None:
    database = open_in_memory()
    try:
        StoredCurves(database).keep(COURSE, START)
        database.writer.flush()
        assert StoredCurves(database).load() == [COURSE]
    finally:
        database.close()


def test_a_row_that_cannot_be_read_is_left_out_and_the_others_stay() -> None:
    database = open_in_memory()
    try:
        stored = StoredCurves(database)
        stored.keep(COURSE, START)
        stored.keep(Course(8, COURSE.trading_day, ()), START)
        database.writer.flush()
        database.writer.change("UPDATE pnl_curves SET body = :body WHERE account_id = 8", {"body": "{}"})
        assert stored.load() == [COURSE]
    finally:
        database.close()


def test_while_the_daemon_is_down_the_course_that_it_saw_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)
    shown: list[PnlPoint] = []

    async def scene(stage: Stage) -> None:
        await stage.live()
        stage.venue.deliver(TradeReported(at=LoopClock().now(), trade=loss(250)))
        await stage.until(stage.is_quiet)
        shown.extend(stage.daemon.snapshot().accounts[0].pnl_curve)

    play(home, scene)
    snapshot = last_known(home)
    assert snapshot is not None
    assert list(snapshot.accounts[0].pnl_curve[-1:]) == shown[-1:]
    assert shown[-1].realized == Decimal(-250)
