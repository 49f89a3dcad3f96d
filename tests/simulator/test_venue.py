import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.simulator.venue import main, running_venue, serve
from tests.patience import patience
from tests.simulator.client import at_the_venue

ROOT = Path(__file__).parents[2]


async def test_the_same_seed_walks_the_same_prices() -> None:
    walks = []
    for _ in range(2):
        async with at_the_venue(seed=5, switches={"prices_move": True, "quotes_per_second": 500}) as client:
            hub = await client.market_hub()
            walks.append([(await hub.event("GatewayQuote"))[1]["bestBid"] for _ in range(20)])
    assert walks[0] == walks[1]
    assert len(set(walks[0])) > 1


async def test_a_port_in_use_is_an_error() -> None:
    async with running_venue() as venue:
        with pytest.raises(OSError):  # noqa: PT011 - the text differs between systems
            async with running_venue(port=venue.port):
                pass


async def test_the_greeting_tells_all_that_a_client_needs() -> None:
    heard: list[str] = []
    said = asyncio.Event()

    def announce(line: str) -> None:
        heard.append(line)
        said.set()

    serving = asyncio.create_task(serve(announce=announce))
    async with asyncio.timeout(patience(5)):
        await said.wait()
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    greeting = json.loads(heard[0])
    assert list(greeting) == ["api", "user_hub", "market_hub", "username", "api_key", "accounts", "control"]
    assert greeting["user_hub"].startswith(greeting["api"])


def test_a_script_that_is_not_there_ends_the_command_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(script=tmp_path / "none.yaml") == 1
    assert "none.yaml" in capsys.readouterr().err


def test_the_first_line_of_the_program_is_the_greeting() -> None:
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path}
    command = [sys.executable, "-m", "risk_manager.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        greeting = json.loads(program.stdout.readline())
        program.kill()
    assert greeting["api"].startswith("http://127.0.0.1:")
