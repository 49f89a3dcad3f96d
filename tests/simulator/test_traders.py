import asyncio
from pathlib import Path

import pytest

from risk_manager.simulator.traders import ScriptUnreadable, Step, play, read_script
from tests.patience import patience
from tests.simulator.client import ACCOUNT, at_the_venue

STORY = """
- {do: place, account: 1001, contract: MNQ, side: buy, type: limit, limit: 23490, name: dip}
- {after: 0.01, do: modify, account: 1001, order: dip, limit: "23480"}
- {after: 0.01, do: price, contract: MNQ, last: 23479, note: it dips}
- {after: 0.01, do: close, account: 1001, contract: MNQ}
"""


async def test_a_script_trades_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    async with at_the_venue() as client:
        hub = await client.user_hub()
        await play(client.venue.stage, read_script(path))
        await hub.event("GatewayUserPosition", lambda event: event["action"] == 2)
        entry = (await client.state())["orders"][0]
        assert (entry["status"], entry["filledPrice"]) == (2, 23479.25)
        assert [entry["deed"] for entry in await client.log("script")] == ["place", "modify", "price", "close"]


async def test_a_script_can_be_json_with_steps(tmp_path: Path) -> None:
    path = tmp_path / "story.json"
    path.write_text('{"steps": [{"after": 1.5, "do": "liquidate", "account": 1001}]}', encoding="utf-8")
    assert read_script(path) == [Step(do="liquidate", after=1.5, values={"account": ACCOUNT})]


@pytest.mark.parametrize("text", ["- {do: sing}", "just words", "- 5", "[: {", "- {do: close, after: soon}"])
def test_a_script_that_cannot_be_played_says_where(tmp_path: Path, text: str) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptUnreadable, match=r"story\.yaml"):
        read_script(path)


async def test_a_step_whose_values_do_not_fit_ends_the_play() -> None:
    async with at_the_venue() as client:
        with pytest.raises(ScriptUnreadable, match="place"):
            async with asyncio.timeout(patience(5)):
                await play(client.venue.stage, [Step(do="place", values={"account": "x"})])
