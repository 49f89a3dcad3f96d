"""What is acknowledged survives the process: a daemon is killed in the middle of its work."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.store.database import open_for_daemon
from tests.patience import patience

SRC = Path(__file__).parents[2] / "src"
START = datetime(2026, 1, 1, tzinfo=UTC)
WORKER = """
import datetime, pathlib, sys
from risk_manager.store.database import open_database, open_for_daemon
at = datetime.datetime(2026, 3, 10, tzinfo=datetime.UTC)
database = {"file": open_for_daemon, "transaction": open_database}[sys.argv[2]](pathlib.Path(sys.argv[1]))
number = 0
while True:
    number += 1
    database.journal.append("event", {"number": number}, at=at)
    rows = database.snapshots.changes(1, {"lockouts": {str(number): {"rule": "r"}}, "timers": {"n": number}}, at=at)
    database.journal.commit_plan({"number": number}, at=at, account_id=1, state=rows)
    database.journal.log_enforcement("proven", {"number": number}, at=at, account_id=1)
    if number % 3 == 0:
        database.writer.wake()
    print(number, flush=True)
"""


@pytest.mark.parametrize("way", ["file", "transaction"])
def test_no_acknowledged_plan_or_step_is_lost_when_the_process_is_killed(tmp_path: Path, way: str) -> None:
    path = tmp_path / "state.db"
    acknowledged = 0
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), way],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SRC)},
    ) as worker:
        assert worker.stdout is not None
        while acknowledged < 200:
            acknowledged = int(worker.stdout.readline())
        worker.kill()
        acknowledged = max([acknowledged, *(int(line) for line in worker.stdout if line.endswith("\n"))])
        worker.wait(timeout=patience(10))
    database = open_for_daemon(path)
    plans = [entry.body["number"] for entry in database.journal.entries(since=START) if entry.kind == "plan"]
    steps = [entry.body["number"] for entry in database.journal.enforcements(limit=100_000)]
    assert database.set_aside is None
    assert plans[:acknowledged] == steps[:acknowledged] == list(range(1, acknowledged + 1))
    assert int(database.snapshots.load(1, "timers")["n"]) in {len(plans), len(plans) + 1}
    assert set(database.snapshots.load(1, "lockouts")) == {str(max(plans))}
    database.close()
