"""The PyPI package topstep-client-py, unmodified, trades at the played venue."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from risk_manager.simulator.venue import running_venue
from tests.patience import patience

SCRIPT = Path(__file__).parent / "topstep_client_script.py"


async def test_the_python_client_logs_in_subscribes_trades_and_sees_the_events() -> None:
    async with running_venue() as venue:
        program = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), json.dumps(venue.greeting()),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(patience(60)):
            out, err = await program.communicate()
    assert program.returncode == 0, err.decode()
    seen = json.loads(out.splitlines()[-1])
    sizes = [event[0]["data"]["size"] for event in seen["positions"]]
    assert sizes == [2, 0]
    assert seen["order"] in [event[0]["data"]["id"] for event in seen["orders"]]
    assert seen["quotes"][0][0] == seen["contract"]
