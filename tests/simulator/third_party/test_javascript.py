"""The official SignalR client from npm, unmodified, trades at the played venue."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from risk_manager.simulator.venue import running_venue
from tests.patience import patience

SOURCES = Path(__file__).parent / "javascript"
RecordProperty = Any


def installed() -> Path:
    """The client in a folder of its own beside the system's temporary files, made once for each lock file."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    home = Path(tempfile.gettempdir()) / f"risk-manager-node-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (home / "ready").exists():
        home.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, home / name)
        npm = shutil.which("npm")
        assert npm is not None, "Node is here, but npm is not"
        subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=home, check=True, timeout=300, capture_output=True, text=True,
        )  # fmt: skip
        (home / "ready").touch()
    return home


async def test_the_official_client_logs_in_subscribes_trades_and_sees_the_events(
    record_property: RecordProperty,
) -> None:
    node = shutil.which("node")
    if node is None:
        record_property("not tried here", "the official SignalR client from npm: there is no Node")
        return
    home = await asyncio.to_thread(installed)
    environment = os.environ | {"NODE_PATH": str(home / "node_modules")}
    async with running_venue() as venue:
        program = await asyncio.create_subprocess_exec(
            node, str(SOURCES / "trade.js"), json.dumps(venue.greeting()),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment,
        )  # fmt: skip
        async with asyncio.timeout(patience(60)):
            out, err = await program.communicate()
    assert program.returncode == 0, err.decode()
    seen = json.loads(out)
    assert seen["reconnected"]
    assert {event["data"]["status"] for event in seen["orders"]} >= {2, 6}
    assert [event["data"]["size"] for event in seen["positions"]] == [2, 0]
    assert [sorted(event) for event in seen["trades"]] == [["action", "data"]] * 2
    assert {contract for contract, _ in seen["quotes"]} == {seen["contractId"]}
