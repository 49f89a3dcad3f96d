"""What is left when the power goes: a write-ahead log that ends anywhere, or in rubbish."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from risk_manager.store.database import open_database

AT = datetime(2026, 3, 10, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
PLANS = 24
SAFE_AFTER = 9
"""So many plans are made safe before the rest is committed."""
STEP = 1021
"""Bytes between two ends that are tried: no divisor of a page."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """A database as it lies there while its daemon lives; how long its log was when it was safe, and how long it is."""
    folder = tmp_path_factory.mktemp("living")
    path, copy = folder / "state.db", folder / "copy" / "state.db"
    database = open_database(path)
    safe = 0
    for number in range(1, PLANS + 1):
        rows = database.snapshots.changes(1, {"lockouts": {str(number): {"rule": "r"}}, "timers": {"n": number}}, at=AT)
        database.journal.commit_plan({"number": number}, at=AT, account_id=1, state=rows)
        if number == SAFE_AFTER:
            assert database.flush()
            safe = _log_of(path).stat().st_size
    copy.parent.mkdir()
    shutil.copyfile(path, copy)
    shutil.copyfile(_log_of(path), _log_of(copy))
    database.close()
    return copy, safe, _log_of(copy).stat().st_size


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def plans_after(loss: bytes, at: int, written: Path, folder: Path) -> list[int]:
    """Cut the log at a byte, put rubbish behind it, and start again."""
    path = folder / "state.db"
    shutil.copyfile(written, path)
    shutil.copyfile(_log_of(written), _log_of(path))
    os.truncate(_log_of(path), at)
    with _log_of(path).open("ab") as log:
        log.write(loss)
    database = open_database(path)
    try:
        assert database.set_aside is None, f"cut at {at}: the database passes for broken"
        plans = [one.body["number"] for one in database.journal.entries(since=START) if one.kind == "plan"]
        timers = database.snapshots.load(1, "timers")
        locks = database.snapshots.load(1, "lockouts")
        if plans:
            assert int(timers["n"]) == plans[-1], f"cut at {at}: half a transaction"
            assert locks.keys() == {str(plans[-1])}
        database.journal.commit_plan({"number": 99}, at=AT, account_id=1)
        assert database.flush()
    finally:
        database.close()
    return plans


@pytest.mark.parametrize("loss", ["nothing", "zeros", "rubbish"])
def test_wherever_the_log_ends_a_whole_history_comes_up_with_all_that_was_safe(
    written: tuple[Path, int, int], tmp_path: Path, loss: str
) -> None:
    copy, safe, length = written
    seen: set[int] = set()
    for at in range(0, length, STEP if loss == "nothing" else 7 * STEP):
        rest = length - at
        behind = {"nothing": b"", "zeros": bytes(rest), "rubbish": Random(at).randbytes(rest)}[loss]  # noqa: S311 - it must repeat
        folder = tmp_path / str(at)
        folder.mkdir()
        plans = plans_after(behind, at, copy, folder)
        assert plans == list(range(1, len(plans) + 1)), f"cut at {at}: a hole in the history"
        if at >= safe:
            assert len(plans) >= SAFE_AFTER, f"cut at {at}: something that was safe is gone"
        seen.add(len(plans))
        shutil.rmtree(folder)
    assert loss != "nothing" or seen >= set(range(SAFE_AFTER, PLANS))
